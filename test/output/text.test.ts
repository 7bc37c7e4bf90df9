import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import type { RunEvent, RunEventBody } from "../../src/events/run.ts";
import { coloursFor } from "../../src/output/colour.ts";
import { annotationLine } from "../../src/output/github.ts";
import { ndjsonHeader, ndjsonLine, ndjsonNow } from "../../src/output/ndjson.ts";
import { PlainLog } from "../../src/output/plain-log.ts";
import { runLine } from "../../src/output/run-line.ts";
import { seen } from "../../src/output/sanitize.ts";
import { outcomeLines } from "../../src/output/summary.ts";

const none = new Chalk({ level: 0 });
const time = new Date("2026-01-02T03:04:05.006Z");
const place = { step: "act", section: "resolve", rung: "one" } as const;
const step = {
  ...place,
  title: "Act",
  kind: "http.post",
  effect: "change",
  duration_ms: 1500,
  attempts: 1,
} as const;

function told(body: RunEventBody): RunEvent {
  return { time, run: "RUN-1", ...body };
}

const lines = (body: RunEventBody) => new PlainLog(none).lines(told(body));
const inFull = () => new PlainLog(none, (kind, name) => kind === "http.post" && name === "elapsed");

test("with -v what a step of the diagnosis brought stands below its own finding, a duration as one", () => {
  const log = inFull();
  const finished = (name: string, status: number): RunEvent =>
    told({
      type: "step.finished",
      ...step,
      step: name,
      section: "diagnose",
      status: "ok",
      outputs: { status, elapsed: 67.137_934_000_000_09 },
    });
  const finding = (name: string): RunEvent =>
    told({
      type: "finding",
      step: name,
      section: "diagnose",
      title: name,
      status: "ok",
      sentence: `${name} is well`,
    });
  const all = [finished("a", 200), finished("b", 503), finding("b"), finding("a")];
  expect(all.flatMap((event) => log.lines(event))).toEqual([
    "ok       b: b: b is well",
    "         status: 503",
    "         elapsed: 67ms",
    "ok       a: a: a is well",
    "         status: 200",
    "         elapsed: 67ms",
  ]);
});

describe("plain lines", () => {
  test("of a step say how it ended, with why and how long", () => {
    const type = "step.finished";
    expect(lines({ type, ...step, status: "ok" })).toEqual(["ok       act: Act (1.5s)"]);
    expect(lines({ type, ...step, status: "failed", message: "it rejected the request" })).toEqual([
      "FAILED   act: Act: it rejected the request (1.5s)",
    ]);
    expect(lines({ type, ...step, status: "unknown", duration_ms: 0, message: "two\nlines\n" })).toEqual([
      "UNKNOWN  act: Act: two\n         lines",
    ]);
    expect(lines({ type, ...step, status: "skipped", duration_ms: 0, message: "x is false" })).toEqual([
      "skipped  act: Act: x is false",
    ]);
  });

  test("of a diagnosis come from its finding, once", () => {
    const diagnose = { step: "health", section: "diagnose", title: "It answers" } as const;
    const finished = { ...step, ...diagnose, type: "step.finished", status: "failed" } as const;
    expect(lines(finished)).toEqual([]);
    const finding = {
      type: "finding",
      ...diagnose,
      sentence: "status is 503",
      why: "Orders need it",
    } as const;
    expect(lines({ ...finding, status: "failed" })).toEqual([
      "FAILED   health: It answers: status is 503",
      "         why: Orders need it",
    ]);
    expect(lines({ ...finding, status: "ok" })).toEqual(["ok       health: It answers: status is 503"]);
    expect(lines({ ...finding, status: "ok", sentence: "It answers" })).toEqual([
      "ok       health: It answers",
    ]);
  });

  test("with -v have each output, long ones cut", () => {
    const outputs = { status: 200, body: "x".repeat(500), many: "a\nb" };
    const [, status, body, many] = inFull().lines(
      told({ type: "step.finished", ...step, status: "ok", outputs }),
    );
    expect(status).toBe("         status: 200");
    expect(body).toBe(`         body: ${"x".repeat(400)}…`);
    expect(many).toBe("         many: a\n           b");
  });

  test("of a preview name the digest only where it is needed", () => {
    const preview = {
      type: "preview",
      ...place,
      action: "http.post: POST x",
      lines: ["sends"],
      counters: {},
      digest: "d1",
      approve: "c1",
      irreversible: "no way back",
    } as const;
    const shared = [
      "preview  act: http.post: POST x",
      "         sends",
      "         irreversible: no way back",
    ];
    expect(lines({ ...preview, effect: "change" })).toEqual(shared);
    expect(lines({ ...preview, effect: "destructive" })).toEqual([
      ...shared,
      "         to consent without a terminal, within 24h: --approve c1",
    ]);
  });

  test("of the outcome are the last, with the journal", () => {
    const finished = { type: "run.finished", exit_code: 0, duration_ms: 61_000, journal: "/j" } as const;
    expect(outcomeLines({ ...finished, outcome: "resolved", message: "resolved by rung one" }, none)).toEqual(
      ["resolved by rung one in 1m1s", "journal /j"],
    );
    const no = { ...finished, exit_code: 1, outcome: "failed", message: "Act: no", journal: "" } as const;
    expect(outcomeLines(no, none)).toEqual(["failed after 1m1s: Act: no"]);
  });
});

describe("colours", () => {
  const level = (env: Record<string, string>, depth = 0, wanted = true) =>
    coloursFor(depth === 0 ? {} : { isTTY: true, getColorDepth: () => depth }, env, wanted).level;

  test.each<[string, number, Record<string, string>, number, boolean]>([
    ["a pipe", 0, {}, 0, true],
    ["a terminal of 16 colours", 1, {}, 4, true],
    ["of 256", 2, {}, 8, true],
    ["of all", 3, {}, 24, true],
    ["without any", 0, {}, 1, true],
    ["a dumb one", 0, { TERM: "dumb" }, 24, true],
    ["NO_COLOR", 0, { NO_COLOR: "1" }, 24, true],
    ["an empty NO_COLOR, which is none", 3, { NO_COLOR: "" }, 24, true],
    ["NO_COLOR and FORCE_COLOR", 0, { NO_COLOR: "1", FORCE_COLOR: "3" }, 24, true],
    ["FORCE_COLOR in a pipe", 1, { FORCE_COLOR: "1" }, 0, true],
    ["FORCE_COLOR=3 in a pipe", 3, { FORCE_COLOR: "3" }, 0, true],
    ["FORCE_COLOR=0 at a terminal", 0, { FORCE_COLOR: "0" }, 24, true],
    ["--no-color", 0, { FORCE_COLOR: "3" }, 24, false],
  ])("%s: level %i", (_name, wanted, env, depth, asked) => {
    expect(level(env, depth, asked)).toBe(wanted);
  });
});

describe("for programs", () => {
  test("NDJSON: type and time first, whole numbers digit for digit, one line each", () => {
    expect(ndjsonHeader("1.2.3")).toBe('{"type":"header","format":2,"tool":"lav-ir","version":"1.2.3"}\n');
    const rung = told({ type: "rung.started", rung: "one", title: "a\nb" });
    expect(ndjsonLine(runLine(rung))).toBe(
      '{"type":"rung.started","time":"2026-01-02T03:04:05.006Z","run":"RUN-1","rung":"one","title":"a\\nb"}\n',
    );
    const counters = { unread: 9007199254740993n };
    const preview = {
      type: "preview",
      ...place,
      effect: "change",
      action: "",
      lines: [],
      counters,
      digest: "",
      approve: "",
    } as const;
    expect(ndjsonLine(runLine(told(preview)))).toContain('"counters":{"unread":9007199254740993}');
    const row = JSON.parse(ndjsonNow({ type: "snapshot.failed", message: "x", exit_code: 4 })) as {
      type: string;
      time: string;
      message: string;
    };
    expect([row.type, row.message, Number.isNaN(Date.parse(row.time))]).toEqual([
      "snapshot.failed",
      "x",
      false,
    ]);
  });

  test("an annotation cannot be broken out of", () => {
    const line = annotationLine({
      level: "error",
      file: "a,b:c%.yaml",
      line: 3,
      column: 4,
      message: "one\r\n::error::two 100%",
    });
    expect(line).toBe(
      "::error file=a%2Cb%3Ac%25.yaml,line=3,col=4,title=lav-ir::one%0D%0A::error::two 100%25\n",
    );
  });
});

test("what is seen has no control characters, whatever it is in; other values stay", () => {
  const at = new Date(0);
  expect(seen({ a: ["\u001b[2J", 1, null, at], "\u0007": 2n, b: undefined })).toEqual({
    a: ["␛[2J", 1, null, at],
    "␇": 2n,
    b: undefined,
  });
});
