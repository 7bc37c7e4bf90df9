import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRedis } from "../../src/drivers/redis/redis.ts";
import { enter } from "../cli/screen.ts";
import { sharedStack } from "../../sandbox/shared.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { Operator, type Line, type Ran } from "./operator.ts";
import { soon } from "../patience.ts";

/** FORNAX has hours, and they are over. */
const openVenues = ["ATLAS", "BOREAL", "CYGNUS", "DRACO", "ELARA"];

let stack: Stack;
let operator: Operator;

beforeAll(async () => {
  stack = await sharedStack();
});
beforeEach(async () => {
  await stack.reset();
  await operator?.[Symbol.asyncDispose]();
  operator = new Operator(stack);
  // No order but those that a test makes, and none of before in the ten minutes that are looked at.
  await stack.quiet();
  await stack.age(601);
  // Nor do the instances remember any, or whose turn it is.
  for (const instance of [1, 2]) await stack.admin("executioner", "/admin/reset", {}, instance);
});
afterAll(async () => await operator?.[Symbol.asyncDispose]());

/** How long the findings must hold. The rate has its shipped window, and time to leave it. */
const settling = ["--param", "settle=2s"] as const;
const book = (): string => operator.paced("executioner-fill-rate-drop");
const run = (...more: readonly string[]): Promise<Ran> =>
  operator.lavIr("run", book(), "--json", ...settling, ...more);

const get = async (path: string): Promise<unknown> =>
  await (await fetch(`${stack.url("executioner")}${path}`)).json();

interface Made {
  readonly venue: string;
  readonly instance: string;
}

/** So many orders that come to this, all of them in the database: through each executioner in turn, or this one. */
async function orders(
  n: number,
  outcome: "filled" | "failed" | "rests",
  where: { readonly venue?: string; readonly instance?: string } = {},
): Promise<readonly Made[]> {
  return (await stack.admin("gateway", "/admin/orders", { n, outcome, ...where }))[
    "orders"
  ] as readonly Made[];
}

/**
 * Ten minutes later, with so many new orders, all of them filled: how many routing sends to each venue. It goes
 * round on each instance, so that they are as many at each where both have them in whole rounds.
 */
async function tenMinutesLater(n: number): Promise<Readonly<Record<string, number>>> {
  await stack.age(601);
  // Both instances know the routing as it is now.
  await stack.settled();
  const made = await orders(n, "filled");
  expect(made).toHaveLength(n);
  const counts: Record<string, number> = {};
  for (const { venue: at } of made) counts[at] = (counts[at] ?? 0) + 1;
  return counts;
}

/** So many at each. */
const each = (count: number, ...names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, count]));

/** Both executioners, the one that the runbook asks first: which of them has the first port is the engine's choice. */
async function instances(): Promise<readonly string[]> {
  const { executioner: first } = stack.state.ports;
  const names = [first, first + 1].map(async (port) => {
    const reply = await fetch(`http://127.0.0.1:${port}/health`);
    return ((await reply.json()) as { instance: string }).instance;
  });
  return await Promise.all(names);
}

interface Venue {
  readonly venue: string;
  readonly status: string;
  readonly disabled: boolean;
  readonly open_orders: number | null;
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
  return { asked, done: await run("--yes", "--approve", digestIn(asked), ...more) };
}

const digestIn = ({ lines }: Ran): string =>
  String(lines.findLast(({ type }) => type === "preview")?.["approve"]);

/** Runs it with the answer; once the change is made, ten minutes pass with orders that are filled. */
async function answered(step: string, asked: Ran, n: number, ...more: readonly string[]) {
  const args = ["run", book(), "--json", ...settling, ...more];
  const begun = operator.begin(...args, "--yes", "--approve", digestIn(asked));
  await begun.ends(step);
  return { venues: await tenMinutesLater(n), done: await begun.ended };
}

describe("executioner-fill-rate-drop on the real stack", () => {
  it("finds nothing wrong and changes nothing on a healthy platform", async () => {
    await orders(20, "filled");
    const { outcome, lines } = await operator.lavIr("run", "executioner-fill-rate-drop", "--json", "--yes");
    expect(outcome).toMatchObject({ outcome: "healthy", exit_code: 0 });
    expect(finding(lines, "fill_rate")).toMatchObject({
      sentence: expect.stringContaining("20 of 20 orders filled in 10m, 0 failed") as string,
    });
    expect(finding(lines, "slippage")).toMatchObject({
      sentence: expect.stringMatching(/1(?:\.0)? basis points on average/) as string,
    });
    expect(await get("/api/routing/mode")).toMatchObject({ mode: "NORMAL" });
  });

  it("routes around venues that do not fill, and its undo brings the old routing back", async () => {
    const before = await get("/api/routing/mode");
    const both = await instances();
    for (const instance of both) {
      for (const venue of ["ATLAS", "CYGNUS", "ELARA"]) await orders(4, "filled", { venue, instance });
      await orders(7, "failed", { venue: "BOREAL", instance });
      await orders(5, "failed", { venue: "DRACO", instance });
    }
    const begun = operator.begin("run", book(), "--json", ...settling, "--yes");
    await begun.ends("conservative");
    // Twelve of each instance: to the three venues that it knows to fill, and to no other.
    expect(await tenMinutesLater(24)).toEqual(each(8, "ATLAS", "CYGNUS", "ELARA"));
    const { outcome, lines } = await begun.ended;
    expect(finding(lines, "fill_rate")).toMatchObject({
      outcome: "failed",
      sentence: expect.stringContaining("24 of 48 orders filled in 10m, 24 failed") as string,
    });
    expect(lines.find(({ type }) => type === "preview")?.["lines"]).toEqual([
      expect.stringMatching(
        /^routing NORMAL → CONSERVATIVE on every instance; it goes back .* by itself at 20/,
      ),
      `each venue by the last orders of ${both[0]} only:`,
      "ATLAS: 100 % of its last 4 orders",
      "BOREAL: 0 % of its last 7 orders",
      "CYGNUS: 100 % of its last 4 orders",
      "DRACO: 0 % of its last 5 orders",
      "ELARA: 100 % of its last 4 orders",
      "FORNAX: no recent orders",
    ]);
    expect(outcome).toMatchObject({ outcome: "resolved", rung: "conservative-routing", exit_code: 0 });
    expect(await get("/api/routing/mode")).toMatchObject({ mode: "CONSERVATIVE" });
    const undone = await operator.lavIr("run", undoOf(lines, "conservative"), "--json", "--yes");
    expect(undone.outcome).toMatchObject({ outcome: "completed" });
    expect(await get("/api/routing/mode")).toMatchObject({ mode: "NORMAL", reverts_at: null });
    expect(before).toMatchObject({ mode: "NORMAL", reverts_at: null });
    // Nothing is kept from these venues any more: each instance's next five go to five.
    expect(await tenMinutesLater(10)).toEqual(each(2, ...openVenues));
  });

  it("disables a venue that is down; its undo is refused until the venue is healthy", async () => {
    const before = (await venue("BOREAL"))?.disabled;
    await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues: ["BOREAL"] });
    await orders(9, "filled", { venue: "ATLAS" });
    await orders(3, "failed", { venue: "BOREAL" });
    const asked = await run("--yes", "--rung", "disable-venues");
    expect(asked.outcome).toMatchObject({ outcome: "approval-needed", exit_code: 3 });
    expect(asked.lines.findLast(({ type }) => type === "preview")).toMatchObject({
      effect: "destructive",
      step: "disable",
    });
    const { venues, done } = await answered("disable", asked, 8, "--rung", "disable-venues");
    expect(venues).toEqual(each(2, "ATLAS", "CYGNUS", "DRACO", "ELARA"));
    expect(finding(done.lines, "fill_rate")).toMatchObject({
      sentence: expect.stringContaining("9 of 12 orders filled in 10m, 3 failed") as string,
    });
    expect(done.outcome).toMatchObject({ outcome: "resolved", rung: "disable-venues" });
    expect(await venue("BOREAL")).toMatchObject({ disabled: true });
    const undo = undoOf(done.lines, "disable");
    const early = await operator.lavIr("run", undo, "--json", "--yes");
    expect(JSON.stringify(early.lines)).toContain("BOREAL does not answer; nothing was enabled");
    expect(await venue("BOREAL")).toMatchObject({ disabled: true });
    await stack.clear("executioner");
    const undone = await operator.lavIr("run", undo, "--json", "--yes");
    expect(undone.outcome).toMatchObject({ outcome: "completed" });
    expect(await venue("BOREAL")).toMatchObject({ disabled: before });
  });

  it("disables a venue once what rests there is proven cancelled, and not before", async () => {
    const rung = ["--rung", "disable-venues"] as const;
    await orders(2, "rests", { venue: "CYGNUS" });
    await stack.fault("venues", { fault: "refuse-cancel", until: "cleared", venue: "CYGNUS" });
    await orders(5, "filled", { venue: "ATLAS" });
    await orders(5, "failed", { venue: "CYGNUS" });
    const { asked, done: refused } = await approving(...rung);
    expect(finding(asked.lines, "fill_rate")).toMatchObject({
      sentence: expect.stringContaining("5 of 10 orders filled in 10m, 5 failed") as string,
    });
    expect(JSON.stringify(refused.lines)).toMatch(/2 orders of 2 still rest at CYGNUS .*it is not disabled/);
    expect(await venue("CYGNUS")).toMatchObject({ disabled: false, open_orders: 2 });
    await stack.clear("venues");
    const { venues, done } = await answered("disable", await run("--yes", ...rung), 8, ...rung);
    expect(venues).toEqual(each(2, "ATLAS", "BOREAL", "DRACO", "ELARA"));
    expect(done.outcome).toMatchObject({ outcome: "resolved", rung: "disable-venues" });
    const step = done.lines.find((line) => line.type === "step.finished" && line["step"] === "disable");
    expect(step?.["outputs"]).toMatchObject({ disabled: ["CYGNUS"], not_proven: [], cancelled: 2 });
    expect(await venue("CYGNUS")).toMatchObject({ disabled: true, open_orders: 0 });
  });

  it("refuses to leave fewer than half of the venues, and offers a P0 first", async () => {
    const venues = ["BOREAL", "CYGNUS", "DRACO"];
    await stack.fault("executioner", { fault: "venue-down", until: "cleared", venues });
    for (const name of venues) await orders(3, "failed", { venue: name });
    await orders(6, "filled", { venue: "ATLAS" });
    const whole = await run("--yes");
    expect(finding(whole.lines, "fill_rate")).toMatchObject({
      sentence: expect.stringContaining("6 of 15 orders filled in 10m, 9 failed") as string,
    });
    expect(finding(whole.lines, "enough_venues")).toMatchObject({
      outcome: "failed",
      sentence: expect.stringContaining("2 of 5 venues with an open market are available"),
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
    for (const name of ["BOREAL", "DRACO"]) await orders(3, "failed", { venue: name });
    await orders(6, "filled", { venue: "ATLAS" });
    // Which instance has the first port is the engine's choice.
    for (const instance of [1, 2]) {
      const refuses = { fault: "errors", until: "cleared", status: 409, path: "/api/routing/mode" } as const;
      await stack.fault("executioner", { ...refuses, instance });
    }
    const before = await routingNow();
    const terminal = operator.screen("run", book(), ...settling);
    await terminal.shows("Type BOREAL DRACO to do it");
    expect(terminal.text()).toMatch(/conservative-routing: failed: Switch to conservative routing: .*409/);
    expect(terminal.text()).toMatch(/disables 2 venues; 3 remain: ATLAS, CYGNUS, ELARA/);
    terminal.type(`BOREAL DRACO${enter}`);
    const off = async (): Promise<unknown> => (await venue("DRACO"))?.disabled;
    await expect.poll(off).toBe(true);
    expect(await tenMinutesLater(12)).toEqual(each(4, "ATLAS", "CYGNUS", "ELARA"));
    const { code, text } = await terminal.ended;
    expect([code, text]).toEqual([0, expect.stringContaining("resolved by rung disable-venues")]);
    await stack.clear("executioner");
    const [undo = ""] = operator.undos();
    expect((await operator.lavIr("run", undo, "--json", "--yes")).outcome).toMatchObject({ exit_code: 0 });
    expect(await routingNow()).toEqual(before);
  });
});

/** What the executioner's instances share of routing: the venues that are disabled, and the mode, by its words in Redis. */
async function routingNow(): Promise<unknown> {
  const redis = createRedis({ url: stack.env["REDIS_URL"] ?? "" });
  const signal = soon();
  const text = await redis.command(["GET", "executioner:routing"], signal);
  if (!text.ok) throw new Error("Redis does not answer");
  const {
    mode = "NORMAL",
    disabled = {},
    reverts = null,
  } = JSON.parse(typeof text.value === "string" ? text.value : "{}") as Record<string, unknown>;
  return { mode, disabled, reverts };
}
