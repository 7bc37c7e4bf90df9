import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock, type Lock } from "../../src/store/lock.ts";
import { Rig } from "./rig.ts";
import { enter, Screen } from "./screen.ts";

// Without a severity `declare` asks for one while the platform file's triggers are measured, and never waits for them.

const first = `INC-${new Date().getUTCFullYear()}-0001`;
const severities = `severities:
  P0:
    name: Critical
    triggers:
      - { id: trading-down, ask_since: 5m, http.get: "\${platform.services.market.url}/health", expect: status == 200 }
      - { id: breach, ask: Has somebody got in? }
      - { id: unreadable, http.get: "\${platform.services.market.url}/health", expect: nosuch == 1 }
  P1:
    name: High
    triggers:
      - { id: slow, http.get: "\${platform.services.market.url}/speed", expect: json.p95 < 200 }
clocks:
  alerted: { until: paged, within: { P0: 2m } }
`;

let rig: Rig;
let lock: Lock;
beforeEach(async () => {
  rig = await Rig.create();
  rig.platform(severities);
  rig.server.on("GET /health", 503).on("GET /speed", { json: { p95: 150 } });
  mkdirSync(rig.state, { mode: 0o700 });
  const taken = await takeLock(senderLock(rig.state), 0);
  if (!("release" in taken)) throw new Error("somebody sends already");
  lock = taken;
});
afterEach(async () => {
  await lock.release();
  await rig[Symbol.asyncDispose]();
});

function declared(): Readonly<Record<string, unknown>> {
  const text = readFileSync(join(rig.state, "incidents", first, "journal.ndjson"), "utf8");
  const [line = ""] = text.split("\n");
  const { type, data } = JSON.parse(line) as { type: string; data: Record<string, unknown> };
  expect(type).toBe("incident.declared");
  return data;
}

test("Enter waits for what is measured, asks what a person knows, and proposes the highest that was found", async () => {
  using screen = new Screen(rig, ["declare", "orders rejected"]);
  await screen.shows("or Enter to wait for what is being measured");
  screen.type(enter);
  await screen.shows("trading-down: status is 503. For more than 5m?");
  screen.type(`y${enter}`);
  await screen.shows("Has somebody got in?");
  screen.type(`n${enter}`);
  await screen.shows("P0 trading-down: FOUND (status is 503; for more than 5m)");
  await screen.shows("P0 is proposed: trading-down");
  await screen.shows("P1 slow: not so (json.p95 is 150)");
  await screen.shows("P0 unreadable: unknown (nosuch is not defined here)");
  screen.type(enter);
  expect((await screen.ended).code).toBe(0);
  expect(declared()).toMatchObject({
    severity: "P0",
    triggers: [
      { id: "trading-down", outcome: "failed", reading: "status is 503; for more than 5m" },
      { id: "breach", outcome: "ok", reading: "no" },
      { id: "unreadable", outcome: "unknown", reading: "nosuch is not defined here" },
      { id: "slow", outcome: "ok", reading: "json.p95 is 150" },
    ],
  });
});

test("what has not lasted so long speaks for nothing", async () => {
  using screen = new Screen(rig, ["declare", "orders rejected"]);
  await screen.shows("or Enter to wait for what is being measured");
  screen.type(enter);
  await screen.shows("For more than 5m?");
  screen.type(enter);
  await screen.shows("Has somebody got in?");
  screen.type(`y${enter}`);
  await screen.shows("P0 is proposed: breach");
  screen.type(enter);
  expect((await screen.ended).code).toBe(0);
  expect(declared()["triggers"]).toMatchObject([
    { id: "trading-down", outcome: "ok", reading: "status is 503; for less than 5m" },
    { id: "breach", outcome: "failed" },
    {},
    {},
  ]);
});

test("Enter takes what is proposed, also where that is no P0", async () => {
  rig.server.on("GET /health", 200).on("GET /speed", { json: { p95: 900 } });
  using screen = new Screen(rig, ["declare", "orders slow"]);
  await screen.shows("or Enter to wait for what is being measured");
  screen.type(enter);
  await screen.shows("Has somebody got in?");
  screen.type(enter);
  await screen.shows("P1 is proposed: slow");
  screen.type(enter);
  expect((await screen.ended).code).toBe(0);
  expect(declared()["severity"]).toBe("P1");
});

test("a severity that is typed at once waits for no read", async () => {
  const asked = rig.server.on("GET /health", "hang").arrives("GET /health");
  using screen = new Screen(rig, ["declare", "orders rejected"]);
  await screen.shows("or Enter to wait for what is being measured");
  await asked;
  screen.type(`p0${enter}`);
  await screen.shows(`${first}  P0 CRITICAL  on record`);
  expect((await screen.ended).code).toBe(0);
  const { severity, triggers } = declared();
  expect(severity).toBe("P0");
  // What had its end by then is known; what hung is not, and is not waited for.
  expect(JSON.stringify(triggers)).not.toContain("trading-down");
});

test("with a severity nothing is measured", async () => {
  expect((await rig.run(["declare", "P1", "slow", "-q"])).code).toBe(0);
  expect([declared()["triggers"], rig.server.requests.length]).toEqual([[], 0]);
});

test("without a terminal a severity must be given, and nothing is measured", async () => {
  const ended = await rig.run(["declare", "slow"]);
  expect([ended.code, ended.stderr, rig.server.requests.length]).toEqual([
    2,
    expect.stringContaining("declare needs a severity"),
    0,
  ]);
});

test("lint finds a trigger that is no step, at its place in the platform file", async () => {
  rig.runbook("book", "steps:\n  - wait: 1s\n");
  const ended = await rig.run(["lint"]);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/^runbooks\/platform\.yaml:10:\d+: nosuch is not defined here$/m);
});
