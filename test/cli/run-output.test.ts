import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { outcome, Rig, type Line } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook("book", book);
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const book = `
title: Market is down
severity: P1
service: market
diagnose:
  - { id: health, title: It answers, "http.get": "\${service.url}/health", expect: status == 200, why: Orders need it }
resolve:
  - rung: restart
    title: Restart it
    steps: [{ id: restart, title: Restart, "http.post": "\${service.url}/restart" }]
    verify: { every: 20ms, within: 100ms, hold: 0s }
`;
const escape = String.fromCharCode(27);

describe("--json", () => {
  const required: Readonly<Record<string, readonly string[]>> = {
    "run.started": ["run", "runbook", "title", "digest", "platform", "params", "journal"],
    "step.started": ["run", "step", "section", "title", "kind", "effect", "action"],
    "step.finished": ["run", "step", "section", "outcome", "effect", "duration_ms"],
    finding: ["run", "step", "title", "outcome", "sentence"],
    preview: ["run", "step", "rung", "effect", "action", "lines", "digest"],
    approval: ["run", "step", "rung", "digest", "decision", "how"],
    "rung.started": ["run", "rung", "title"],
    verification: ["run", "rung", "state", "ok", "of", "left_ms", "message"],
    "rung.finished": ["run", "rung", "title", "outcome", "message", "duration_ms"],
    "run.finished": ["run", "outcome", "exit_code", "message", "duration_ms", "journal"],
  };

  test("is a header and then one line an event, with all that the contract names", async () => {
    rig.server.mendedBy("POST /restart");
    const ended = await rig.run(["run", "book", "--yes", "--json"]);
    expect([ended.code, outcome(ended)]).toEqual([0, "resolved"]);
    const [header, ...events] = ended.lines;
    expect(header).toEqual({ type: "header", format: 2, tool: "lav-ir", version: "0.1.0" });
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(Object.keys(required)));
    for (const event of events) {
      expect(event["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Object.keys(event)).toEqual(expect.arrayContaining([...(required[event.type] ?? [])]));
    }
    expect(events.at(-1)).toMatchObject({ type: "run.finished", exit_code: 0 });
  });

  test("every step that started finishes exactly once, with outputs or a failure", async () => {
    rig.server.on("GET /health", 503).on("POST /restart", "reset");
    const { lines, code } = await rig.run(["run", "book", "--yes", "--json"]);
    expect(code).toBe(4);
    const open = new Set<unknown>();
    for (const line of lines) {
      if (line.type === "step.started") open.add(line["step"]);
      if (line.type !== "step.finished") continue;
      expect(open.delete(line["step"])).toBe(true);
      expect(outputsOrFailure(line)).toBe(true);
    }
    expect(open.size).toBe(0);
  });

  function outputsOrFailure(line: Line): boolean {
    return line["outputs"] !== undefined || line["failure"] !== undefined;
  }

  test("nothing else comes to stdout, not even an annotation", async () => {
    rig.runbook("bad", "diagnos: []\n");
    const ended = await rig.run(["run", "bad", "--json"], { env: { GITHUB_ACTIONS: "true" } });
    expect([ended.code, ended.lines.map(({ type }) => type)]).toEqual([2, ["error"]]);
    const lint = await rig.run(["lint", "--json", "runbooks"], { env: { GITHUB_ACTIONS: "true" } });
    expect(lint.code).toBe(2);
    expect(lint.lines.map(({ type, path, outcome }) => [type, path, outcome])).toEqual([
      ["header", undefined, undefined],
      ["lint", "runbooks/bad.yaml", "failed"],
      ["lint", "runbooks/book.yaml", "ok"],
      ["lint.finished", undefined, undefined],
    ]);
  });
});

describe("as text", () => {
  test("progress goes to stderr, the outcome to stdout", async () => {
    rig.server.mendedBy("POST /restart");
    const ended = await rig.run(["run", "book", "--yes"]);
    expect(ended.stdout).toMatch(/^resolved by rung restart in \S+\njournal \S+\n$/);
    expect(ended.stderr).toContain("book: Market is down P1\n");
    expect(ended.stderr).toContain("respond within 1h, by ");
    expect(ended.stderr).toContain("FAILED   health: It answers: expected status == 200; status is 503\n");
    expect(ended.stderr).toContain("         why: Orders need it\n");
    expect(ended.stderr).toContain("preview  restart: http.post: POST ");
    expect(ended.stderr).toContain("consent  restart: granted (--yes)\n");
    expect(ended.stderr).toContain("rung     restart held: the findings hold\n");
  });

  test("-q leaves the outcome alone; -v adds each step's outputs", async () => {
    rig.server.on("GET /health", { text: "all well" });
    const quiet = await rig.run(["run", "book", "-q"]);
    expect([quiet.code, quiet.stderr]).toEqual([0, ""]);
    expect(quiet.stdout).toContain("healthy: every finding is ok");
    const verbose = await rig.run(["run", "book", "-v"]);
    expect(verbose.stderr).toContain("         body: all well\n");
  });

  test("what a service answers cannot flood the terminal", async () => {
    rig.runbook("book", `${book.replace("expect:", 'finding: "${body}", expect:')}`);
    rig.server.on("GET /health", { text: "y".repeat(100_000) });
    const ended = await rig.run(["run", "book"]);
    expect(ended.stderr).toContain("y… (95904 characters more)");
    expect(ended.stderr.length).toBeLessThan(5000);
  });

  test("what a service answers cannot steer the terminal", async () => {
    rig.runbook("book", `${book.replace("expect:", 'finding: "${body}", expect:')}`);
    rig.server.on("GET /health", { text: `${escape}[2Jgone\u009b31m` });
    const ended = await rig.run(["run", "book", "-v"]);
    expect(ended.stderr).toContain("gone");
    expect(ended.stderr).not.toContain(escape);
    expect(ended.stderr).not.toContain("\u009b");
  });
});

describe("colours", () => {
  const coloured = async (env: Record<string, string>, ...more: string[]) => {
    rig.server.on("GET /health", 200);
    const { stdout, stderr } = await rig.run(["run", "book", ...more], { env });
    return [stdout.includes(escape), stderr.includes(escape)];
  };

  test("none in a pipe; on both streams with FORCE_COLOR; never with NO_COLOR or --no-color", async () => {
    expect(await coloured({})).toEqual([false, false]);
    expect(await coloured({ FORCE_COLOR: "1" })).toEqual([true, true]);
    expect(await coloured({ FORCE_COLOR: "0" })).toEqual([false, false]);
    expect(await coloured({ FORCE_COLOR: "1", NO_COLOR: "1" })).toEqual([false, false]);
    expect(await coloured({ FORCE_COLOR: "1" }, "--no-color")).toEqual([false, false]);
    expect(await coloured({ FORCE_COLOR: "1" }, "--json")).toEqual([false, false]);
  });
});

describe("for CI", () => {
  test("--junit writes every step as a case", async () => {
    rig.server.on("GET /health", 503).on("POST /restart", 200);
    const ended = await rig.run(["run", "book", "--yes", "--junit", "report.xml"]);
    expect(ended.code).toBe(1);
    const xml = readFileSync(join(rig.folder, "report.xml"), "utf8");
    expect(xml).toContain('<testsuite name="book" tests="2" failures="1" errors="0" skipped="0"');
    expect(xml).toContain('classname="book.restart"');
  });

  test("a report that cannot be written is refused before anything runs", async () => {
    const ended = await rig.run(["run", "book", "--yes", "--junit", "none/report.xml"]);
    expect([ended.code, ended.stdout]).toEqual([2, ""]);
    expect(ended.stderr).toContain("cannot write the report none/report.xml");
    expect(rig.server.requests).toEqual([]);
  });

  test("a report that becomes unwritable makes of 0 a 1; any other code says more", async () => {
    rig.server.on("GET /health", 200);
    const healthy = await rig.run(["run", "book", "--junit", "/dev/full"]);
    expect([healthy.code, healthy.stdout]).toEqual([1, expect.stringContaining("healthy")]);
    rig.server.on("GET /health", 503);
    const stopped = await rig.run(["run", "book", "--junit", "/dev/full"]);
    expect(stopped.code).toBe(3);
    const planned = await rig.run(["run", "book", "--dry-run", "--junit", "/dev/full"]);
    expect(planned.code).toBe(1);
    const checked = await rig.run(["lint", "runbooks/book.yaml", "--junit", "/dev/full"]);
    expect(checked.code).toBe(1);
    for (const { stderr } of [healthy, stopped, planned, checked])
      expect(stderr.match(/cannot write the report \/dev\/full/g)).toHaveLength(1);
  });

  test("--dry-run --junit has a case a planned step, in the rung it stands in", async () => {
    const ended = await rig.run(["run", "book", "--dry-run", "--junit", "report.xml"]);
    expect(ended.code).toBe(0);
    const xml = readFileSync(join(rig.folder, "report.xml"), "utf8");
    expect(xml).toContain('<testsuite name="book" tests="2" failures="0" errors="0" skipped="0"');
    expect(xml).toContain('<testcase name="health: It answers" classname="book.diagnose" time="0.000"/>');
    expect(xml).toContain('classname="book.restart"');
    expect(rig.server.requests).toEqual([]);
  });

  test("--dry-run --junit has one failed case where there is no plan", async () => {
    rig.runbook("bad", "service: market\nsteps: [{ 'http.got': x }]\n");
    const ended = await rig.run(["run", "bad", "--dry-run", "--junit", "report.xml"]);
    expect(ended.code).toBe(2);
    const xml = readFileSync(join(rig.folder, "report.xml"), "utf8");
    expect(xml).toContain('<testsuite name="bad" tests="1" failures="1"');
    expect(xml).toMatch(
      /<testcase name="bad" classname="dry-run" time="0.000"><failure message="runbooks\/bad.yaml:\d+:\d+: /,
    );
  });

  test("GitHub Actions gets an annotation beside the line", async () => {
    rig.runbook("bad", `service: market\nsteps: [{ "http.got": x }]\n`);
    const env = { GITHUB_ACTIONS: "true" };
    for (const args of [["lint"], ["run", "bad", "--dry-run"]]) {
      const ended = await rig.run(args, { env });
      expect(ended.code).toBe(2);
      expect(ended.stderr + ended.stdout).toContain(
        "::error file=runbooks/bad.yaml,line=3,col=11,title=lav-ir::http.got is not a kind of step",
      );
    }
  });

  test("lint --junit names each file", async () => {
    rig.runbook("bad", "diagnos: []\n");
    const ended = await rig.run(["lint", "--junit", "lint.xml"]);
    expect(ended.code).toBe(2);
    const xml = readFileSync(join(rig.folder, "lint.xml"), "utf8");
    expect(xml).toContain('<testcase name="runbooks/book.yaml"');
    expect(xml).toMatch(/<testcase name="runbooks\/bad\.yaml"[^>]*><failure message="/);
  });
});

describe("list, show and schema", () => {
  test("list has each runbook, and one that cannot be used with why", async () => {
    rig.runbook("bad", "diagnos: []\n");
    const { stdout, code } = await rig.run(["list"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^book +P1 {2}market +Market is down$/m);
    expect(stdout).toMatch(/^bad .*runbooks\/bad.yaml:1:1: this runbook does nothing/m);
    const { lines } = await rig.run(["list", "--json"]);
    expect(lines.find((line) => line["runbook"] === "book")).toMatchObject({
      type: "runbook",
      severity: "P1",
      service: "market",
      title: "Market is down",
    });
  });

  test("show prints the plan, --by-hand the plain commands", async () => {
    const { stdout } = await rig.run(["show", "book"]);
    expect(stdout).toContain("resolve (a ladder");
    const byHand = await rig.run(["show", "book", "--by-hand"]);
    expect(byHand.stdout).toContain(`${rig.server.url}/restart`);
    expect(byHand.stdout).toContain("curl");
    expect(rig.server.requests).toEqual([]);
  });

  test("schema is JSON", async () => {
    const { stdout, code } = await rig.run(["schema"]);
    expect([code, (JSON.parse(stdout) as { type: string }).type]).toEqual([0, "object"]);
  });
});

describe("where the record goes", () => {
  test("a state folder that cannot be made: exit 2, nothing ran", async () => {
    writeFileSync(join(rig.folder, "file"), "");
    const ended = await rig.run(["run", "book", "--yes", "--state-dir", "file"]);
    expect([ended.code, ended.stdout, rig.server.requests]).toEqual([2, "", []]);
    expect(ended.stderr).toMatch(
      /^cannot write a journal in file: a part of its path is a file: \S+\/file is a file\nNothing ran\./,
    );
  });

  test("--state-dir goes before the environment", async () => {
    rig.server.on("GET /health", 200);
    const ended = await rig.run(["run", "book", "--state-dir", "other"]);
    expect(ended.code).toBe(0);
    expect(existsSync(join(rig.folder, "other", "runs"))).toBe(true);
    expect(existsSync(rig.state)).toBe(false);
  });

  test("a reader of stdout that goes away does not stop the run: its end is on record, and exit 1 says the rest", async () => {
    rig.server.mendedBy("POST /restart");
    const started = rig.start(["run", "book", "--yes", "--json"]);
    started.child.stdout?.destroy();
    const ended = await started.ended;
    expect([ended.code, ended.stderr]).toEqual([1, "cannot write the output: its reader closed the pipe\n"]);
    expect(rig.server.count("POST /restart")).toBe(1);
    expect(rig.records().at(-1)).toMatchObject({ type: "run.finished", data: { outcome: "resolved" } });
  });
});
