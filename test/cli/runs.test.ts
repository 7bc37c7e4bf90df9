import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { declareIncident } from "../store/incident.ts";
import { leftRun as left } from "./left-run.ts";
import { Rig } from "./rig.ts";
import { down, enter, Screen } from "./screen.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook(
    "book",
    `
service: market
steps:
  - { id: one, title: One, "http.post": "\${service.url}/one" }
`,
  );
  rig.server.on("POST /one", 200);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const id = (number: number): string => `RUN-20260131-1415${String(number).padStart(5, "0")}-3fa9`;

function lock(run: string, text: string): void {
  writeFileSync(join(rig.state, "runs", run, `${run}.lock`), text, { mode: 0o600 });
}

describe("lav-ir runs", () => {
  test("lists the newest first, in lines of 80 columns, and says how to go on", async () => {
    left(rig.state, id(1), "resolved");
    left(rig.state, id(2), "approval-needed", {
      runbook: "a-runbook-with-a-name-that-has-no-room-in-the-line",
    });
    left(rig.state, id(3), undefined);
    left(rig.state, id(4), "exhausted");
    const { code, stdout, stderr } = await rig.run(["runs"]);
    expect([code, stderr]).toEqual([0, "next: lav-ir resume RUN\n"]);
    expect(stdout.replaceAll(/ +3h\S*/g, " AGE").replace(/that-ha\S+/, "that-ha…")).toBe(
      [
        `exhausted  ${id(4)} AGE  book, ada`,
        `waits      ${id(3)} AGE  book, ada, killed`,
        `waits      ${id(2)} AGE  a-runbook-with-a-name-that-ha…`,
        `resolved   ${id(1)} AGE  book, ada`,
        "",
      ].join("\n"),
    );
    expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBe(80);
  });

  test("of many shows the newest that ended, and all that wait; --all shows all", async () => {
    left(rig.state, id(0), "interrupted");
    for (let at = 1; at <= 30; at++) left(rig.state, id(at), "resolved");
    const [some, all] = [await rig.run(["runs"]), await rig.run(["runs", "--all"])];
    expect(some.stdout.split("\n")).toHaveLength(22);
    expect(some.stdout).toContain(id(0));
    expect(some.stderr).toBe("10 older: lav-ir runs --all\nnext: lav-ir resume\n");
    expect(all.stdout.split("\n")).toHaveLength(32);
  });

  test("says who is at work, also where that cannot be seen", async () => {
    rig.server.on("POST /one", "hang");
    const asked = rig.server.arrives("POST /one");
    const started = rig.start(["run", "book", "--yes"], { env: { SUDO_USER: "bob" } });
    await asked;
    left(rig.state, id(1), undefined);
    lock(id(1), `7 1 far not-${hostname()} pid:[1] 2026-01-31T14:15:02.000Z\n`);
    const { stdout, stderr } = await rig.run(["runs"]);
    expect(stdout).toMatch(
      /^running {4}RUN-\S+ {2} +\S+ {2}book, bob\nrunning {4}RUN-20260131-\S+ +\S+ {2}book, ada\n$/,
    );
    expect(stderr).toContain(`${id(1)}: process 7 on not-${hostname()} holds `);
    expect(stderr).toContain(`lav-ir resume ${id(1)} --take-over`);
    const rows = (await rig.run(["runs", "--json"])).lines.slice(1);
    expect(rows.map(({ state, holder }) => [state, (holder as { pid: number }).pid])).toEqual([
      ["at_work", started.child.pid],
      ["at_work", 7],
    ]);
    started.kill("SIGKILL");
    await started.ended;
  });

  test("has those of incidents, each once", async () => {
    declareIncident(rig.state, "INC-2026-0001");
    await rig.run(["run", "book", "--yes"]);
    await rig.run(["run", "book"], { env: { SUDO_USER: "root" } });
    const { stdout } = await rig.run(["runs"]);
    expect(stdout.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/^waits {6}RUN-\S+ .*approval-needed, IN…$/),
      expect.stringMatching(/^completed {2}RUN-\S+ .*INC-2026-0001$/),
    ]);
  });

  test("reads the ends of a long journal alone", async () => {
    left(rig.state, id(1), "resolved", { padding: 3000 });
    expect((await rig.run(["runs"])).stdout).toMatch(/^resolved .*book, ada\n$/);
  });

  test("goes on where one cannot be read, and says which", async () => {
    left(rig.state, id(1), "resolved");
    const path = left(rig.state, id(2), "resolved");
    rmSync(path);
    symlinkSync("/dev/zero", path);
    const { code, stdout } = await rig.run(["runs", "--json"]);
    const rows = stdout.trimEnd().split("\n").slice(1);
    expect([code, rows.length]).toEqual([0, 2]);
    expect(JSON.parse(rows[0] ?? "")).toMatchObject({
      run: id(2),
      state: "unreadable",
      message: expect.stringContaining("is a symbolic link to /dev/zero") as string,
    });
  });

  test("a state folder of somebody else, and one with nothing in it", async () => {
    expect((await rig.run(["runs"])).stderr).toBe(`no runs in ${rig.state}\n`);
    mkdirSync(rig.state, { mode: 0o755 });
    mkdirSync(join(rig.state, "runs"), { mode: 0o700 });
    const refused = await rig.run(["runs"]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("is open to others")]);
  });
});

describe("lav-ir runs show", () => {
  test("has steps, verdicts, who consented, files and how to go on", async () => {
    rig.runbook(
      "stops",
      `
title: It stops
service: market
steps:
  - { id: one, title: One, "http.post": "\${service.url}/one" }
  - { id: two, title: Two, "http.post": "\${service.url}/two" }
`,
    );
    rig.server.on("POST /two", 500);
    await rig.run(["run", "stops", "--yes"], { env: { SUDO_USER: "bob" } });
    await rig.run(["run", "stops"], { env: { SUDO_USER: "bob" } });
    const [failed = "", waits = ""] = rig.runs();
    const { code, stdout, stderr } = await rig.run(["runs", "show", failed]);
    expect([code, stderr]).toEqual([0, ""]);
    const [, rest = ""] = stdout.split("\n\n");
    expect(stdout).toMatch(new RegExp(`^${failed} stops: It stops\n`));
    expect(stdout).toMatch(/^began \S+ \S+ UTC by bob on /m);
    const said = rest.replaceAll(/^\d\d:\d\d:\d\d {2}/gm, "").replaceAll(/\n {10}/g, " ");
    expect(said).toContain("started by bob\nconsent one: granted (bob, --yes)\nbegun one: http.post: POST ");
    expect(said).toMatch(/^ok one: One \(\S+\)$/m);
    expect(said).toMatch(/^unknown two: Two: .*500/m);
    expect(stdout).toContain(`journal ${rig.journal().replace(waits, failed)}\n`);
    expect(stdout).toMatch(/^file {4}\S+\.runbook\.yaml$/m);
    expect(stdout).not.toContain("next:");
    expect(stdout.split("\n").filter((line) => line.length > 80 && !/[/]/.test(line))).toEqual([]);
    expect((await rig.run(["runs", "show", waits])).stdout).toMatch(
      new RegExp(`^waits: approval-needed: [^]*\nnext: lav-ir resume ${waits}\n$`, "m"),
    );
  });

  test("as rows: the run, its records, its files", async () => {
    await rig.run(["run", "book", "--yes"]);
    const [run = ""] = rig.runs();
    const { lines } = await rig.run(["runs", "show", run, "--json"]);
    expect(lines.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1])).toEqual([
      "header",
      "run",
      "run.record",
      "run.file",
    ]);
    expect(lines.find(({ record }) => record === "approval")).toMatchObject({
      run,
      data: { decision: "granted", how: "--yes" },
    });
  });

  test("shows nothing behind a record that was changed, and says so", async () => {
    await rig.run(["run", "book", "--yes"]);
    const path = rig.journal();
    writeFileSync(path, readFileSync(path, "utf8").replace('"decision":"granted"', '"decision":"declined"'));
    const { code, stdout, stderr } = await rig.run(["runs", "show", rig.runs()[0] ?? ""]);
    expect([code, stdout.includes("consent")]).toEqual([1, false]);
    expect(stderr).toMatch(
      /^UNRELIABLE: \S+:\d+: this record was changed .*; the records after it are not shown\n$/,
    );
  });

  test("of a run that nobody knows", async () => {
    const { code, stderr } = await rig.run(["runs", "show", "RUN-1"]);
    expect([code, stderr]).toEqual([2, "no run RUN-1; lav-ir runs lists them\n"]);
  });
});

describe("lav-ir resume, without a run's id, when several wait", () => {
  /** Two that stopped for want of a yes. */
  async function two(): Promise<void> {
    for (const _ of [1, 2]) expect((await rig.run(["run", "book"])).code).toBe(3);
  }

  test("is refused with the list by a script", async () => {
    await two();
    const ended = await rig.run(["resume", "--yes"]);
    expect([ended.code, rig.server.changes()]).toEqual([2, []]);
    expect(ended.stderr).toMatch(
      /^several runs are waiting; name one: lav-ir resume RUN\n( {2}RUN-\S+ {2}book by \S+, began \S+ ago: approval-needed\n){2}$/,
    );
  });

  test("asks at a terminal", async () => {
    await two();
    using screen = new Screen(rig, ["resume", "--yes"]);
    await screen.shows("Which run do you want to resume?");
    screen.type(`${down}${enter}`);
    expect((await screen.ended).code).toBe(0);
    const [older = ""] = rig.runs();
    expect(readFileSync(join(rig.state, "runs", older, "journal.ndjson"), "utf8")).toContain('"completed"');
  });
});
