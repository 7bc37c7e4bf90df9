// faults 0.6: suspended, continued, in the background: a question is never dead, and a lock never held by nobody.
import { readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { slowness } from "../patience.ts";
import { Rig } from "./rig.ts";
import { ctrlC, ctrlZ, enter, shell, type Screen, type ScreenOptions } from "./screen.ts";

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

const change = `
title: Act on the market
severity: P1
service: market
steps:
  - { id: act, title: Act, "http.post": { url: "\${service.url}/act", before: "\${service.url}/state" } }
`;

function open(options: ScreenOptions = {}): Screen {
  const screen = shell(rig, options);
  screens.push(screen);
  return screen;
}

/** Times a text stands on the screen. */
function count(screen: Screen, text: string): number {
  return screen.text().split(text).length - 1;
}

async function showsAgain(screen: Screen, text: string, times: number): Promise<void> {
  await screen.shows(new RegExp(`(?:${text}[^]*){${times}}`));
}

/** Ctrl-Z at what is asked, and the shell says that it stopped. */
async function suspended(screen: Screen, question: string): Promise<void> {
  await screen.shows(question);
  screen.type(ctrlZ);
  await screen.shows("Stopped");
}

describe("faults 0.6: Ctrl-Z at a question", () => {
  test("y/N: the shell has a sane terminal; fg asks again with a live keyboard, and y does it", async () => {
    const screen = open();
    screen.type(`lav-ir run book; echo code=$?${enter}`);
    await suspended(screen, "Do it?");
    screen.type(`stty -a | tr ' ;' '\\n\\n' | grep -cx -e icanon -e echo -e isig${enter}`);
    await screen.shows(/^3$/m);
    expect(screen.raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(screen.raw.lastIndexOf("\u001b[?25l"));
    expect(rig.server.changes()).toEqual([]);
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "Do it\\?", 2);
    screen.type(`y${enter}`);
    await screen.shows("ended=0");
    expect(rig.server.changes()).toHaveLength(1);
  });

  test("twice, and then Ctrl-C ends it: 130, nothing changed", async () => {
    const screen = open();
    screen.type(`lav-ir run book${enter}`);
    await suspended(screen, "Do it?");
    screen.type(`fg${enter}`);
    await showsAgain(screen, "Do it\\?", 2);
    screen.type(ctrlZ);
    await showsAgain(screen, "Stopped", 2);
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "Do it\\?", 3);
    screen.type(ctrlC);
    await screen.shows("ended=130");
    expect(rig.server.changes()).toEqual([]);
  });

  test("what was typed before does not count after: a half answer is typed anew", async () => {
    rig.runbook("book", change.replace("id: act,", "id: act, effect: destructive,"));
    const host = new URL(rig.server.url).host;
    const screen = open();
    screen.type(`lav-ir run book${enter}`);
    await screen.shows(`Type ${host} to do it:`);
    screen.type(host.slice(0, 4));
    await screen.shows(`to do it: ${host.slice(0, 4)}`);
    await suspended(screen, "to do it:");
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "to do it:", 2);
    screen.type(`${host}${enter}`);
    await screen.shows("ended=0");
    expect(rig.server.changes()).toHaveLength(1);
  });

  test("a list of choices, and a text", async () => {
    rig.runbook(
      "book",
      `
service: market
params: { size: { type: integer, ask: How many }, venue: { enum: [NORTH, SOUTH], ask: Which venue } }
steps: [{ "http.get": "\${service.url}/\${params.venue}/\${params.size}" }]
`,
    );
    rig.server.on("GET /SOUTH/4", 200);
    const screen = open();
    screen.type(`lav-ir run book${enter}`);
    await suspended(screen, "How many:");
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "How many:", 2);
    screen.type(`4${enter}`);
    await screen.shows("NORTH");
    screen.type(ctrlZ);
    await showsAgain(screen, "Stopped", 2);
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "Which venue", 2);
    screen.type(`\u001b[B${enter}`);
    await screen.shows("ended=0");
    expect(rig.server.count("GET /SOUTH/4")).toBe(1);
  });

  test("the halt's own word", async () => {
    const screen = open({ env: { EMERGENCY_TOKEN: "t-0123456789abcdef" } });
    rig.platform(`trading: { service: market }`);
    screen.type(`lav-ir halt-all --reason drill${enter}`);
    await suspended(screen, "Type HALT to do it:");
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "Type HALT to do it:", 2);
    screen.type(`no${enter}`);
    await screen.shows("HALT was not typed");
    await screen.shows("ended=3");
    expect(rig.server.changes()).toEqual([]);
  });

  test("the halt's own word, and Ctrl-C after: 130, and that nothing was sent is said", async () => {
    const screen = open({ env: { EMERGENCY_TOKEN: "t-0123456789abcdef" } });
    rig.platform(`trading: { service: market }`);
    screen.type(`lav-ir halt-all --reason drill${enter}`);
    await suspended(screen, "Type HALT to do it:");
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "Type HALT to do it:", 2);
    screen.type(ctrlC);
    await screen.shows("ended=130");
    expect(screen.text()).toContain("Nothing was sent.");
    expect(rig.server.changes()).toEqual([]);
  });

  test("outside of any job control it is not stopped for ever: the question is asked again", async () => {
    // The shell is gone, and with it whoever could continue the program.
    const screen = open();
    screen.type(`exec '${process.execPath}' '${process.cwd()}/bin/lav-ir.js' run book${enter}`);
    await screen.shows("Do it?");
    screen.type(ctrlZ);
    await showsAgain(screen, "Do it\\?", 2);
    screen.type(`y${enter}`);
    expect((await screen.ended).code).toBe(0);
    expect(rig.server.changes()).toHaveLength(1);
  });
});

describe("faults 0.6: stopped by somebody else (kill -STOP)", () => {
  test("the question is alive after it goes on", async () => {
    const screen = open();
    screen.type(`lav-ir run book; echo code=$?${enter}`);
    await screen.shows("Do it?");
    const pid = programOf(screen.pid);
    process.kill(pid, "SIGSTOP");
    await screen.shows("Stopped");
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "Do it\\?", 2);
    screen.type(`y${enter}`);
    await screen.shows("ended=0");
  });
});

describe("faults 0.6: in the background", () => {
  test("nobody is asked: exit 3, nothing changed, the lock is free", async () => {
    const screen = open();
    screen.type(`lav-ir run book & wait $!; echo ended=$?${enter}`);
    await screen.shows("ended=3");
    expect(screen.text()).not.toContain("Do it?");
    expect(rig.server.changes()).toEqual([]);
    expect(rig.records().at(-1)).toMatchObject({ type: "run.finished", data: { exit_code: 3 } });
    const again = await rig.run(["run", "book", "--yes"]);
    expect([again.code, rig.server.changes().length]).toEqual([0, 1]);
  });

  test("the halt is not asked for either: exit 3", async () => {
    const screen = open({ env: { EMERGENCY_TOKEN: "t-0123456789abcdef" } });
    rig.platform(`trading: { service: market }`);
    screen.type(`lav-ir halt-all --reason drill & wait $!; echo ended=$?${enter}`);
    await screen.shows("ended=3");
    await screen.shows("Nothing was sent");
  });

  test("moved there at a question it is not stopped by the terminal, and asks again when it is back", async () => {
    const screen = open();
    screen.type(`lav-ir run book${enter}`);
    await suspended(screen, "Do it?");
    const pid = programOf(screen.pid);
    screen.type(`bg${enter}`);
    await screen.shows("fg");
    screen.type(`echo here${enter}`);
    await screen.shows(/^here$/m);
    expect(stateOf(pid)).not.toBe("T");
    screen.type(`fg; echo ended=$?${enter}`);
    await showsAgain(screen, "Do it\\?", 2);
    screen.type(`y${enter}`);
    await screen.shows("ended=0");
    expect(rig.server.changes()).toHaveLength(1);
  });
});

describe("faults 0.6: keys typed ahead", () => {
  test("of a second question do not answer it either", async () => {
    const second = `  - { id: more, title: More, "http.post": "\${service.url}/more" }\n`;
    rig.runbook("book", change + second);
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    rig.server.on("POST /more", 200).on("POST /act", async () => {
      await gate;
      return 200;
    });
    const asked = rig.server.arrives("POST /act");
    const screen = open();
    screen.type(`lav-ir run book; echo ended=$?${enter}`);
    await screen.shows("Do it?");
    screen.type(`y${enter}`);
    await asked;
    // Before the second question is there.
    await screen.typeAhead(`y${enter}`);
    release();
    await screen.shows(/\/more[^]*Do it\?/);
    screen.type(enter);
    await screen.shows("ended=3");
    expect(rig.server.changes()).toHaveLength(1);
  });
});

describe("faults 0.6: Ctrl-Z while a step runs", () => {
  /** Seconds that the step has: it is stopped within them on a busy machine, and they pass while it is. */
  const seconds = Math.ceil(5 * slowness);
  const slowly = change.replace("title: Act,", `title: Act, timeout: ${seconds}s,`);
  const deadlinePasses = async (): Promise<void> =>
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 200));

  test("an answer that came meanwhile counts, although the deadline is over", async () => {
    rig.runbook("book", slowly);
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    rig.server.on("POST /act", async () => {
      await gate;
      return 200;
    });
    const asked = rig.server.arrives("POST /act");
    const screen = open();
    screen.type(`lav-ir run book --yes${enter}`);
    await asked;
    screen.type(ctrlZ);
    await screen.shows("Stopped");
    release();
    // That is what is tried.
    await deadlinePasses();
    screen.type(`fg; echo ended=$?${enter}`);
    await screen.shows("ended=0");
    expect(rig.records().find(({ type }) => type === "step.outcome")?.data).toMatchObject({ status: "ok" });
  });

  test("without an answer it is unknown: what the deadline says holds", async () => {
    rig.runbook("book", slowly);
    rig.server.on("POST /act", "hang");
    const asked = rig.server.arrives("POST /act");
    const screen = open();
    screen.type(`lav-ir run book --yes${enter}`);
    await asked;
    screen.type(ctrlZ);
    await screen.shows("Stopped");
    await deadlinePasses();
    screen.type(`fg; echo ended=$?${enter}`);
    await screen.shows("ended=4");
    expect(count(screen, "Act on the market")).toBeGreaterThan(0);
  });
});

/** The program that a shell of this pid runs. */
function programOf(pid: number): number {
  const children = readdirSync(`/proc/${pid}/task/${pid}`).includes("children")
    ? readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(/\s+/)
    : [];
  return Number(children.at(-1));
}

function stateOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2)[0] ?? "";
}
