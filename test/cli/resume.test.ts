import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { forgeSigned, withData, type Record } from "./forge.ts";
import { outcome, only, Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const book = `
service: market
params: { size: { type: integer, default: 3 } }
steps:
  - { id: one, title: One, "http.post": { url: "\${service.url}/one", json: { size: "\${params.size}" } } }
  - { id: two, title: Two, "http.post": "\${service.url}/two" }
`;

/** A run whose process was killed while the server held its first change. */
async function killedInFirst(...more: string[]): Promise<void> {
  rig.server.on("POST /one", "hang").on("POST /two", 200);
  const asked = rig.server.arrives("POST /one");
  const started = rig.start(["run", "book", "--yes", ...more]);
  await asked;
  started.kill("SIGKILL");
  await started.ended;
}

/** A run that was interrupted after its first change. */
async function stoppedAfterFirst(...more: string[]): Promise<string> {
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  rig.server.on("POST /two", 200).on("POST /one", async () => {
    await gate;
    return 200;
  });
  const asked = rig.server.arrives("POST /one");
  const started = rig.start(["run", "book", "--yes", "--json", ...more]);
  await asked;
  started.kill("SIGTERM");
  await started.says("stopping");
  release();
  return String(only(await started.ended, "run.finished")["run"]);
}

/** Takes the key out of its intent and makes every sum anew: a record that no build has written. */
const withoutKey = (records: readonly Record[]): readonly Record[] =>
  withData(records, "step.intent", ({ key: _key, ...data }) => data);

const resume = (...more: string[]) => rig.run(["resume", "--yes", "--json", ...more]);

describe("resume", () => {
  test("from an intent that cannot be read: nothing is done on its word", async () => {
    await killedInFirst();
    forgeSigned(rig.journal(), withoutKey);
    const ended = await resume();
    expect([ended.code, rig.server.changes().length]).toEqual([2, 1]);
    expect(only(ended, "error")["message"]).toMatch(
      /journal\.ndjson:6: this step\.intent is malformed; RUN-\S+ cannot be resumed from it$/,
    );
  });

  test("goes on past a record of a newer version, which is kept and verified", async () => {
    const run = await stoppedAfterFirst();
    forgeSigned(rig.journal(), (records) => {
      const [first] = records;
      return first === undefined ? records : [...records, { ...first, type: "run.rewound", data: {} }];
    });
    const ended = await resume(run);
    expect([ended.code, outcome(ended), rig.server.changes().length]).toEqual([0, "completed", 2]);
  });

  test("of a run killed while its change was under way: unknown, not run again", async () => {
    await killedInFirst();
    const ended = await resume();
    expect([ended.code, outcome(ended)]).toEqual([4, "unknown"]);
    expect(only(ended, "run.finished")["message"]).toBe(
      "One: it started before the interruption, and whether it took effect cannot be determined",
    );
    expect(rig.server.changes()).toHaveLength(1);
  });

  test("where the author allowed repetition: sent again with the same key", async () => {
    rig.runbook("book", book.replace("title: One,", "title: One, retry: { every: 20ms, within: 1m },"));
    await killedInFirst();
    rig.server.on("POST /one", 200);
    const ended = await resume();
    expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
    const keys = rig.server.changes().map(({ path, key }) => `${path} ${key}`);
    expect(keys).toHaveLength(3);
    expect(keys[0]).toBe(keys[1]);
  });

  test("keeps what the operator gave, and needs the consent anew", async () => {
    await stoppedAfterFirst("--param", "size=9");
    const without = await rig.run(["resume", "--json"]);
    expect([without.code, outcome(without)]).toEqual([3, "approval-needed"]);
    expect(only(without, "run.started")).toMatchObject({ resumed: true, params: { size: 9 } });
    expect(rig.server.count("POST /two")).toBe(0);
  });

  test("by two at once: the second is refused, and told who has it", async () => {
    await stoppedAfterFirst();
    rig.server.on("POST /two", "hang");
    const asked = rig.server.arrives("POST /two");
    const first = rig.start(["resume", "--yes"]);
    await asked;
    const second = await rig.run(["resume", "--yes"]);
    expect([second.code, second.stdout]).toEqual([2, ""]);
    expect(second.stderr).toMatch(
      new RegExp(
        `^no run is waiting to be resumed\nRUN-\\S+ is in use: process ${first.child.pid} holds \\S+/RUN-\\S+\\.lock since \\S+ \\S+ UTC\n$`,
      ),
    );
    expect(rig.server.count("POST /two")).toBe(1);
  });

  test("of one whose process was in a container that is gone: by a person's word alone", async () => {
    await stoppedAfterFirst();
    rig.server.on("POST /two", 200);
    const [run = ""] = rig.runs();
    const lock = join(rig.state, "runs", run, `${run}.lock`);
    // This process's own number: a process of another namespace has it as well.
    writeFileSync(lock, `${process.pid} 1 gone ${hostname()} pid:[1] 2026-01-31T14:15:02.000Z\n`);
    const refused = await rig.run(["resume", "--yes"]);
    expect([refused.code, rig.server.count("POST /two"), existsSync(lock)]).toEqual([2, 0, true]);
    expect(refused.stderr).toMatch(
      new RegExp(
        `in another pid namespace, .*Make sure that it is gone, then run: lav-ir resume ${run} --take-over\\n$`,
      ),
    );
    const taken = await rig.run(["resume", run, "--yes", "--take-over"]);
    expect([taken.code, rig.server.count("POST /two"), existsSync(lock)]).toEqual([0, 1, false]);
    // Who said that it was gone, and of which process, is on record and signed.
    const said = rig.records().filter(({ type }) => type === "lock.taken");
    expect(said).toMatchObject([
      { data: { file: lock, pid: process.pid, host: hostname(), since: "2026-01-31T14:15:02.000Z" } },
    ]);
    expect((await rig.run(["runs", "verify", run])).stdout).toContain(`${run} is intact: `);
  });

  test("of one that has ended: refused with how it ended", async () => {
    rig.server.on("POST /one", 200).on("POST /two", 200);
    const ended = await rig.run(["run", "book", "--yes", "--json"]);
    const run = String(only(ended, "run.finished")["run"]);
    const again = await rig.run(["resume", run, "--yes"]);
    expect([again.code, again.stdout]).toEqual([2, ""]);
    expect(again.stderr).toBe(`${run} has ended (completed: every step completed); start a new run\n`);
    expect((await rig.run(["resume"])).stderr).toBe("no run is waiting to be resumed\n");
    expect(rig.server.changes()).toHaveLength(2);
  });

  test("of one that there is not", async () => {
    const ended = await rig.run(["resume", "RUN-1"]);
    expect([ended.code, ended.stderr]).toEqual([2, "no run RUN-1; lav-ir runs lists them\n"]);
  });

  test("from a journal that somebody changed: refused, with the record", async () => {
    await stoppedAfterFirst();
    const path = rig.journal();
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace('"type":"step.outcome"', '"type":"step.outcame"'));
    const line = text.split("\n").findIndex((record) => record.includes('"step.outcome"')) + 1;
    const ended = await rig.run(["resume", "--yes"]);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toContain(`${path}:${line}: this record`);
    expect(rig.server.count("POST /two")).toBe(0);
  });

  test("goes on with the text it began with, whatever became of the file", async () => {
    await stoppedAfterFirst();
    rig.runbook("book", book.replace("/two", "/other"));
    const changed = await resume();
    expect([changed.code, rig.server.count("POST /two")]).toEqual([0, 1]);
    rig.runbook("book", book);
    await stoppedAfterFirst();
    rmSync(join(rig.folder, "runbooks", "book.yaml"));
    const gone = await resume();
    expect([gone.code, rig.server.count("POST /two"), rig.server.count("POST /other")]).toEqual([0, 2, 0]);
  });

  test("is refused when what it includes has changed", async () => {
    rig.runbook("part", `\nservice: market\nsteps: [{ id: inner, "http.post": "\${service.url}/three" }]\n`);
    rig.runbook("book", `${book}  - { include: part, section: steps }\n`);
    await stoppedAfterFirst();
    rig.runbook("part", `\nservice: market\nsteps: [{ id: inner, "http.post": "\${service.url}/four" }]\n`);
    const ended = await rig.run(["resume", "--yes"]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /^a runbook that runbooks\/book\.yaml includes has changed since RUN-\S+ started; start a new run\n$/,
    );
    expect(rig.server.changes()).toHaveLength(1);
  });

  test("is refused when the platform has changed, or an address in the environment", async () => {
    await stoppedAfterFirst();
    const elsewhere = await rig.run(["resume", "--yes"], { env: { REDIS_URL: "redis://other:6379" } });
    expect([elsewhere.code, elsewhere.stdout]).toEqual([2, ""]);
    expect(elsewhere.stderr).toContain("an address in the environment has changed");
    rig.platform("production: true");
    const changed = await rig.run(["resume", "--yes"]);
    expect([changed.code, rig.server.count("POST /two")]).toEqual([2, 0]);
  });

  test("is the same run in the same place: from --from, in its environment", async () => {
    rig.platform("environments: { live: { production: true } }");
    rig.runbook("book", `${book}  - { id: three, "http.post": "\${service.url}/three" }\n`);
    rig.server.on("POST /two", "reset").on("POST /three", 200);
    const first = await rig.run(["run", "book", "--from", "two", "--env", "live", "--json"]);
    expect(first.code).toBe(3);
    rig.server.on("POST /two", 200);
    const run = String(only(first, "run.finished")["run"]);
    const ended = await resume(run);
    expect([ended.code, only(ended, "run.started")["environment"]]).toEqual([0, "live"]);
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/two", "/three"]);
  });
});
