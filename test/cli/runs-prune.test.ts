import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deskKey } from "../../src/store/desk.ts";
import { verifyJournal } from "../../src/store/verify-journal.ts";
import { forge } from "./forge.ts";
import { leftRun } from "./left-run.ts";
import { Rig } from "./rig.ts";

// Which runs may be removed, and that each is on record before it goes.

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const id = (number: number): string => `RUN-20200131-1415${String(number).padStart(5, "0")}-3fa9`;
const began = new Date("2020-01-31T14:15:02Z");

const left = (number: number, outcome: string | undefined): string =>
  leftRun(rig.state, id(number), outcome, { began });

const prune = async (...more: readonly string[]) =>
  await rig.run(["runs", "prune", "--older-than", "90d", ...more]);

const runs = (): readonly string[] => readdirSync(join(rig.state, "runs")).toSorted();

test("without consent each is named, and nothing is removed or put on record", async () => {
  left(1, "resolved");
  const { code, stdout, stderr } = await prune();
  expect([code, stderr]).toEqual([3, "dry run: nothing was removed; pass --yes to remove them\n"]);
  expect(stdout).toMatch(new RegExp(`^would remove {2}${id(1)} {2}\\S+ {2}book\n$`));
  expect([runs(), existsSync(join(rig.state, "removed"))]).toEqual([[id(1)], false]);
});

test("a run that has ended goes, after a signed record with the head of its journal", async () => {
  const { head, records } = verifyJournal(left(1, "resolved"), undefined);
  leftRun(rig.state, id(9), "resolved");
  const { code, stdout } = await prune("--yes");
  expect([code, runs()]).toEqual([0, [id(9)]]);
  expect(stdout).toMatch(new RegExp(`^removed {2}${id(1)} {2}`));
  const journal = join(rig.state, "removed", "journal.ndjson");
  expect(verifyJournal(journal, deskKey(rig.state))).toMatchObject({
    verdict: "holds",
    records: 1,
    signed: 1,
  });
  const { type, data } = JSON.parse(readFileSync(journal, "utf8")) as { type: string; data: object };
  expect(type).toBe("run.removed");
  expect(data).toMatchObject({ run: id(1), runbook: "book", outcome: "resolved", records, head, signed: 0 });
  for (const command of [["runs", "verify"], ["runs", "show"], ["resume"]]) {
    const asked = await rig.run([...command, id(1)]);
    expect([asked.code, asked.stdout]).toEqual([2, ""]);
    expect(asked.stderr).toMatch(
      new RegExp(
        `^run ${id(1)} is gone: \\S+ removed it .* UTC \\(book, resolved; 3 records, head ${head}\\)\n$`,
      ),
    );
  }
  expect(await prune("--yes")).toMatchObject({ code: 0, stdout: "" });
});

test("what can go on, is at work or cannot be read stays, and the reason is told", async () => {
  left(1, undefined);
  left(2, "approval-needed");
  left(3, "resolved");
  writeFileSync(
    join(rig.state, "runs", id(3), `${id(3)}.lock`),
    "1 1 x elsewhere pid:[1] 2020-01-31T14:15:02.000Z\n",
  );
  left(4, "resolved");
  forge(left(5, "resolved"), (records) => records.map((one) => ({ ...one, actor: "mallory" })));
  writeFileSync(left(6, "resolved"), "{}\n{}\n", { flag: "a" });
  const { code, stdout } = await prune("--yes", "--json");
  expect(code).toBe(0);
  const rows = stdout
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows.map(({ run, outcome, why }) => [run, outcome, why])).toEqual([
    [id(1), "kept", "it can be resumed"],
    [id(2), "kept", "it can be resumed"],
    [id(3), "kept", "it is in use"],
    [id(4), "removed", undefined],
    [id(5), "removed", undefined],
    [id(6), "kept", expect.stringMatching(/^its journal is unreliable: record 4 /)],
  ]);
  expect(runs()).toEqual([1, 2, 3, 6].map(id));
});

test("a run that vouches for a snapshot stays as long as the snapshot", async () => {
  const path = join(rig.folder, "lav-ir-none-20200131T141502Z-abcdef.tar.gz");
  writeFileSync(path, "");
  const [run, step] = [id(1), { step: "one", section: "steps" }];
  const sealing = {
    snapshot: "lav-ir-none",
    path,
    sha256: "0",
    bytes: 0,
    verdict: "complete",
    custody: "0",
    missing: [],
  };
  const records = [["evidence.sealed", { run, ...step, ...sealing }]] as const;
  leftRun(rig.state, run, "completed", { began, records });
  const kept = await prune("--yes");
  expect(kept.stdout).toContain(`kept  ${run}  `);
  expect(kept.stdout).toContain(
    `: its journal is the proof of ${path}; remove that first: lav-ir snapshot prune\n`,
  );
  rmSync(path);
  expect((await prune("--yes")).stdout).toMatch(new RegExp(`^removed {2}${run} {2}`));
});

test("what cannot be put on record is not removed", async () => {
  left(1, "resolved");
  writeFileSync(join(rig.state, "removed"), "");
  const { code, stdout } = await prune("--yes");
  expect([code, runs()]).toEqual([1, [id(1)]]);
  expect(stdout).toMatch(new RegExp(`^kept {2}${id(1)} {2}.*: .*/removed is a file\n$`));
});

test("what a killed process had begun to remove is gone with the next", async () => {
  mkdirSync(join(rig.state, "runs", `leaving-${id(1)}`, "more"), { recursive: true, mode: 0o700 });
  expect((await rig.run(["runs"])).stdout).toBe("");
  await prune("--yes");
  expect(runs()).toEqual([]);
});

test.each([["90"], [undefined]])("--older-than %s is refused", async (given) => {
  const { code, stderr } = await rig.run([
    "runs",
    "prune",
    ...(given === undefined ? [] : ["--older-than", given]),
  ]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^prune needs --older-than with a duration, such as 90d/),
  ]);
});
