// Where a request goes. It may be one whole secret, a webhook's address: whatever a person reads then has `$NAME`
// and nothing of the address, nor of the host.

import type { Secret } from "../../secrets/secret.ts";

export type Address = string | Secret;

/** As it goes out. */
export function addressOf(url: Address): string {
  return typeof url === "string" ? url : url.reveal();
}

/** As a person reads it. */
export function shownAddress(url: Address): string {
  return typeof url === "string" ? url : `$${url.name}`;
}

/** Whether an argument as it is shown stands for a secret. */
export function standsForSecret(shown: string): boolean {
  return /^\$[A-Z][A-Z0-9_]*$/.test(shown);
}

/** Why nothing can be sent there, in words that complete "the secret NAME …": without any of it. */
export function whyNoAddress(url: string): string | undefined {
  if (/\s/.test(url)) return "has a blank in it, which no URL has";
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return "is not an absolute http or https URL";
  const { username, password } = new URL(url);
  return username === "" && password === "" ? undefined : "contains a login; send it in a header";
}
