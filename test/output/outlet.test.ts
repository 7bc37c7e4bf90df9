// faults 0.10: everything that reaches a terminal goes one way: without secrets, and without what steers one.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pieces } from "../base/nasty.ts";
import { Rig } from "../cli/rig.ts";
import { enter, Screen, type ScreenOptions } from "../cli/screen.ts";

let rig: Rig;
let screens: Screen[] = [];
beforeEach(async () => void (rig = await Rig.inside()));
afterEach(async () => {
  for (const screen of screens) screen[Symbol.dispose]();
  screens = [];
  await rig[Symbol.asyncDispose]();
});

function open(args: readonly string[], options: ScreenOptions = {}): Screen {
  const screen = new Screen(rig, args, { env: { EMERGENCY_TOKEN: canary }, ...options });
  screens.push(screen);
  return screen;
}

const canary = "canary-0123456789abcdef";
const hostile = `x${pieces.filter((one) => one !== "\u0000").join("y")}z ${canary}`;

interface Written {
  readonly raw: string;
  text(): string;
}

/** What reached the terminal, without our own colours and what drawing takes. */
function stray({ raw }: Written): string {
  return (
    raw
      // oxlint-disable-next-line no-control-regex -- the sequences are what it is about
      .replaceAll(/\u001b\[(?:\d{0,3}(?:;\d{1,3})*m|\d*[ABCDEFGJK]|\?25[hl])|\r/g, "")
      .replaceAll("[2J", "")
  );
}

// oxlint-disable-next-line no-control-regex -- it is what it is about
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u202e\u2066\ufeff]/;

function expectClean(written: Written): void {
  expect(stray(written)).not.toMatch(steering);
  // oxlint-disable-next-line no-control-regex -- it is what it is about
  expect(written.raw).not.toMatch(/\u001b\[2J|\u001b\[8m/);
  expect(written.text().replaceAll(/\s/g, "")).not.toContain(canary);
}

/** What a command that draws nothing and asks nothing writes where it finds a terminal. */
async function shown(args: readonly string[]): Promise<Written> {
  const { stdout, stderr } = await rig.run(args, { env: { EMERGENCY_TOKEN: canary }, shown: true });
  const raw = `${stdout}${stderr}`;
  return { raw, text: () => stray({ raw, text: () => raw }) };
}

describe("faults 0.10: the word to type at a question", () => {
  const book = `
service: market
secrets: [EMERGENCY_TOKEN]
steps:
  - { id: look, title: Look, "http.get": "\${service.url}/word" }
  - { id: act, title: Act, effect: destructive, "venues.disable": { url: "\${service.url}", token: "\${secrets.EMERGENCY_TOKEN}", venues: ["\${steps.look.json.word}"] } }
`;
  const venuesOf = (word: string): void => {
    const venues = [word, "BOREAL", "CYGNUS"].map((venue) => {
      return { venue, status: "up", disabled: false, market: "open", halted: false, open_orders: 0 };
    });
    rig.server.on("GET /word", { json: { word } }).on("GET /api/venues", { json: venues });
  };
  beforeEach(() => void rig.runbook("book", book));

  test.each([
    ["a sequence for the clipboard", "\u001b]52;c;cm0gLXJmIC8=\u0007"],
    ["a line turned around", "abc\u202edef"],
    ["the emergency token", canary],
    ["more than can be typed", "w".repeat(400)],
    ["a name of two lines", "one\ntwo"],
  ])("%s is never asked for, the digest's beginning is", async (_name, word) => {
    venuesOf(word);
    const screen = open(["run", "book"]);
    await screen.shows(/Type [0-9a-f]{8} to do it:/);
    expectClean(screen);
    screen.type(enter);
    expect((await screen.ended).code).toBe(3);
    expectClean(screen);
    expect(rig.server.changes()).toEqual([]);
  });

  test("what the digest stands for is done when it is typed", async () => {
    venuesOf("a\u200bb");
    rig.server.on("GET /api/venues/a%E2%80%8Bb/orders", { json: [] }).on("POST /api/venues/disabled", 200);
    const screen = open(["run", "book"]);
    await screen.shows(/Type [0-9a-f]{8} to do it:/);
    const [, word = ""] = /Type ([0-9a-f]{8}) to/.exec(screen.text()) ?? [];
    screen.type(`${word}${enter}`);
    await screen.ended;
    expect(rig.server.changes()).toHaveLength(1);
  });
});

describe("faults 0.10: whatever a file, an answer or an argument holds", () => {
  const json = JSON.stringify(hostile);

  test("a run at a terminal shows none of it as it is", async () => {
    rig.server.on("GET /state", { json: { a: hostile } });
    rig.runbook(
      "book",
      `
service: market
diagnose:
  - { id: look, title: Look, "http.get": "\${service.url}/state", expect: json.a == "no", finding: "It says \${json.a}" }
`,
    );
    const screen = open(["run", "book", "-v"]);
    expect((await screen.ended).code).toBe(1);
    expectClean(screen);
  });

  test("a question does not, nor its choices", async () => {
    rig.server.on("GET /state", { json: { a: hostile } });
    rig.runbook(
      "book",
      `
service: market
steps:
  - { id: look, "http.get": "\${service.url}/state" }
  - { id: desk, title: Desk, ask: { question: "It says \${steps.look.json.a}", choices: ["a", "\${steps.look.json.a}"] } }
`,
    );
    const screen = open(["run", "book"]);
    await screen.shows("❯ a");
    expectClean(screen);
    screen.type(enter);
    await screen.ended;
    expectClean(screen);
  });

  const commands: readonly (readonly [string, readonly string[]])[] = [
    ["run --dry-run", ["run", "args", "--dry-run"]],
    ["show", ["show", "args"]],
    ["show --by-hand", ["show", "args", "--by-hand"]],
    ["list", ["list"]],
    ["lint", ["lint", "runbooks"]],
    ["list --json", ["list", "--json"]],
    ["run --dry-run --json", ["run", "args", "--dry-run", "--json"]],
    ["an unknown command", [hostile]],
    ["an unknown option", ["list", `--${hostile}`]],
    ["an unknown runbook", ["run", hostile]],
    ["an unknown parameter", ["run", "args", "--param", `${hostile}=1`]],
    ["a value that does not fit", ["run", "args", "--param", `n=${hostile}`]],
    ["an unknown environment", ["run", "args", "--env", hostile]],
    ["a platform file that is not there", ["run", "args", "--config", hostile]],
    ["a snapshot that is not there", ["snapshot", "show", hostile]],
    ["a request that is not there", ["approve", hostile]],
  ];
  beforeEach(() => {
    rig.runbook(
      "args",
      `
title: "Of ${canary}"
service: market
params: { n: { type: integer, default: 1 } }
steps: [{ id: act, title: Act, "http.post": { url: "\${service.url}/act", json: { a: ${json} } } }]
`,
    );
    rig.runbook("titled", `title: ${json}\nservice: market\nsteps: [{ "http.get": "\${service.url}/" }]\n`);
  });

  test.each(commands)("%s", async (_name, args) => {
    const written = await shown(args);
    expect(written.text()).not.toBe("");
    expectClean(written);
  });

  test.each(commands.filter(([name]) => ["run --dry-run", "an unknown command"].includes(name)))(
    "%s, at a terminal that is one",
    async (_name, args) => {
      const screen = open(args);
      await screen.ended;
      expect(screen.text()).not.toBe("");
      expectClean(screen);
    },
  );

  test("a bug's own message", async () => {
    const screen = new Screen(rig, [], {
      env: { EMERGENCY_TOKEN: canary, LAV_BUG: hostile },
      command: [
        process.execPath,
        "--import",
        new URL("../cli/preload/hostile-bug.mjs", import.meta.url).pathname,
        new URL("../../bin/lav-ir.js", import.meta.url).pathname,
        "list",
      ],
    });
    screens.push(screen);
    const { code, text } = await screen.ended;
    expect(code).toBe(70);
    expect(text).toContain("because of a bug");
    expectClean(screen);
  });
});
