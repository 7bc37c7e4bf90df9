import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { verifyJournal } from "../../src/store/verify-journal.ts";
import { deskKey } from "../../src/store/desk.ts";
import { readJournal } from "../../src/store/journal-record.ts";
import { leftRun } from "./left-run.ts";
import { HaltWorld } from "./halt-world.ts";
import { only, Rig, type Ended } from "./rig.ts";

// The disk fills up at each record that a command writes, one after the other. What is said is what is on record.

const preload = fileURLToPath(new URL("preload/full.mjs", import.meta.url));

const sections = `people:
  ada: { name: Ada, logins: [ada], phone: "+44 20 7946 0001" }
  rosa: { name: Rosa, phone: "+44 20 7946 0004" }
channels:
  phone: { call: {} }
severities:
  P0: { name: Critical, page: [phone:rosa] }
`;

const book = `
service: market
diagnose:
  - { id: health, "http.get": "\${service.url}/health", expect: status == 200 }
resolve:
  - rung: again
    steps:
      - { id: one, "http.post": "\${service.url}/one" }
      - { id: two, "http.post": "\${service.url}/two" }
    verify: { findings: all, within: 10ms, every: 10ms, hold: 10ms }
`;

function journals({ state }: Rig): readonly string[] {
  if (!existsSync(state)) return [];
  const names = readdirSync(state, { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith("journal.ndjson")).map((name) => join(state, name));
}

const counted = (rig: Rig): number =>
  journals(rig).reduce((count, path) => count + readJournal(path).length, 0);

/** A platform with an old run, after these commands; the disk fills at record `at` of the last one. */
async function filled(before: readonly (readonly string[])[], command: readonly string[], at: number) {
  const rig = await Rig.create();
  rig.platform(sections).runbook("book", book);
  rig.server.on("GET /health", 500).on("POST /one", 200).on("POST /two", 200);
  leftRun(rig.state, "RUN-20200131-141500001-3fa9", "resolved", { began: new Date("2020-01-31") });
  for (const each of before) expect(await rig.run(each)).toMatchObject({ code: 0 });
  const known = counted(rig);
  const ended = await rig.run(command, { preload, env: { FULL: `any ${at}` } });
  return { rig, ended, written: counted(rig) - known };
}

const said = ({ stdout, stderr }: Ended): string => `${stdout}${stderr}`;

const declared = [["declare", "P0", "x", "--mine"]] as const;

test.each([
  [
    "declare",
    [],
    declared[0],
    /^NOT RECORDED: the disk is full$.*^NOBODY WAS PAGED\. Alert by hand: P0, x$/ms,
  ],
  ["page", declared, ["page", "rosa", "come"], /^NOT RECORDED in INC-\S+: the disk is full$/m],
  ["note", declared, ["note", "hello"], /^NOT RECORDED in INC-\S+: the disk is full$/m],
  ["severity", declared, ["severity", "P1", "less", "--yes"], /^NOT RECORDED in INC-\S+: the disk is full$/m],
  ["cancel", declared, ["cancel", "none", "--yes"], /^NOT RECORDED in INC-\S+: the disk is full$/m],
  [
    "resolve",
    declared,
    ["resolve", "over"],
    /^INC-\S+ is NOT resolved: the resolution could not be recorded: the disk is full$/m,
  ],
  ["prune", [], ["runs", "prune", "--older-than", "1d", "--yes"], /^kept .*: the disk is full$/m],
] as const)("%s: all of it is on record, or none, and that is said", async (_, before, command, wanted) => {
  let at = 1;
  for (; ; at++) {
    const { rig, ended, written } = await filled(before, command, at);
    try {
      for (const path of journals(rig))
        expect(verifyJournal(path, deskKey(rig.state))).not.toHaveProperty("verdict", "changed");
      expect(said(ended)).not.toMatch(/^ +at /m);
      if (!said(ended).includes("disk is full")) {
        expect(ended.code).toBe(0);
        break;
      }
      expect([written, ended.code === 0]).toEqual([0, false]);
      expect(said(ended)).toMatch(wanted);
      // With room again it is as though it had not been tried.
      expect(await rig.run(command)).toMatchObject({ code: 0 });
    } finally {
      await rig[Symbol.asyncDispose]();
    }
  }
  expect(at).toBeGreaterThan(1);
});

test("run: no effect without its intent on record, and the end says what is not known", async () => {
  const command = ["run", "book", "--yes", "--skip-evidence", "a test"];
  let at = 1;
  for (; ; at++) {
    const { rig, ended } = await filled([], command, at);
    try {
      const journal = journals(rig).find((path) => !path.includes("RUN-2020"));
      const records = journal === undefined ? [] : readJournal(journal).records;
      const of = (type: string): number => records.filter((one) => one.type === type).length;
      expect(rig.server.changes().length).toBeLessThanOrEqual(of("step.intent"));
      expect(said(ended)).not.toMatch(/^ +at /m);
      if (!said(ended).includes("disk is full")) break;
      const doubtful = of("step.intent") > of("step.outcome");
      expect([at, ended.code]).toEqual([at, of("run.started") === 0 ? 2 : doubtful ? 4 : 1]);
    } finally {
      await rig[Symbol.asyncDispose]();
    }
  }
  expect(at).toBeGreaterThan(8);
});

test("snapshot: the bundle is sealed, and that its digest is not on record is said", async () => {
  const { rig, ended, written } = await filled([], ["snapshot", "--only", "host.platform"], 1);
  try {
    expect([ended.code, written]).toEqual([0, 0]);
    expect(ended.stderr).toMatch(/^cannot write the journal in \S+: the disk is full$/m);
    const bundle = readdirSync(join(rig.folder, "snapshots")).find((name) => name.endsWith(".tar.gz")) ?? "";
    const verified = await rig.run(["snapshot", "verify", join("snapshots", bundle), "--json"]);
    expect(only(verified, "snapshot.verified")).toMatchObject({
      integrity: "intact",
      journal: { verdict: "absent" },
    });
  } finally {
    await rig[Symbol.asyncDispose]();
  }
});

test("halt: proven whichever record the disk has no room for, and that it is not recorded is said", async () => {
  let at = 1;
  for (; ; at++) {
    await using world = await HaltWorld.create(1);
    const env = { ...world.env(), NODE_OPTIONS: `--import=${preload}`, FULL: `any ${at}` };
    const ended = await world.rig.run(["halt-all", "--reason", "a test", "--yes"], { env });
    expect([ended.code, world.instances[0]?.asked()]).toEqual([0, 1]);
    expect(ended.stdout).toMatch(/^PROVEN: /);
    for (const path of journals(world.rig))
      expect(verifyJournal(path, deskKey(world.rig.state))).not.toHaveProperty("verdict", "changed");
    if (!said(ended).includes("disk is full")) break;
    expect(said(ended)).toMatch(/^NOT RECORDED: .*the disk is full/m);
  }
  expect(at).toBeGreaterThan(2);
});
