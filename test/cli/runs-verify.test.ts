import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { headsFile } from "../../src/store/layout.ts";
import { forge, withData, type Record } from "./forge.ts";
import { only, Rig } from "./rig.ts";

// Whether a run's journal is what was written; and that one which is not is not resumed.

let rig: Rig;
let run: string;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
  rig.server.on("POST /one", 200).on("POST /two", 200);
  const ended = await rig.run(["run", "book", "--yes", "--json"]);
  run = String(only(ended, "run.finished")["run"]);
  expect(ended.code).toBe(0);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const book = `
service: market
steps:
  - { id: one, "http.post": "\${service.url}/one" }
  - { id: two, "http.post": "\${service.url}/two" }
`;

async function verified() {
  const plain = await rig.run(["runs", "verify", run]);
  const json = await rig.run(["runs", "verify", run, "--json"]);
  expect(json.code).toBe(plain.code);
  const { verdict, records, message, signed } = only(json, "run.verified");
  return { code: plain.code, text: plain.stdout.split("\n")[0], row: [verdict, records, signed, message] };
}

/** The run stands as though it had not ended: with its first records alone. */
function cut(count: number): void {
  const lines = readFileSync(rig.journal(), "utf8").split(/(?<=\n)/);
  writeFileSync(rig.journal(), lines.slice(0, count).join(""));
}

/** Where the first change begins. */
const intent = (): number => rig.records().findIndex(({ type }) => type === "step.intent");

test("as it was written: exit 0, with the head to write down", async () => {
  const { length } = rig.records();
  const { code, text, row } = await verified();
  expect([code, text]).toEqual([0, `${run} is intact: ${length} records, signed up to ${length}`]);
  expect(row).toEqual(["holds", length, length, undefined]);
  const { stdout } = await rig.run(["runs", "verify", run]);
  const { sum } = JSON.parse(readFileSync(rig.journal(), "utf8").trimEnd().split("\n").at(-1) ?? "") as {
    sum: string;
  };
  expect(stdout).toContain(`head: ${length} ${sum}\n`);
});

test("cut before its first change: nothing is done again on its word", async () => {
  cut(intent());
  const left = intent() === -1 ? rig.records().length : intent();
  const { code, text } = await verified();
  expect([code, text]).toEqual([
    1,
    `${run} DOES NOT VERIFY: the journal was truncated: record ${left + 1} is signed, but only ${left} records are left`,
  ]);
  const resumed = await rig.run(["resume", run, "--yes"]);
  expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringContaining("cannot be resumed from it")]);
  expect(rig.server.changes()).toHaveLength(2);
});

test("of another run, with its heads: it is not this one's, and nothing goes on from it", async () => {
  const other = await rig.run(["run", "book", "--json"]);
  const waits = String(only(other, "run.finished")["run"]);
  const runs = dirname(dirname(rig.journal()));
  const folders = [run, waits].map((name) => join(runs, name));
  rmSync(folders[1] ?? "", { recursive: true });
  cpSync(folders[0] ?? "", folders[1] ?? "", { recursive: true });
  // Node 22 and later make the folder by the umask.
  chmodSync(folders[1] ?? "", 0o700);
  const says = `it is the journal of ${run}, in the folder of ${waits}`;
  const verify = await rig.run(["runs", "verify", waits]);
  expect([verify.code, verify.stdout.split("\n")[0]]).toEqual([1, `${waits} DOES NOT VERIFY: ${says}`]);
  const resumed = await rig.run(["resume", waits, "--yes"]);
  expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringContaining(says)]);
  expect((await rig.run(["runs"])).stdout).toMatch(new RegExp(`^unreadable +${waits} `, "m"));
});

const failing = (records: readonly Record[]): readonly Record[] =>
  withData(
    records.filter(({ type }) => type !== "run.finished"),
    "step.outcome",
    (data) => ({ ...data, status: "failed" }),
  );

test("rewritten, with every sum made anew: neither believed nor resumed", async () => {
  forge(rig.journal(), failing);
  const { code, row } = await verified();
  expect([code, row[0]]).toEqual([1, "rewritten"]);
  const resumed = await rig.run(["resume", run, "--yes"]);
  expect([resumed.code, resumed.stderr]).toEqual([
    2,
    expect.stringMatching(/: the journal was rewritten: record \d+ differs/),
  ]);
  expect(rig.server.changes()).toHaveLength(2);
});

test("a changed byte is named with its record", async () => {
  writeFileSync(rig.journal(), readFileSync(rig.journal(), "utf8").replace('"seq":3', '"seq":4'));
  expect(await verified()).toMatchObject({
    code: 1,
    text: `${run} DOES NOT VERIFY: record 3 was changed after it was written`,
  });
});

test("without its heads: removed; of format 1: unsigned, exit 4, and resumed as ever", async () => {
  rmSync(headsFile(rig.journal()));
  expect((await verified()).row[0]).toBe("removed");
  forge(rig.journal(), (records) =>
    records
      .filter(({ type }) => type !== "run.finished")
      .map((one) => ({ ...one, v: 1, desk: undefined, boot: undefined })),
  );
  const { code, row } = await verified();
  expect([code, row[0]]).toEqual([4, "unsigned"]);
  expect((await rig.run(["resume", run, "--yes"])).code).toBe(0);
  expect(rig.server.changes()).toHaveLength(2);
  expect((await verified()).row[0]).toBe("holds");
});

test.each([
  [undefined, 0, "holds"],
  [true, 4, "incomplete"],
])("a record of a newer version, must %s: exit %i, %s", async (must, code, verdict) => {
  const lines = readFileSync(rig.journal(), "utf8");
  forge(rig.journal(), (records) => {
    const last = records.at(-1);
    if (last === undefined) throw new Error("no records");
    return [...records, { ...last, type: "run.rewound", data: {}, must }];
  });
  // Only what was added is new: the lines before it are those that were signed.
  expect(readFileSync(rig.journal(), "utf8").startsWith(lines)).toBe(true);
  const found = await verified();
  expect([found.code, found.row[0]]).toEqual([code, verdict]);
});

test("one that nobody knows: exit 2", async () => {
  expect((await rig.run(["runs", "verify", "RUN-1"])).code).toBe(2);
});
