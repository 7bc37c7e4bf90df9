import { afterEach, beforeEach, expect, test } from "vitest";
import { contents, explained } from "../../src/app/explain/explain.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

test("everything that is listed is explained: no name leads nowhere", () => {
  const names = Object.values(contents()).flat();
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter((name) => explained(name).length === 0)).toEqual([]);
});

test("a kind: how it is written, what it takes, what it gives, and what holds of it", async () => {
  const { code, stdout } = await rig.run(["explain", "kafka.lag"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^kafka\.lag: How far consumer groups are behind\n\n {2}- kafka\.lag:\n/);
  expect(stdout).toContain("  groups: list of text  (default: left out)\n      Names of groups");
  expect(stdout).toContain("  total: int, may be missing\n");
  expect(stdout).toContain("It reads, and changes nothing.");
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test.each([
  ["http.get", /- http\.get: URL\n/],
  ["redis.ping", /It expects that Redis answers, and is not loading; expect adds to that\./],
  ["redis.del", /--yes does not answer/],
  ["percentile", /percentile\(/],
  ["verify", /verify, a key of a rung/],
  ["title", /a key of a runbook[^]*a key of a rung[^]*a key of a step/],
  ["order", /order, a rule of lint/],
  ["now", /now: timestamp\n[^]*Seen everywhere\./],
  ["vars", /vars\.NAME: any/],
  ["item", /item: any/],
  ["run.outcome", /run\.outcome: string[^]*One of healthy, resolved, /],
  ["run", /run\.id: [^]*run\.elapsed: duration/],
  [
    "steps.health.outcome",
    /^steps\.health\.outcome, [^]*steps\.ID\.outcome: string[^]*One of ok,\s+failed,\s+skipped,\s+unknown\./,
  ],
  ["platform.services[params.which].url", /platform\.services\.NAME\.url: string/],
  ["params", /params, a key of a runbook[^]*enum: list of text[^]*params\.NAME/],
  ["verify", /every: duration[^\n]*\(default: 1s\)[^]*hold: duration[^\n]*\(default: 30s\)/],
  ["every", /every, a key of verify[^]*Default: 1s\.[^]*every, a key of retry/],
  ["hold", /hold, a key of verify/],
  ["within", /within, a key of verify/],
  ["group", /^group\n[^]*foreach/],
  ["undo", /takes a change back/],
  ["preview", /from live reads/],
  ["requires", /trading-halted\n[^]*halt-cause-resolved/],
  ["redis", /^redis\.\w+[^]*redis\.ping/],
])("%s", async (name, says) => {
  const { code, stdout } = await rig.run(["explain", name]);
  expect([code, stdout]).toEqual([0, expect.stringMatching(says)]);
});

test("a name that is none says what was meant, and changes nothing", async () => {
  const { code, stderr } = await rig.run(["explain", "kafka.lagg"]);
  expect([code, stderr]).toEqual([2, "nothing is called kafka.lagg; did you mean kafka.lag?\n"]);
});

test("--json has the same for a program", async () => {
  const { lines } = await rig.run(["explain", "kafka.lag", "--json"]);
  expect(lines[1]).toMatchObject({ type: "explained", what: "kind", name: "kafka.lag" });
});
