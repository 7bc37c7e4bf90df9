import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { declareIncident } from "../store/incident.ts";
import { enter } from "../cli/screen.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { slowness } from "../patience.ts";
import { Pair } from "./pair.ts";

let stack: Stack;
let pair: Pair;

beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  pair = new Pair(stack);
});
afterEach(async () => await pair[Symbol.asyncDispose]());

async function halt(): Promise<void> {
  const { code, stdout, stderr } = await pair.lavIr(pair.alice, "halt-all", "--reason", "exercise", "--yes");
  expect([code, stdout + stderr]).toEqual([0, expect.stringContaining("PROVEN")]);
}

async function stages(): Promise<readonly unknown[]> {
  const urls = [stack.url("executioner", 1), stack.url("executioner", 2)];
  return await Promise.all(
    urls.map(async (url) => {
      const reply = await fetch(`${url}/api/emergency/status`);
      return ((await reply.json()) as { stage: unknown }).stage;
    }),
  );
}

describe("trading resume on the real stack", () => {
  it("goes by two people from reduce-only to one venue to all, each stage looked at before the next", async () => {
    await halt();
    expect(await stages()).toEqual(["halted", "halted"]);
    const run = pair.screen(pair.alice, "trading", "resume", "--venue", "ATLAS", "--watch", "2s");
    await run.shows("Type reduce-only to do it");
    run.type(`reduce-only${enter}`);
    await run.shows("Paste the line it prints");
    expect(await stages()).toEqual(["halted", "halted"]);
    run.type(`${await pair.signedByBob("everywhere: trading.resume")}${enter}`);
    await run.shows("Type ATLAS to do it");
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
    run.type(`ATLAS${enter}`);
    await run.shows("Type all to do it");
    expect(await stages()).toEqual(["venue", "venue"]);
    run.type(`all${enter}`);
    const { code, text } = await run.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("completed")]);
    expect(await stages()).toEqual(["trading", "trading"]);
    expect(pair.seconded()).toEqual(["reduce_only", "one_venue", "everywhere"]);
  });

  it("asks for a new approval when the first has expired midway", async () => {
    await halt();
    // Long enough for Bob to sign and for the first stage to be looked at, on a machine that is busy meanwhile.
    const first = "  - id: reduce_only\n";
    const expiry = `    expires: ${Math.ceil(30 + 10 * slowness)}s\n`;
    const book = pair.copy("trading-resume", { [first]: first + expiry });
    const run = pair.screen(pair.alice, "run", book, "--param", "venue=ATLAS", "--param", "watch=1s");
    await run.shows("Type reduce-only to do it");
    run.type(`reduce-only${enter}`);
    await run.shows("Paste the line it prints");
    run.type(`${await pair.signedByBob("everywhere: trading.resume")}${enter}`);
    await run.shows("Type ATLAS to do it");
    const expires = Date.parse(/expires: (\S+)/.exec(readFileSync(pair.requestFile(), "utf8"))?.[1] ?? "");
    await expect.poll(() => Date.now()).toBeGreaterThan(expires);
    run.type(`ATLAS${enter}`);
    await run.shows("Paste the line it prints");
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
    run.type(`no${enter}`);
    const { code } = await run.ended;
    expect(code).toBe(3);
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
  });

  it("asks anew when what was signed is no longer so: positions moved while the second person was waited for", async () => {
    await halt();
    const run = pair.screen(pair.alice, "trading", "resume", "--venue", "ATLAS", "--watch", "1s");
    await run.shows("Type reduce-only to do it");
    run.type(`reduce-only${enter}`);
    await run.shows("Paste the line it prints");
    const line = await pair.signedByBob("everywhere: trading.resume");
    await stack.fault("venues", { fault: "misreport", until: "cleared", venue: "ATLAS" });
    run.type(`${line}${enter}`);
    await run.shows("what it would change has moved since the last question");
    await run.shows("NOT RECONCILED");
    expect(await stages()).toEqual(["halted", "halted"]);
    const refused = pair.journal().flatMap(({ type, data }) => {
      const { decision, message } = data as Readonly<Record<string, unknown>>;
      return type === "approval" && decision === "refused" ? [message] : [];
    });
    expect(refused).toEqual([expect.stringContaining("is void: what the step would change has moved")]);
    run.type(`no${enter}`);
    expect((await run.ended).code).toBe(3);
    expect(await stages()).toEqual(["halted", "halted"]);
  });

  it("does not begin while the platform's positions are not the venues'", async () => {
    await halt();
    await stack.fault("venues", { fault: "misreport", until: "cleared", venue: "ATLAS" });
    await expect
      .poll(async () => (await pair.lavIr(pair.alice, "trading", "resume", "--venue", "ATLAS")).stdout)
      .toContain("at ATLAS: the platform has");
    expect(await stages()).toEqual(["halted", "halted"]);
  });

  it("says what of the cause is open, and stops: exit 3", async () => {
    declareIncident(pair.state(pair.alice), "INC-2026-0001");
    await halt();
    const { code, stdout } = await pair.lavIr(pair.alice, "trading", "resume", "--venue", "ATLAS");
    expect([code, stdout]).toEqual([3, expect.stringContaining("incident INC-2026-0001 is not mitigated")]);
    expect(await stages()).toEqual(["halted", "halted"]);
  });

  it("goes on over an open cause with a reason, by flag or typed, that is on record; each stage asks anew", async () => {
    declareIncident(pair.state(pair.alice), "INC-2026-0001");
    await halt();
    rmSync(join(pair.state(pair.alice), "incidents"), { recursive: true });
    const reason = "the incident is kept at the other desk";
    const flag = ["--override", `halt-cause-resolved=${reason}`];
    const script = await pair.lavIr(pair.alice, "trading", "resume", "--venue", "ATLAS", ...flag);
    expect([script.code, script.stdout]).toEqual([3, expect.stringContaining("pass --approve")]);
    const overridden = (): readonly unknown[] =>
      pair.journal().flatMap(({ type, data }) => {
        const { decision, how, reason: why, message } = data as Readonly<Record<string, unknown>>;
        return type === "interlock" && decision === "overridden" ? [[how, why, message]] : [];
      });
    const open = expect.stringContaining(
      "no intact journal on this machine says whether incident INC-2026-0001 is mitigated",
    );
    expect(overridden()).toEqual([["--override", reason, open]]);
    const run = pair.screen(pair.alice, "trading", "resume", "--venue", "ATLAS", "--watch", "1s");
    await run.shows("To override it, type the reason");
    run.type(`${reason}${enter}`);
    await run.shows("Type reduce-only to do it");
    run.type(`reduce-only${enter}`);
    await run.shows("Paste the line it prints");
    run.type(`${await pair.signedByBob("everywhere: trading.resume")}${enter}`);
    await run.shows("one_venue requires halt-cause-resolved");
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
    run.type(enter);
    expect((await run.ended).code).toBe(3);
    expect(overridden()).toEqual([["prompt", reason, open]]);
    expect(await stages()).toEqual(["reduce-only", "reduce-only"]);
  });
});
