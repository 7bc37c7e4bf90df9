import { readdirSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { outcome, Rig, type Ended } from "./rig.ts";

const preload = fileURLToPath(new URL("preload/crash.mjs", import.meta.url));
const routes = ["POST /one", "POST /two", "POST /three"];

const book = `
service: market
steps:
  - id: one
    http.post: { url: "\${service.url}/one", undo: { method: DELETE, url: "\${service.url}/one" } }
    save: { order: json.order }
  - id: others
    when: vars.order > 1
    steps:
      - id: two
        http.post: { url: "\${service.url}/two", json: { of: "\${vars.order}", half: "\${steps.one.json.size / 2}" } }
after:
  - id: three
    when: run.outcome == "completed" && steps.two.outcome == "ok"
    http.post: { url: "\${service.url}/three", undo: { method: DELETE, url: "\${service.url}/three" } }
`;

/** A whole number that a double cannot hold, and half of an odd one: a resumed run must have both as they were. */
const order = "9007199254740993";
const body = `{"of":${order},"half":3.5}`;

async function rigOfThree(): Promise<Rig> {
  const rig = await Rig.inside();
  rig.runbook("book", book);
  rig.server.on("POST /one", { text: `{"order":${order},"size":7}` });
  rig.server.on("POST /two", 200).on("POST /three", 200);
  return rig;
}

const counts = (rig: Rig) => routes.map((route) => rig.server.count(route));

/** The records of a run that nothing kills: which of them are intents and outcomes. */
async function recordsOfWhole(): Promise<readonly string[]> {
  await using rig = await rigOfThree();
  const ended = await rig.run(["run", "book", "--yes"]);
  expect([ended.code, counts(rig)]).toEqual([0, [1, 1, 1]]);
  return rig.records().map(({ type }) => type);
}

interface Crash {
  readonly when: "before" | "within" | "after";
  readonly record: number;
}

/** Kills a run there, goes on with it, and holds what came of it against what may. */
async function crashAt({ when, record }: Crash, records: readonly string[]): Promise<void> {
  await using rig = await rigOfThree();
  const args = ["run", "book", "--yes", "--json"];
  const killed = await rig.run(args, { preload, env: { CRASH: `${when} ${record}` } });
  expect(killed.signal).toBe("SIGKILL");
  for (const count of counts(rig)) expect(count).toBeLessThanOrEqual(1);
  const resumed = await rig.run(["resume", "--yes", "--json"]);
  const written = records.slice(0, when === "after" ? record : record - 1);
  if (!written.includes("run.kept")) {
    expect([resumed.code, counts(rig)]).toEqual([2, [0, 0, 0]]);
    expect(resumed.stderr).toMatch(
      /^no run is waiting to be resumed\nRUN-\S+ was recorded but never started; nothing ran\n$/,
    );
  } else if (written.includes("run.finished")) {
    expect([resumed.code, resumed.stderr]).toEqual([2, "no run is waiting to be resumed\n"]);
    expect(counts(rig)).toEqual([1, 1, 1]);
  } else if (written.filter(isIntent).length > written.filter(isOutcome).length) {
    expectDoubt(rig, resumed, written.filter(isIntent).length);
  } else {
    expect([resumed.code, outcome(resumed), counts(rig)]).toEqual([0, "completed", [1, 1, 1]]);
    expect(rig.server.changes().find(({ path }) => path === "/two")?.body).toBe(body);
    expect(undos(rig)).toHaveLength(2);
  }
}

const isIntent = (type: string) => type === "step.intent";
const isOutcome = (type: string) => type === "step.outcome";

/** The last change begun is reported as unknown and left alone; nothing after it runs. */
function expectDoubt(rig: Rig, resumed: Ended, begun: number): void {
  // What comes after the outcome does not change its name.
  expect([resumed.code, outcome(resumed)]).toEqual([4, begun === 3 ? "completed" : "unknown"]);
  expect(counts(rig).slice(0, begun - 1)).toEqual(routes.slice(0, begun - 1).map(() => 1));
  expect(rig.server.count(routes[begun - 1] ?? "")).toBeLessThanOrEqual(1);
  expect(counts(rig).slice(begun)).toEqual(routes.slice(begun).map(() => 0));
  const last = resumed.lines.findLast(
    (line) => line.type === "step.finished" && line["outcome"] !== "skipped",
  );
  expect(last).toMatchObject({ step: ["one", "two", "three"][begun - 1], outcome: "unknown" });
}

function undos(rig: Rig): readonly string[] {
  return readdirSync(dirname(rig.journal())).filter((name) => name.includes("-undo-"));
}

describe("a run that is killed at any record of its journal", () => {
  test("is resumed: each change exactly once, or unknown and left alone", { timeout: 120_000 }, async () => {
    const records = await recordsOfWhole();
    expect(records.filter(isIntent)).toHaveLength(3);
    const crashes: Crash[] = records.flatMap((type, index) => {
      const record = index + 1;
      // Before one is after the one before it, save where something was done in between.
      const between = isOutcome(type) || type === "undo" || record === 1;
      const before: Crash[] = between ? [{ when: "before", record }] : [];
      const torn: Crash[] = isIntent(type) || isOutcome(type) ? [{ when: "within", record }] : [];
      return [...before, ...torn, { when: "after", record }];
    });
    // A few at a time: each is a process that is killed, and a run that goes on with it.
    const problems: string[] = [];
    await Promise.all(
      Array.from({ length: 3 }, async () => {
        for (let crash = crashes.pop(); crash !== undefined; crash = crashes.pop()) {
          const at = `${crash.when} record ${crash.record}, ${records[crash.record - 1]}`;
          await crashAt(crash, records).catch((error: unknown) => problems.push(`${at}: ${String(error)}`));
        }
      }),
    );
    expect(problems).toEqual([]);
  });
});
