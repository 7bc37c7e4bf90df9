import { readFileSync } from "node:fs";

const folder = new URL("../../docs/examples/", import.meta.url);

export const runbooks = ["api-5xx", "daily-operations", "data-freshness", "db-primary-down"] as const;
export type Runbook = (typeof runbooks)[number];

/** A file of docs/examples. */
export function example(name: Runbook | "platform"): string {
  return readFileSync(new URL(`${name}.yaml`, folder), "utf8");
}
