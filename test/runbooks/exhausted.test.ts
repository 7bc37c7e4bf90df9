import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "../cli/rig.ts";
import { enter, Screen } from "../cli/screen.ts";
import { desk, position, validation, venue } from "./desk.ts";

// Ladders of which nothing helps, at a terminal: what a service answers decides them, so that a scripted one does,
// and none of a real platform's waiting is waited for. One is climbed on the stack (market-sentinel-down).

const down = "\u001b[B";
/** Words of the shipped runbooks that would have the test wait. */
const pace: readonly (readonly [RegExp, string])[] = [
  [/wait: 2s/g, "wait: 10ms"],
  [/(?<=verify: \{.*)within: (?:'[^']*'|\w+)/g, "within: 1s"],
];

let rig: Rig;
let screen: Screen | undefined;
beforeEach(async () => void (rig = await Rig.create()));
afterEach(async () => {
  screen?.[Symbol.dispose]();
  await rig[Symbol.asyncDispose]();
});

/** The shipped runbook on a platform of the scripted server, in a test's time: its arguments. */
function shipped(name: string, ...params: readonly string[]): readonly string[] {
  let text = readFileSync(new URL(`../../runbooks/${name}.yaml`, import.meta.url), "utf8");
  for (const [from, to] of pace) {
    expect(text).toMatch(from);
    text = text.replace(from, to);
  }
  rig.file(`runbooks/${name}.yaml`, text);
  const names = ["gateway", "market-sentinel", "risk-warden", "executioner", "postgres"];
  const services = names.map((service) => `  ${service}: ${rig.server.url}\n`).join("");
  const compose = "compose: { project: test, files: [compose.yaml] }";
  rig.file("runbooks/platform.yaml", `platform: rig\n${compose}\nservices:\n${services}`);
  return ["run", name, ...params.flatMap((param) => ["--param", param])];
}

const env = { EMERGENCY_TOKEN: "an-emergency-token" };

/** The same at a terminal. */
function climb(name: string, ...params: readonly string[]): Screen {
  screen = new Screen(rig, shipped(name, ...params), { columns: 180, rows: 60, env });
  return screen;
}

describe("executioner-fill-rate-drop", () => {
  test("with most venues gone a P0 is offered first, and when nothing helps that is said, with exit 1", async () => {
    const gone = ["BOREAL", "CYGNUS", "DRACO"];
    const venues = ["ATLAS", ...gone, "ELARA"].map((name) =>
      gone.includes(name)
        ? venue(name, { status: "down", market: null, halted: null, open_orders: null })
        : venue(name, { open_orders: 0 }),
    );
    const counts = venues.map((one) => ({ ...one, filled: 20, failed: 0, fill_rate: 1 }));
    desk(rig.server, { "GET /api/venues/health": { total: 5, up: 2, down: 3, venues } });
    let mode = "NORMAL";
    rig.server
      .on("GET /api/fill-rate", {
        json: {
          orders: 100,
          filled: 100,
          failed: 0,
          timeouts: 0,
          fill_rate: 1,
          slippage_bps: 1,
          venues: counts,
        },
      })
      .on("GET /api/venues", { json: venues })
      .on("GET /api/routing/mode", () => ({ json: { mode, reverts_at: null } }))
      .on("POST /api/routing/mode", ({ body }) => {
        ({ mode } = JSON.parse(body) as { mode: string });
        return { json: { mode } };
      });
    const terminal = climb("executioner-fill-rate-drop", "window=4s", "settle=10ms");
    await terminal.shows("What was decided?");
    terminal.type(`${down}${down}${enter}`);
    await terminal.shows(/→ CONSERVATIVE[^]*Do it\?/);
    terminal.type(`y${enter}`);
    const { code, text } = await terminal.ended;
    expect(code).toBe(1);
    expect(text).toMatch(/disable-venues: failed: [^]*2 of 5 open venues would remain/);
    expect(text).toMatch(/manual-execution: [^]*lists no approvers/);
    expect(text).toMatch(/exhausted after \S+: [^]*venues/);
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/api/routing/mode"]);
  });

  test("orders by hand are not begun where nobody could sign them", async () => {
    desk(rig.server);
    const args = shipped("executioner-fill-rate-drop", "settle=10ms");
    const ran = await rig.run([...args, "--json", "--yes", "--rung", "manual-execution"], { env });
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining("lists no approvers")]);
    expect(rig.server.changes()).toEqual([]);
  });
});

describe("risk-warden-alert-storm", () => {
  test("a reduction that is done, and alerts all the same: nothing is left, and that is said, with exit 1", async () => {
    const held = ["POS-1", "POS-2", "POS-3"];
    let part = 1;
    const positions = (): object[] =>
      held.map((id, at) => position(id, { venue: `V${at}`, quantity: 2 * part, exposure: 500 * part }));
    const alerts = Array.from({ length: 40 }, () => ({
      limit_name: "position-exposure",
      symbol: "BTC-USD",
      severity: "warning",
      value: 101,
      threshold: 100,
    }));
    desk(rig.server, { "GET /api/violations": alerts });
    rig.server
      .on("GET /api/positions", () => ({ json: positions() }))
      .on("GET /api/positions/risk-ranked", () => ({ json: positions() }))
      .on("GET /api/data/validation", () => ({
        json: validation({
          positions: held.map((_, at) => ({
            venue: `V${at}`,
            symbol: "BTC-USD",
            theirs: 2 * part,
            ok: true,
          })),
        }),
      }))
      .on("POST /api/emergency/reduce", ({ body }) => {
        part = 1 - (JSON.parse(body) as { reduction_pct: number }).reduction_pct;
        return { status: 202, json: { reduction_id: "RED-1", status: "running" } };
      })
      .on("GET /api/emergency/reduce/RED-1", () => ({
        json: {
          reduction_id: "RED-1",
          status: "done",
          exposure_before: 1500,
          exposure_target: 750,
          positions: held.map((id) => ({ id, before: 2, target: 1 })),
        },
      }));
    const terminal = climb(
      "risk-warden-alert-storm",
      "window=1s",
      "most=5",
      "timeframe=1s",
      "settle=10ms",
      "despite=too many alerts",
    );
    await terminal.shows(/reduces \d+ positions by 50 %[^]*Type 50% to do it/);
    terminal.type(`50%${enter}`);
    const { code, text } = await terminal.ended;
    expect(code).toBe(1);
    expect(text).toMatch(/reduce: not enough/);
    expect(text).toMatch(/close-positions: .*lists no approvers/);
    expect(text).toMatch(/exhausted after \S+: .*alerts/);
    expect(rig.server.changes().map(({ path }) => path)).toEqual(["/api/emergency/reduce"]);
    expect(part).toBe(0.5);
  });
});
