import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKafka } from "../../src/drivers/kafka.ts";
import { sharedStack } from "../stack/shared.ts";
import type { Stack } from "../stack/stack.ts";
import { Operator, type Ran } from "./operator.ts";

let stack: Stack;
let operator: Operator;

beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  operator?.[Symbol.dispose]();
  operator = new Operator(stack);
});
afterAll(() => operator?.[Symbol.dispose]());

const run = (...more: readonly string[]): Promise<Ran> =>
  operator.lavIr("run", "market-sentinel-down", "--json", ...more);

async function sentinel(): Promise<{ readonly id: string; readonly state: string }> {
  const [found] = (await stack.containers()).filter(({ service }) => service === "market-sentinel");
  if (found === undefined) throw new Error("Market Sentinel has no container");
  return found;
}

/** Waits until the newest regime message is older than this, in milliseconds. */
async function stale(ms: number): Promise<void> {
  const kafka = createKafka({ brokers: stack.env["KAFKA_BROKERS"] ?? "" });
  const age = async (): Promise<number> => {
    const topic = await kafka.topic("market-regime", AbortSignal.timeout(5000));
    return topic.ok && topic.value.newest !== undefined ? Date.now() - topic.value.newest.getTime() : 0;
  };
  await expect.poll(age, { timeout: 20_000 }).toBeGreaterThan(ms);
}

describe("market-sentinel-down on the real stack", () => {
  it("finds nothing wrong and changes nothing on a healthy platform", async () => {
    const before = await sentinel();
    const { code, outcome } = await run("--yes");
    expect(outcome).toMatchObject({ outcome: "healthy", exit_code: 0 });
    expect(code).toBe(0);
    expect(await sentinel()).toEqual(before);
  });

  it("asks for consent it cannot get without a terminal: exit 3, and the container stays down", async () => {
    await stack.fault("market-sentinel", { fault: "crash", until: "restart" });
    await expect.poll(async () => (await sentinel()).state, { timeout: 10_000 }).toBe("exited");
    const { code, outcome } = await run();
    expect(outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(code).toBe(3);
    expect((await sentinel()).state).toBe("exited");
  });

  it("resolves a crash by a restart", async () => {
    await stack.fault("market-sentinel", { fault: "crash", until: "restart" });
    await expect.poll(async () => (await sentinel()).state, { timeout: 10_000 }).toBe("exited");
    const { outcome } = await run("--yes");
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "quick-restart", exit_code: 0 });
  });

  it("resolves a hang by a restart", async () => {
    await stack.fault("market-sentinel", { fault: "hang", until: "restart" });
    const { outcome, lines } = await run("--yes");
    const health = lines.find((line) => line.type === "finding" && line["step"] === "health");
    expect(health).toMatchObject({
      status: "failed",
      sentence: expect.stringContaining("no answer within 5s"),
    });
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "quick-restart" });
  });

  it("resolves stale regimes by a restart, measured by the newest message and not by the topic's existence", async () => {
    await stack.fault("market-sentinel", { fault: "stale", until: "restart" });
    await stale(6000);
    const { outcome, lines } = await run("--yes", "--param", "stale=5s");
    const freshness = lines.find((line) => line.type === "finding" && line["step"] === "freshness");
    expect(freshness).toMatchObject({ status: "failed" });
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "quick-restart" });
  });

  it("resolves a kill for memory by a restart, and says that it was one", async () => {
    await stack.fault("market-sentinel", { fault: "oom", until: "restart" });
    await expect.poll(async () => (await sentinel()).state, { timeout: 30_000 }).toBe("exited");
    const { outcome, lines } = await run("--yes");
    const container = lines.find((line) => line.type === "finding" && line["step"] === "container");
    expect(container).toMatchObject({ sentence: expect.stringContaining("killed for memory true") });
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "quick-restart" });
  });

  it("climbs to a recreation when the container itself is damaged, and every volume is still there", async () => {
    await stack.fault("market-sentinel", { fault: "corrupt", until: "recreate" });
    await expect.poll(async () => (await fetch(`${stack.url("market-sentinel")}/health`)).status).toBe(503);
    const before = await sentinel();
    const { outcome, lines } = await run("--yes");
    const rungs = lines.filter(({ type }) => type === "rung.finished").map((line) => line["status"]);
    expect(rungs).toEqual(["persist", "held"]);
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "recreate" });
    expect((await sentinel()).id).not.toBe(before.id);
  });

  it("holds a manual regime when nothing mends the feed, and ends mitigated with its undo", async () => {
    await stack.fault("market-sentinel", { fault: "stale", until: "cleared" });
    await stale(2000);
    const url = `${stack.url("market-sentinel")}/api/regime/current`;
    const { code, outcome, lines } = await run("--yes", "--rung", "manual-regime", "--param", "stale=1s");
    expect(outcome).toMatchObject({ outcome: "mitigated", rung: "manual-regime", exit_code: 1 });
    expect(code).toBe(1);
    expect(await (await fetch(url)).json()).toMatchObject({ regime: "RISK_OFF", source: "manual" });
    const undo = lines.find(({ type }) => type === "undo");
    const undone = await operator.lavIr("run", String(undo?.["path"]), "--json", "--yes");
    expect(undone.outcome).toMatchObject({ outcome: "completed" });
    expect(await (await fetch(url)).json()).toMatchObject({ source: "auto" });
  });

  it("ends exhausted when nothing helps, and says what is still wrong", async () => {
    await stack.fault("market-sentinel", { fault: "crash-loop", until: "cleared" });
    await stack.fault("market-sentinel", { fault: "crash", until: "cleared" });
    await expect.poll(async () => (await sentinel()).state, { timeout: 10_000 }).toBe("exited");
    const { code, outcome } = await run("--yes", "--rung", "manual-regime");
    expect(outcome).toMatchObject({ outcome: "exhausted", exit_code: 1 });
    expect(outcome?.["message"]).toContain("container, health");
    expect(code).toBe(1);
    expect(operator.journal(outcome).filter(({ type }) => type === "rung.finished")).toHaveLength(1);
  });

  it("keeps the token out of everything it writes", async () => {
    await stack.fault("market-sentinel", { fault: "stale", until: "cleared" });
    await stale(2000);
    const ran = await run("--yes", "-v", "--rung", "manual-regime", "--param", "stale=1s");
    const token = stack.env["EMERGENCY_TOKEN"] ?? "";
    expect(token.length).toBeGreaterThan(8);
    expect(ran.stdout).not.toContain(token);
    expect(ran.stderr).not.toContain(token);
    expect(JSON.stringify(operator.journal(ran.outcome))).not.toContain(token);
  });
});
