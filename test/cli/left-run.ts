import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { genesis, sealed } from "../../src/store/chain.ts";

/** A run's journal as an earlier process left it. */
export function leftRun(
  state: string,
  run: string,
  outcome: string | undefined,
  more: {
    readonly runbook?: string;
    readonly began?: Date;
    readonly padding?: number;
    readonly records?: readonly (readonly [string, object])[];
  } = {},
): string {
  const folder = join(state, "runs", run);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const time = (more.began ?? new Date(Date.now() - 3 * 3_600_000)).toISOString();
  const pad = "x".repeat(1000);
  const records: readonly (readonly [string, object])[] = [
    ["run.kept", { run }],
    ["run.started", { run, runbook: more.runbook ?? "book", platform: "rig" }],
    ...Array.from({ length: more.padding ?? 0 }, () => ["finding", { run, pad }] as const),
    ...(more.records ?? []),
    ...(outcome === undefined
      ? []
      : [["run.finished", { run, outcome, message: `it is ${outcome}` }] as const]),
  ];
  let prev = genesis;
  const lines = records.map(([type, data], at) => {
    const { line, sum } = sealed(
      JSON.stringify({ v: 1, seq: at + 1, time, mono: at, actor: "ada", host: "ny1", type, data, prev }),
    );
    prev = sum;
    return `${line}\n`;
  });
  const path = join(folder, "journal.ndjson");
  writeFileSync(path, lines.join(""), { mode: 0o600 });
  return path;
}
