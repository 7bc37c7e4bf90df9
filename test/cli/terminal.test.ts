import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "./rig.ts";
import { ctrlC, down, enter, Screen, type ScreenOptions } from "./screen.ts";

let rig: Rig;
let screens: Screen[] = [];
beforeEach(async () => {
  rig = await Rig.create();
  rig.runbook("book", change);
  rig.server.on("POST /act", 200).on("GET /state", { json: { size: 7 } });
});
afterEach(async () => {
  for (const screen of screens) screen[Symbol.dispose]();
  screens = [];
  await rig[Symbol.asyncDispose]();
});

function open(args: readonly string[], options: ScreenOptions = {}): Screen {
  const screen = new Screen(rig, args, options);
  screens.push(screen);
  return screen;
}

const change = `
title: Act on the market
severity: P1
service: market
steps:
  - { id: act, title: Act, "http.post": { url: "\${service.url}/act", before: "\${service.url}/state" } }
`;
const destructive = change.replace("id: act,", "id: act, effect: destructive,");
const ladder = `
service: market
diagnose:
  - { id: health, title: It answers, "http.get": "\${service.url}/health", expect: status == 200, why: Orders need it }
resolve:
  - rung: first
    title: Restart it
    steps: [{ id: restart, title: Restart, "http.post": "\${service.url}/restart" }]
    verify: { every: 20ms, within: 60ms, hold: 0s }
  - rung: second
    title: Recreate it
    steps: [{ id: recreate, title: Recreate, "http.post": "\${service.url}/recreate" }]
    verify: { every: 20ms, within: 60ms, hold: 0s }
`;

test("what was read stays in sight, in steps and behind the outcome, when all of it is well", async () => {
  const look = '"http.get": "${service.url}/state", finding: "its size is ${json.size}" }';
  rig.runbook(
    "book",
    `service: market\nsteps: [{ title: Look, ${look}]\nafter: [{ title: Look again, ${look}]\n`,
  );
  const { code, text } = await open(["run", "book"]).ended;
  expect(code).toBe(0);
  expect(text).toMatch(/✔ Steps\n +✔ Look: its size is 7\n✔ After\n +✔ Look again: its size is 7\n/);
});

describe("a change is asked for", () => {
  test("with what it does and what is there now; y does it", async () => {
    const screen = open(["run", "book"]);
    await screen.shows("Do it?");
    expect(screen.text()).toContain(`http.post: POST ${rig.server.url}/act`);
    expect(screen.text()).toContain('/state answers 200 {"size":7}');
    expect(screen.text()).toContain("irreversible: no undo request is given (undo:)");
    screen.type(`y${enter}`);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes().length]).toEqual([0, 1]);
    expect(text).toContain("completed: every step completed");
  });

  test.each([
    ["n", `n${enter}`],
    ["Enter alone", enter],
    ["q", `q${enter}`],
  ])("%s is No: exit 3, nothing changed", async (_name, keys) => {
    const screen = open(["run", "book"]);
    await screen.shows("Do it?");
    screen.type(keys);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([3, []]);
    expect(text).toMatch(/^declined after \S+: Act$/m);
  });

  test("anything else is no answer: it is asked again", async () => {
    const screen = open(["run", "book"]);
    await screen.shows("Do it?");
    screen.type(`maybe${enter}`);
    await screen.shows(/maybe is none of the answers\s+\? Do it\?|maybe is none of the answers\s+Do it\?/);
    expect(rig.server.changes()).toEqual([]);
    screen.type(`y${enter}`);
    const { code } = await screen.ended;
    expect([code, rig.server.changes().length]).toEqual([0, 1]);
  });

  test("s skips the step alone; the run waits for a person, and resume asks for it again", async () => {
    rig.runbook("book", `${change}  - { id: tell, title: Tell, "http.post": "\${service.url}/tell" }\n`);
    rig.server.on("POST /tell", 200);
    const screen = open(["run", "book"]);
    await screen.shows(/\/act[^]*s skip this step · q stop \(resume later\)[^]*Do it\?/);
    screen.type(`s${enter}`);
    await screen.shows(/\/tell[^]*Do it\?/);
    screen.type(`y${enter}`);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes().map(({ path }) => path)]).toEqual([3, ["/tell"]]);
    expect(text).toMatch(
      /^declined after \S+: 1 step was skipped by the operator: Act; every other step completed$/m,
    );
    // Not ticked off: nothing was done.
    expect(text).toMatch(/^ *↓ Act: skipped by the operator$/m);
    const resumed = await rig.run(["resume", /next: lav-ir resume (RUN-\S+)/.exec(text)?.[1] ?? "", "--yes"]);
    expect([resumed.code, rig.server.changes().map(({ path }) => path)]).toEqual([0, ["/tell", "/act"]]);
  });

  test("Ctrl-C ends the run: 130, nothing changed, the cursor is back", async () => {
    const screen = open(["run", "book"]);
    await screen.shows("Do it?");
    screen.type(ctrlC);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([130, []]);
    expect(text).toMatch(/interrupted after \S+; next: lav-ir resume RUN-/);
    expect(screen.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(screen.raw.lastIndexOf("\u001b[?25l"));
  });

  test.each<[NodeJS.Signals, number]>([
    ["SIGTERM", 143],
    ["SIGHUP", 143],
    ["SIGINT", 130],
  ])("%s does not wait for the answer: %i, nothing changed", async (signal, wanted) => {
    const screen = open(["run", "book"]);
    await screen.shows("Do it?");
    screen.kill(signal);
    const { code } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([wanted, []]);
  });

  test("keys typed ahead do not answer", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    rig.runbook(
      "book",
      change.replace("steps:", 'steps:\n  - { id: look, "http.get": "${service.url}/slow" }'),
    );
    rig.server.on("GET /slow", async () => {
      await gate;
      return 200;
    });
    const asked = rig.server.arrives("GET /slow");
    const screen = open(["run", "book"]);
    await asked;
    await screen.typeAhead(`y${enter}y${enter}`);
    release();
    await screen.shows("Do it?");
    expect(rig.server.changes()).toEqual([]);
    screen.type(enter);
    const { code } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([3, []]);
  });

  test("production is named", async () => {
    rig.platform("environments: { live: { production: true } }");
    const screen = open(["run", "book", "--env", "live"]);
    await screen.shows("Do it?");
    expect(screen.text()).toContain("on PRODUCTION (rig)");
    screen.type(enter);
    expect((await screen.ended).code).toBe(3);
  });
});

describe("an ask step", () => {
  beforeEach(() => {
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: desk, title: Call the desk, ask: Call the exchange's desk }
  - { id: act, title: Act, "http.post": { url: "\${service.url}/act", json: { by: "\${steps.desk.answer}" } } }
`,
    );
  });

  test("waits until it is ticked off, and hands the answer on", async () => {
    const screen = open(["run", "book", "--yes"]);
    await screen.shows("Call the exchange's desk");
    await screen.shows("(y/N)");
    screen.type(`y${enter}`);
    expect((await screen.ended).code).toBe(0);
    expect(rig.server.changes()[0]?.body).toBe('{"by":"done"}');
  });

  test("that is declined ends the run, nothing after it runs", async () => {
    const screen = open(["run", "book", "--yes"]);
    await screen.shows("(y/N)");
    screen.type(enter);
    const { code } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([3, []]);
  });

  test("with nobody there stops with exit 3", async () => {
    const ended = await rig.run(["run", "book", "--yes"]);
    expect([ended.code, rig.server.changes()]).toEqual([3, []]);
  });
});

test("a checklist at 80x24: killed after a tick and resumed, it asks for the others alone", async () => {
  rig.runbook(
    "book",
    "steps: [{ id: night, title: Night, checklist: { Venues: [Routes are quoted, Orders fill], Desk: [Keys are in the safe] } }]\n",
  );
  const unattended = await rig.run(["run", "book", "--yes"]);
  expect([unattended.code, unattended.stderr]).toEqual([3, expect.stringContaining("no terminal to ask at")]);

  const small = { columns: 80, rows: 24 };
  const first = open(["run", "book", "--yes"], small);
  await first.shows("Venues: Routes are quoted. Done?");
  first.type(`y${enter}`);
  await first.shows("Venues: Orders fill. Done?");
  process.kill(first.pid, "SIGKILL");
  await first.ended;

  const [, run = ""] = /(RUN-\S+)/.exec((await rig.run(["runs"])).stdout) ?? [];
  const second = open(["resume", run], small);
  await second.shows("Venues: Orders fill. Done?");
  expect(second.text()).toContain("1 of 3 ticked off");
  expect(second.text()).not.toContain("Routes are quoted");
  second.type(enter);
  await second.shows("Desk: Keys are in the safe. Done?");
  second.type(`y${enter}`);
  await second.shows("1 tick open:");
  second.type(`${down}${enter}`);
  const { code, text } = await second.ended;
  expect(code).toBe(1);
  expect(text).toContain("1 of 3 left open: Venues: Orders fill");
});

test("a terminal that goes away while a change is under way: it ends, is on record, and the next does not begin", async () => {
  rig.runbook("book", `${change}  - { id: after, title: After, "http.post": "\${service.url}/after" }\n`);
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  rig.server.on("POST /act", async () => {
    await gate;
    return 200;
  });
  const asked = rig.server.arrives("POST /act");
  const screen = open(["run", "book", "--yes"]);
  await asked;
  screen.hangUp();
  // The signal is on its way before the answer is: the program reads both in this order.
  await new Promise((resolve) => setTimeout(resolve, 50));
  release();
  const { code } = await screen.ended;
  expect([code, rig.server.changes().length]).toEqual([143, 1]);
  expect(rig.records().find(({ type }) => type === "step.outcome")?.data).toMatchObject({ status: "ok" });
  expect(rig.records().at(-1)).toMatchObject({ type: "run.finished", data: { outcome: "interrupted" } });
});

test("a terminal that goes away at a question ends the run: nothing changed, and it can be resumed", async () => {
  const screen = open(["run", "book"]);
  await screen.shows("Do it?");
  screen.hangUp();
  const { code } = await screen.ended;
  const last = rig.records().at(-1);
  expect(last).toMatchObject({ type: "run.finished", data: { outcome: "interrupted", exit_code: code } });
  // By the end of its input, or by the signal, whichever is seen first.
  expect([130, 143]).toContain(code);
  expect(rig.server.changes()).toEqual([]);
  const resumed = await rig.run(["resume", "--yes"]);
  expect([resumed.code, rig.server.changes().length]).toEqual([0, 1]);
});

test("what a service answers cannot steer the terminal", async () => {
  rig.runbook(
    "book",
    `
service: market
diagnose: [{ id: look, title: Look, "http.get": "\${service.url}/state", expect: 1 == 2, finding: "\${body}" }]
`,
  );
  rig.server.on("GET /state", { text: "\u001b]0;owned\u0007gone" });
  const { text } = await open(["run", "book"]).ended;
  expect(text).toContain("␛]0;owned␇gone");
});

describe("a destructive step", () => {
  beforeEach(() => void rig.runbook("book", destructive));
  const host = () => new URL(rig.server.url).host;

  test("is done when its word is typed", async () => {
    const screen = open(["run", "book", "--yes"]);
    await screen.shows(`Type ${host()} to do it:`);
    screen.type(`${host()}${enter}`);
    const { code } = await screen.ended;
    expect([code, rig.server.changes().length]).toEqual([0, 1]);
  });

  test.each(["y", "yes", "1"])("%j is not its word: it is asked again, and Enter is No", async (keys) => {
    const screen = open(["run", "book"]);
    await screen.shows(`Type ${host()} to do it:`);
    screen.type(`${keys}${enter}`);
    await screen.shows(`${keys} is none of the answers`);
    screen.type(enter);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([3, []]);
    expect(text).toMatch(/^declined after \S+: /m);
    expect(text).toContain(`: ${host()} was not typed`);
    expect(text).not.toContain("declined: ");
  });
});

describe("a ladder", () => {
  beforeEach(() => void rig.runbook("book", ladder));

  test("shows what each rung came to, the failure in full, and why it matters", async () => {
    rig.server.mendedBy("POST /recreate").on("POST /restart", 200);
    const screen = open(["run", "book", "--yes"]);
    const { code, text } = await screen.ended;
    expect(code).toBe(0);
    expect(text).toContain("It answers: expected status == 200; status is 503");
    expect(text).toContain("Orders need it");
    expect(text).toContain("first: not enough: health: expected status == 200; status is 503");
    expect(text).toContain("second: the findings hold");
    expect(text).toContain("resolved by rung second");
  });

  test("what a change did is said, and the numbers at the end are those of the end", async () => {
    rig.server.mendedBy("POST /restart");
    const screen = open(["run", "book", "--yes"]);
    const { code, text } = await screen.ended;
    expect(code).toBe(0);
    expect(text).toMatch(/Restart: answered 200 after \d+ms/);
    expect(text).toMatch(/^ {2}✔ It answers \(was: expected status == 200; status is 503\)$/m);
  });

  test("what is waited for stands with its last value, the attempt and the time left", async () => {
    const retry = "retry: { until: json.size > 8, every: 20ms, within: 1h }";
    rig.runbook(
      "book",
      `service: market\nsteps: [{ id: w, title: Grow, "http.get": "\${service.url}/state", ${retry} }]`,
    );
    const screen = open(["run", "book"]);
    await screen.shows(/Grow: expected json\.size > 8; json\.size is 7; attempt \d+, (1h|59m\d+s) left/);
    rig.server.on("GET /state", { json: { size: 9 } });
    expect((await screen.ended).code).toBe(0);
  });

  test("asks before each rung's change; declining ends it", async () => {
    rig.server.on("GET /health", 503).on("POST /restart", 200);
    const screen = open(["run", "book"]);
    await screen.shows("/restart");
    await screen.shows("Do it?");
    screen.type(`y${enter}`);
    await screen.shows(/\/recreate[^]*Do it\?/);
    screen.type(enter);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes().map(({ path }) => path)]).toEqual([3, ["/restart"]]);
    expect(text).toMatch(/^⚠ Resolve$/m);
    expect(text).toContain("✖ second: declined: Recreate\n");
  });

  test("r goes on to the next rung, and nothing of this one is changed", async () => {
    rig.server.mendedBy("POST /recreate").on("POST /restart", 200);
    const screen = open(["run", "book"]);
    await screen.shows(/\/restart[^]*r next rung[^]*Do it\?/);
    screen.type(`r${enter}`);
    await screen.shows(/\/recreate[^]*Do it\?/);
    screen.type(`y${enter}`);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes().map(({ path }) => path)]).toEqual([0, ["/recreate"]]);
    expect(text).toContain("↓ first: skipped: Restart: the operator chose the next rung; health: ");
    expect(text).toContain("resolved by rung second");
  });

  test("with every rung passed over nothing was tried, and it does not say that nothing helped", async () => {
    rig.server.on("GET /health", 503);
    const screen = open(["run", "book"]);
    await screen.shows(/\/restart[^]*Do it\?/);
    screen.type(`r${enter}`);
    await screen.shows(/\/recreate[^]*Do it\?/);
    screen.type(`s${enter}`);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([3, []]);
    expect(text).toMatch(
      /^declined after \S+: 2 steps were skipped by the operator: Restart; Recreate: health still not ok$/m,
    );
    expect(text).toMatch(/^ *↓ Nothing was changed$/m);
    expect(text).not.toMatch(/✔ Nothing was changed/);
  });

  test("is not ticked off where no rung was enough", async () => {
    rig.server.on("GET /health", 503).on("POST /restart", 200).on("POST /recreate", 200);
    const { code, text } = await open(["run", "book", "--yes"]).ended;
    expect(code).toBe(1);
    expect(text).toMatch(/^⚠ Resolve$/m);
    expect(text).toMatch(/^ {2}✖ second: not enough: health/m);
  });

  test("with only unknowns a person climbs by typing the rung's name", async () => {
    rig.runbook("book", ladder.replace("expect: status == 200", "expect: json.well"));
    rig.server.on("GET /health", { text: "no JSON" }).on("POST /restart", () => {
      rig.server.on("GET /health", { json: { well: true } });
      return 200;
    });
    const screen = open(["run", "book", "--yes"]);
    await screen.shows("type the name of the rung, first");
    screen.type(`first${enter}`);
    const { code, text } = await screen.ended;
    expect(code).toBe(0);
    expect(text).toContain("resolved by rung first");
  });

  test.each(["y", "second", ""])("and not by typing %j", async (keys) => {
    rig.runbook("book", ladder.replace("expect: status == 200", "expect: json.well"));
    rig.server.on("GET /health", { text: "no JSON" });
    const screen = open(["run", "book", "--yes"]);
    await screen.shows("type the name of the rung, first");
    screen.type(`${keys}${enter}`);
    const { code } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([4, []]);
  });
});

describe("while it runs", () => {
  test("the header has the clock, and after Ctrl-C what a second one would do", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    rig.server.on("POST /act", async () => {
      await gate;
      return 200;
    });
    const asked = rig.server.arrives("POST /act");
    const screen = open(["run", "book", "--yes"]);
    await asked;
    await screen.shows(/\ds elapsed, (1h|59m \d+s) left to respond/);
    expect(screen.text()).toContain("book: Act on the market P1");
    expect(screen.text()).toMatch(/respond within 1h, by \d\d:\d\d:\d\d UTC/);
    screen.type(ctrlC);
    await screen.shows("Ctrl-C again kills it now and leaves its outcome unknown");
    release();
    const { code, text } = await screen.ended;
    expect(code).toBe(130);
    expect(text).not.toContain("elapsed");
    expect(rig.server.count("POST /act")).toBe(1);
  });

  test("a second Ctrl-C ends it now", async () => {
    rig.server.on("POST /act", "hang");
    const asked = rig.server.arrives("POST /act");
    const screen = open(["run", "book", "--yes"]);
    await asked;
    screen.type(ctrlC);
    await screen.shows("Ctrl-C again");
    screen.type(ctrlC);
    const { code, text } = await screen.ended;
    expect(code).toBe(130);
    expect(text).toContain("outcome unknown, may have taken effect: Act");
  });
});

describe("parameters that are missing", () => {
  test("are asked for, again while they do not fit", async () => {
    rig.runbook(
      "book",
      `
service: market
params: { size: { type: integer, min: 1, max: 9, ask: How many } }
steps: [{ "http.get": "\${service.url}/size/\${params.size}" }]
`,
    );
    rig.server.on("GET /size/4", 200);
    const screen = open(["run", "book"]);
    await screen.shows("How many:");
    screen.type(`12${enter}`);
    await screen.shows(/How many, which must be .*:/);
    screen.type(`4${enter}`);
    const { code } = await screen.ended;
    expect([code, rig.server.count("GET /size/4")]).toEqual([0, 1]);
  });

  test("from a list are chosen; Ctrl-C there ends it: nothing ran", async () => {
    rig.runbook(
      "book",
      `
service: market
params: { venue: { enum: [NORTH, SOUTH], ask: Which venue } }
steps: [{ "http.get": "\${service.url}/\${params.venue}" }]
`,
    );
    rig.server.on("GET /SOUTH", 200);
    const screen = open(["run", "book"]);
    await screen.shows("Which venue");
    screen.type(`\u001b[B${enter}`);
    const { code } = await screen.ended;
    expect([code, rig.server.count("GET /SOUTH")]).toEqual([0, 1]);
    const second = open(["run", "book"]);
    await second.shows("Which venue");
    second.type(ctrlC);
    expect((await second.ended).code).toBe(130);
    expect(rig.server.requests).toHaveLength(1);
  });
});

describe("terminals of every kind", () => {
  test.each([
    ["narrow", { columns: 60, rows: 30 }],
    ["short", { columns: 100, rows: 12 }],
    ["both", { columns: 60, rows: 12 }],
  ])("%s: the question and the outcome stand whole", async (_name, size) => {
    rig.runbook("book", ladder);
    rig.server.mendedBy("POST /restart");
    const screen = open(["run", "book"], size);
    await screen.shows("Do it?");
    expect(flat(screen.text())).toContain(flat(`http.post: POST ${rig.server.url}/restart`));
    screen.type(`y${enter}`);
    const { code, text } = await screen.ended;
    expect(code).toBe(0);
    expect(flat(text)).toContain(flat("It answers: expected status == 200; status is 503"));
    expect(text.match(/first: the findings hold/g)).toHaveLength(1);
  });

  test("a dumb one gets lines, and questions all the same", async () => {
    const screen = open(["run", "book"], { env: { TERM: "dumb" } });
    await screen.shows("Do it?");
    screen.type(`y${enter}`);
    const { code, text } = await screen.ended;
    expect(code).toBe(0);
    expect(text).toContain("consent  act: granted (prompt)");
  });

  test("NO_COLOR is without colours", async () => {
    const screen = open(["run", "book", "--yes"], { env: { NO_COLOR: "1" } });
    expect((await screen.ended).code).toBe(0);
    // oxlint-disable-next-line no-control-regex -- the sequences are what it is about
    expect(screen.raw).not.toMatch(/\u001b\[[0-9;]*m/);
  });

  test("--no-input never asks", async () => {
    const screen = open(["run", "book", "--no-input"]);
    const { code, text } = await screen.ended;
    expect([code, rig.server.changes()]).toEqual([3, []]);
    expect(text).toContain("pass --yes");
  });
});

/** Without what wrapping puts in. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

test("a group in which a step failed is marked so, and what it holds stays in sight", async () => {
  const answers = (path: string) => `"http.get": "\${service.url}/${path}", expect: status == 200`;
  rig.runbook(
    "day",
    `
service: market
tolerate: true
steps:
  - { title: Services, steps: [{ title: One answers, ${answers("bad")} }, { title: Another answers, ${answers("well")} }] }
  - { title: By hand, steps: [{ title: The rest, ${answers("well")} }] }
`,
  );
  rig.server.on("GET /bad", 503).on("GET /well", 200);
  const { code, text } = await open(["run", "day"]).ended;
  const shown = text.slice(text.lastIndexOf("Steps"));
  expect([code, shown]).toEqual([
    1,
    expect.stringMatching(/Steps\s+✖ Services\s+✖ One answers[^✔]+✔ Another answers\s+✔ By hand/),
  ]);
});
