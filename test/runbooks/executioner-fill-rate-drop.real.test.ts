import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRedis } from "../../src/drivers/redis.ts";
import { enter } from "../cli/screen.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { Operator, type Line, type Ran } from "./operator.ts";

const down = "\u001b[B";

let stack: Stack;
let operator: Operator;

beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  operator?.[Symbol.dispose]();
  operator = new Operator(stack);
  // Enough orders that a few seconds of them make a rate.
  await post("gateway", "/api/generator", { rate: 12 });
});
afterAll(() => operator?.[Symbol.dispose]());

/** Ten minutes of orders, in a test's time: on a busy machine fewer come, and a venue is judged by three. */
const soon = ["--param", "window=8s", "--param", "settle=5s", "--param", "more_timeouts=0"] as const;
const fillRate = "/api/fill-rate?window=8s";
const run = (...more: readonly string[]): Promise<Ran> =>
  operator.lavIr("run", "executioner-fill-rate-drop", "--json", ...soon, ...more);

async function post(service: string, path: string, json: object): Promise<void> {
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${stack.env["EMERGENCY_TOKEN"] ?? ""}`,
  };
  const reply = await fetch(`${stack.url(service)}${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(json),
  });
  expect(reply.ok).toBe(true);
}

const get = async (path: string): Promise<unknown> =>
  await (await fetch(`${stack.url("executioner")}${path}`)).json();

/** The fill rate of the last seconds; 1 when there was no order. */
async function rate(): Promise<number> {
  const { fill_rate: now } = (await get(fillRate)) as { fill_rate: number | null };
  return now ?? 1;
}

interface Venue {
  readonly venue: string;
  readonly status: string;
  readonly disabled: boolean;
  readonly open_orders: number | null;
  /** How many of its last orders the instance that answers has in mind. */
  readonly samples: number;
}
async function venue(name: string): Promise<Venue | undefined> {
  return ((await get("/api/venues")) as Venue[]).find((one) => one.venue === name);
}

const finding = (lines: readonly Line[], step: string): Line | undefined =>
  lines.find((line) => line.type === "finding" && line["step"] === step);
const undoOf = (lines: readonly Line[], step: string): string =>
  String(lines.find((line) => line.type === "undo" && line["step"] === step)?.["path"]);

/** Runs it to the question nobody can answer, and then with the answer. */
async function approving(...more: readonly string[]): Promise<{ readonly asked: Ran; readonly done: Ran }> {
  const asked = await run("--yes", ...more);
  const preview = asked.lines.findLast(({ type }) => type === "preview");
  return { asked, done: await run("--yes", "--approve", String(preview?.["digest"]), ...more) };
}

describe("executioner-fill-rate-drop on the real stack", () => {
  it("finds nothing wrong and changes nothing on a healthy platform", async () => {
    await expect
      .poll(async () => (await get(fillRate)) as object, { timeout: 45_000 })
      .toMatchObject({ fill_rate: 1 });
    const { outcome } = await run("--yes");
    expect(outcome).toMatchObject({ outcome: "healthy", exit_code: 0 });
    expect(await get("/api/routing/mode")).toMatchObject({ mode: "NORMAL" });
  });

  it("routes around venues that do not fill, and its undo brings the old routing back", async () => {
    const before = await get("/api/routing/mode");
    const fault = { fault: "fills", until: "cleared", fill_rate: 0, venues: ["BOREAL", "DRACO"] } as const;
    await stack.fault("executioner", fault);
    await expect.poll(rate, { timeout: 45_000 }).toBeLessThan(0.85);
    // The preview is of the orders of one instance, which meets the venues by chance.
    await expect
      .poll(async () => (await venue("BOREAL"))?.samples ?? 0, { timeout: 45_000 })
      .toBeGreaterThan(0);
    const { outcome, lines } = await run("--yes");
    expect(finding(lines, "fill_rate")).toMatchObject({ status: "failed" });
    const preview = lines.find(({ type }) => type === "preview");
    expect(String(preview?.["lines"])).toMatch(
      /routing NORMAL → CONSERVATIVE.* by itself at 20.*by the last orders of \S+ alone.*BOREAL: \d+ % of/,
    );
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "conservative-routing", exit_code: 0 });
    expect(await get("/api/routing/mode")).toMatchObject({ mode: "CONSERVATIVE" });
    const undone = await operator.lavIr("run", undoOf(lines, "conservative"), "--json", "--yes");
    expect(undone.outcome).toMatchObject({ outcome: "completed" });
    expect(await get("/api/routing/mode")).toMatchObject({ mode: "NORMAL", reverts_at: null });
    expect(before).toMatchObject({ mode: "NORMAL", reverts_at: null });
  });

  it("disables a venue that is down; its undo is refused until the venue is healthy", async () => {
    const before = (await venue("BOREAL"))?.disabled;
    await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues: ["BOREAL"] });
    await expect.poll(rate, { timeout: 45_000 }).toBeLessThan(0.9);
    const { asked, done } = await approving("--rung", "disable-venues");
    expect(asked.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(asked.lines.findLast(({ type }) => type === "preview")).toMatchObject({
      effect: "destructive",
      step: "disable",
    });
    expect(done.outcome).toMatchObject({ outcome: "resolved", rung: "disable-venues" });
    expect(await venue("BOREAL")).toMatchObject({ disabled: true });
    const undo = undoOf(done.lines, "disable");
    const early = await operator.lavIr("run", undo, "--json", "--yes");
    expect(JSON.stringify(early.lines)).toContain("BOREAL does not answer; nothing was enabled");
    expect(await venue("BOREAL")).toMatchObject({ disabled: true });
    await stack.clear("executioner");
    await expect.poll(async () => (await venue("BOREAL"))?.status).not.toBe("down");
    const undone = await operator.lavIr("run", undo, "--json", "--yes");
    expect(undone.outcome).toMatchObject({ outcome: "completed" });
    expect(await venue("BOREAL")).toMatchObject({ disabled: before });
  });

  it("disables a venue once what rests there is proven cancelled, and not before", async () => {
    // One venue of five: a few seconds of orders may by chance be above nine in ten.
    const strictly = ["--rung", "disable-venues", "--param", "least=0.99"];
    await rest("CYGNUS");
    await stack.fault("venues", { fault: "refuse-cancel", until: "cleared", venue: "CYGNUS" });
    await stack.fault("executioner", { fault: "fills", until: "cleared", fill_rate: 0, venues: ["CYGNUS"] });
    const filled = async (): Promise<number> => {
      const { venues } = (await get(fillRate)) as {
        venues: { venue: string; fill_rate: number }[];
      };
      return venues.find((one) => one.venue === "CYGNUS")?.fill_rate ?? 1;
    };
    await expect.poll(filled, { timeout: 45_000 }).toBe(0);
    const { done: refused } = await approving(...strictly);
    expect(JSON.stringify(refused.lines)).toMatch(/still rest at CYGNUS .*it is not disabled/);
    expect(await venue("CYGNUS")).toMatchObject({ disabled: false });
    await stack.clear("venues");
    const { done } = await approving(...strictly);
    expect(done.outcome).toMatchObject({ outcome: "resolved", rung: "disable-venues" });
    const step = done.lines.find((line) => line.type === "step.finished" && line["step"] === "disable");
    expect(step?.["outputs"]).toMatchObject({ disabled: ["CYGNUS"], not_proven: [] });
    expect(step?.["outputs"]).not.toMatchObject({ cancelled: 0 });
    expect(await venue("CYGNUS")).toMatchObject({ disabled: true, open_orders: 0 });
  });

  it("refuses to leave fewer than half of the venues, and offers a P0 first", async () => {
    const venues = ["BOREAL", "CYGNUS", "DRACO"];
    await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues });
    await expect.poll(rate, { timeout: 45_000 }).toBeLessThan(0.9);
    const whole = await run("--yes");
    expect(finding(whole.lines, "enough_venues")).toMatchObject({
      status: "failed",
      sentence: expect.stringContaining("2 of 5 venues are left"),
    });
    expect(whole.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(whole.outcome?.["message"]).toContain("P0");
    const disabling = await run("--yes", "--rung", "disable-venues");
    expect(JSON.stringify(disabling.lines)).toContain("2 of 5 open venues would remain (ATLAS, ELARA)");
    expect((await get("/api/venues")) as Venue[]).not.toContainEqual(
      expect.objectContaining({ disabled: true }),
    );
  });

  it("at a terminal: routing that is refused leads to disabling, which resolves; undone, it is all as it was", async () => {
    // Two venues of five: by chance a few seconds of orders meet one so seldom that nine in ten are filled.
    const venues = ["BOREAL", "DRACO"];
    await stack.fault("executioner", { fault: "fills", until: "cleared", fill_rate: 0, venues });
    await expect.poll(rate, { timeout: 45_000 }).toBeLessThan(0.9);
    // Which instance has the first port is the engine's choice.
    for (const instance of [1, 2]) {
      const refuses = { fault: "errors", until: "cleared", status: 409, path: "/api/routing/mode" } as const;
      await stack.fault("executioner", { ...refuses, instance });
    }
    const before = await routingNow();
    const terminal = operator.screen("run", "executioner-fill-rate-drop", ...soon);
    await terminal.shows("Type BOREAL DRACO to do it");
    expect(terminal.text()).toMatch(/conservative-routing: failed: Switch to conservative routing: .*409/);
    expect(terminal.text()).toMatch(/disables 2 venues; 3 remain: ATLAS, CYGNUS, ELARA/);
    terminal.type(`BOREAL DRACO${enter}`);
    const { code, text } = await terminal.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("resolved by rung disable-venues")]);
    await stack.clear("executioner");
    const [undo = ""] = operator.undos();
    expect((await operator.lavIr("run", undo, "--json", "--yes")).outcome).toMatchObject({ exit_code: 0 });
    expect(await routingNow()).toEqual(before);
  });

  it("at a terminal: with most venues gone a P0 is offered first, and when nothing helps that is said, with exit 1", async () => {
    const venues = ["BOREAL", "CYGNUS", "DRACO"];
    await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues });
    await expect.poll(async () => (await venue("DRACO"))?.status, { timeout: 45_000 }).toBe("down");
    const book = operator.copy("executioner-fill-rate-drop", {
      "within: '${params.window + duration(\"30s\")}'": "within: 1s",
    });
    const quick = ["--param", "window=4s", "--param", "settle=1s"];
    const terminal = operator.screen("run", book, ...quick);
    await terminal.shows("What was decided?");
    terminal.type(`${down}${down}${enter}`);
    await terminal.shows(/→ CONSERVATIVE[^]*Do it\?/);
    terminal.type(`y${enter}`);
    const { code, text } = await terminal.ended;
    expect(code).toBe(1);
    expect(text).toMatch(/disable-venues: failed: [^]*2 of 5 open venues would remain/);
    expect(text).toMatch(/manual-execution: [^]*names no approvers/);
    expect(text).toMatch(/exhausted: [^]*venues/);
  });

  it("does not begin orders by hand where nobody could sign them", async () => {
    const { code, stderr } = await run("--yes", "--rung", "manual-execution");
    expect([code, stderr]).toEqual([2, expect.stringContaining("names no approvers")]);
  });
});

/** What the executioner's instances share of routing: the venues that are disabled, and the mode, by its words in Redis. */
async function routingNow(): Promise<unknown> {
  const redis = createRedis({ url: stack.env["REDIS_URL"] ?? "" });
  const signal = AbortSignal.timeout(5000);
  const text = await redis.command(["GET", "executioner:routing"], signal);
  if (!text.ok) throw new Error("Redis does not answer");
  const {
    mode = "NORMAL",
    disabled = {},
    reverts = null,
  } = JSON.parse(typeof text.value === "string" ? text.value : "{}") as Record<string, unknown>;
  return { mode, disabled, reverts };
}

/** Orders that rest at a venue until somebody cancels them. */
async function rest(name: string): Promise<void> {
  for (const limit_price of [10_000, 11_000]) {
    await post("gateway", "/api/orders", {
      symbol: "BTC-USD",
      side: "buy",
      quantity: 0.01,
      type: "limit",
      limit_price,
      time_in_force: "GTC",
      venue: name,
    });
  }
  await expect
    .poll(async () => (await venue(name))?.open_orders ?? 0, { timeout: 45_000 })
    .toBeGreaterThan(1);
}
