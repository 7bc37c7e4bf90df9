import { readFileSync } from "node:fs";

const folder = new URL("../../docs/examples/", import.meta.url);

export const runbooks = ["api-5xx", "daily-operations", "data-freshness", "db-primary-down"] as const;
export type Runbook = (typeof runbooks)[number];

/** A file of docs/examples. */
export function example(name: Runbook | "platform"): string {
  return withoutSecrets(readFileSync(new URL(`${name}.yaml`, folder), "utf8"));
}

/** Without what the tool does not know yet: secrets of the platform file, and an address that is one secret. */
function withoutSecrets(text: string): string {
  return text
    .replace(/^secrets:\n(?: .*\n)+/m, "")
    .replace("secrets: [SLACK_WEBHOOK]\n", "")
    .replace('"${secrets.SLACK_WEBHOOK}"', '"${platform.services.desk.url}/webhook"');
}
