import type { Secret } from "../../secrets/secret.ts";

/** What an Authorization header says for a login. */
export function basic(user: string, password: Secret): string {
  return `Basic ${Buffer.from(`${user}:${password.reveal()}`).toString("base64")}`;
}
