import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { write } from "../app/incident/queue.ts";
import { journalOf } from "../incident/journals.ts";
import { asIncidentRecord } from "../../src/events/incident-record.ts";
import { only, Rig, type Ended } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

/** Each record of a journal is written at its own time. */
async function incident(id: string, short: string): Promise<void> {
  for (const { type, data, time } of journalOf(short).records) {
    const record = asIncidentRecord(type, data);
    if (record === undefined) throw new Error(`${type} is no record`);
    const clock = { now: () => new Date(time), monotonic: () => 0 } as Parameters<typeof write>[2] & object;
    await write(rig.state, [record], { id, clock: clock as never });
  }
}

async function stats(...args: readonly string[]): Promise<Ended> {
  return await rig.run(["stats", ...args]);
}

test("figures over the incidents of this machine, and of which one is not known and why", async () => {
  await incident("INC-2026-0001", "P0 s-11:00 a3:12 m60:00 r74:00 p-20:00 k25:00 x90:00");
  await incident("INC-2026-0002", "P0 a17:00 m60:00 x90:00");
  await incident("INC-2026-0003", "P1 a1:00");
  await incident("DRILL-2026-0001", "drillP0 s-1:00 a1:00 r1:00 x2:00");
  mkdirSync(join(rig.state, "incidents", "INC-2026-0004"), { mode: 0o700 });
  const { code, stdout } = await stats();
  expect(code).toBe(0);
  expect(stdout.split("\n")).toEqual([
    "3 incidents; not counted: 1 exercise",
    expect.stringMatching(/^UNREADABLE INC-2026-0004: .*no journal/),
    "",
    "             mean        median      worst                 limit  met   known",
    "Response     7m4s        3m12s       17m INC-2026-0002     1h     2/3   3/3",
    "MTTR         ≥ 1h12m30s  ≥ 1h12m30s  1h25m INC-2026-0001   2h     1/1   2/3",
    "RTO          1h25m       1h25m       1h25m INC-2026-0001   4h     1/1   1/3",
    "RPO          9m          9m          9m INC-2026-0001      15m    1/1   1/3",
    "Stakeholders 25m         25m         25m INC-2026-0001     30m    1/1   1/3",
    "",
    "Not known",
    "  MTTR: a bound, nobody stated the start: INC-2026-0002",
    "  MTTR: still open: INC-2026-0003",
    "  RTO: no record of recovered: INC-2026-0002",
    "  RTO: still open: INC-2026-0003",
    "  RPO: no record of recovery-point: INC-2026-0002",
    "  RPO: still open: INC-2026-0003",
    "  Stakeholders: no record of stakeholders: INC-2026-0002",
    "  Stakeholders: still open: INC-2026-0003",
    "",
  ]);
  for (const line of stdout.split("\n").slice(2, 9)) expect(line.length).toBeLessThanOrEqual(80);
});

test("--json has a line for each figure; --since leaves out what was declared before", async () => {
  await incident("INC-2026-0001", "P0 s-11:00 a3:12 r74:00 x90:00");
  const all = await stats("--json", "--since", "2026-11-30");
  expect(only(all, "incident.stats")).toMatchObject({ counted: ["INC-2026-0001"], drills: [] });
  expect(
    all.lines
      .filter(({ type }) => type === "incident.figure")
      .map(({ figure, mean_ms }) => [figure, mean_ms]),
  ).toEqual([
    ["response", 192_000],
    ["mttr", 5_100_000],
    ["rto", 5_100_000],
    ["rpo", undefined],
    ["stakeholders", undefined],
  ]);
  expect(only(await stats("--json", "--since", "2026-12-01"), "incident.stats")["counted"]).toEqual([]);
  const { code, stderr } = await stats("--since", "lately");
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining("--since lately is neither a day nor a duration"),
  ]);
});

test("a journal that was damaged counts as far as it holds, and is named", async () => {
  await incident("INC-2026-0001", "P0 s-11:00 a3:12");
  const path = join(rig.state, "incidents", "INC-2026-0001", "journal.ndjson");
  writeFileSync(path, "garbage\n", { flag: "a" });
  const { stdout } = await stats();
  expect(stdout).toMatch(
    /^1 incident\nDAMAGED INC-2026-0001: line 4 is not a record; records behind it are not counted\n/,
  );
});

test("of no incident there is nothing to say", async () => {
  const { code, stdout } = await stats();
  expect([code, stdout.split("\n")[0]]).toEqual([0, "0 incidents"]);
});
