import type { CollectorRow, RedactionRow, SnapshotRow } from "./rows.ts";
import { schemaVersion } from "./rows.ts";

/** A bag comes from anywhere: a row counts only when each field that is shown of it is what it should be. */
type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const number: Check = (value) => typeof value === "number" && Number.isFinite(value);
const textOrNull: Check = (value) => value === null || text(value);
const list =
  (one: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(one);

function fields(checks: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    const held = new Map<string, unknown>(Object.entries(value));
    return Object.entries(checks).every(([name, check]) => check(held.get(name)));
  };
}

const facts: ReadonlyMap<unknown, Check> = new Map([
  ["clock", fields({ source: text, ahead: number, uncertainty: number })],
  ["measure", fields({ chart: text, name: text, value: number, unit: text })],
  ["event", fields({ time: text, source: text, text })],
  ["finding", fields({ text })],
  ["missing", fields({ what: text, why: text })],
]);

const snapshot = fields({
  schema: (value) => value === schemaVersion,
  name: text,
  incident: textOrNull,
  actor: text,
  host: text,
  since: text,
  started: text,
  took: number,
  clockStep: number,
  platform: text,
  environment: textOrNull,
  leftOut: list(text),
  verdict: (value) => value === "complete" || value === "partial",
  missing: list(fields({ collector: text, what: text, why: text })),
  facts: list((fact) => facts.get((fact as { readonly type?: unknown } | null)?.type)?.(fact) === true),
  salvaged: textOrNull,
});

const collector = fields({
  id: text,
  summary: text,
  status: text,
  mono: fields({ started: number, ended: number }),
  kept: number,
  files: list(fields({ path: text, kept: number })),
});

const redaction = fields({ file: text, token: text, count: number });

export function isSnapshotRow(row: unknown): row is SnapshotRow {
  return snapshot(row);
}

export function isCollectorRow(row: unknown): row is CollectorRow {
  return collector(row);
}

export function isRedactionRow(row: unknown): row is RedactionRow {
  return redaction(row);
}
