import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Running } from "./harness-program.ts";
import { startTrading, type Trading } from "./harness-trading.ts";

let trading: Trading;
let gateway: Running;
let warden: Running;

beforeAll(async () => {
  trading = await startTrading();
  warden = await trading.platform.start("risk-warden");
  gateway = await trading.platform.start("gateway", { env: { ORDER_RATE: "0" } });
});
afterAll(async () => {
  await trading.stop();
});
/** All but the venues, whose books are the positions of the database. */
async function again(): Promise<void> {
  trading.platform.clear();
  const programs = [gateway, warden, trading.one, trading.two];
  await Promise.all(programs.map(async (each) => await each.call("/admin/reset", { method: "POST" })));
  for (const venue of ["ATLAS", "BOREAL", "CYGNUS", "DRACO", "ELARA"])
    await trading.venues.call(`/venues/${venue}/cancel-all`, { json: {} });
  expect((await settled(trading.one)).status).toBe(200);
}
afterEach(again);

interface Made {
  readonly id: string;
  readonly instance: string;
  readonly venue: string;
  readonly status: string;
}

const make = async (json: object): Promise<Answer> => await gateway.call("/admin/orders", { json });
async function made(json: object): Promise<readonly Made[]> {
  const answer = await make(json);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.at("orders") as readonly Made[];
}
const settled = async (program: Running, within = "60s"): Promise<Answer> =>
  await program.call(`/admin/settled?within=${within}`);

/** How often each of them is there, by name. */
function shares(names: readonly string[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].toSorted(([a], [b]) => a.localeCompare(b)));
}

const even = { ATLAS: 4, BOREAL: 4, CYGNUS: 4, DRACO: 4, ELARA: 4 };

describe("POST /admin/orders", () => {
  it.each([
    ["filled", "filled"],
    ["failed", "failed"],
    ["rests", "open"],
    ["rejected", "rejected"],
  ])("%s: every order is %s in the database when it answers", async (outcome, status) => {
    const orders = await made({ n: 7, venue: "BOREAL", outcome });
    expect(orders.map((order) => [order.venue, order.status])).toEqual(
      Array.from({ length: 7 }, () => ["BOREAL", status]),
    );
    const rows = await trading.platform.sql(
      `SELECT o.status, o.reason, count(f.id)::int AS fills FROM orders o LEFT JOIN fills f ON f.order_id = o.id
       WHERE o.id = ANY ($1) GROUP BY o.id, o.status, o.reason`,
      [orders.map(({ id }) => id)],
    );
    const reason = { failed: "the venue did not fill it", rejected: "rejected, as it was made to be" }[
      outcome
    ];
    expect(rows).toEqual(
      Array.from({ length: 7 }, () => ({
        status,
        reason: reason ?? null,
        fills: outcome === "filled" ? 1 : 0,
      })),
    );
    expect(await trading.openAt("BOREAL")).toBe(outcome === "rests" ? 7 : 0);
  });

  it("goes to one instance, or to each in turn; each goes round the venues", async () => {
    const one = await made({ n: 20, outcome: "filled", instance: "executioner-2" });
    expect(shares(one.map(({ instance }) => instance))).toEqual({ "executioner-2": 20 });
    expect(shares(one.map(({ venue }) => venue))).toEqual(even);
    const both = await made({ n: 40, outcome: "filled" });
    expect(shares(both.map(({ instance }) => instance))).toEqual({
      "executioner-1": 20,
      "executioner-2": 20,
    });
    for (const name of ["executioner-1", "executioner-2"]) {
      const own = both.filter(({ instance }) => instance === name);
      expect(shares(own.map(({ venue }) => venue))).toEqual(even);
    }
  });

  it("makes the fill rate exact, and the outcome holds whatever the fault fills says", async () => {
    await trading.post(trading.one, "/admin/age", { seconds: 3600 });
    trading.platform.fault("executioner", { fault: "fills", fill_rate: 0 });
    trading.platform.fault("venues", { fault: "fills", fill_rate: 0 });
    await made({ n: 12, venue: "ATLAS", outcome: "filled" });
    trading.platform.clear();
    await made({ n: 7, venue: "BOREAL", outcome: "failed" });
    const rate = await trading.one.call("/api/fill-rate?window=10m");
    expect(rate.json).toMatchObject({
      orders: 19,
      filled: 12,
      failed: 7,
      timeouts: 0,
      fill_rate: 12 / 19,
      slippage_bps: expect.any(Number) as number,
      venues: [
        { venue: "ATLAS", filled: 12, failed: 0, fill_rate: 1 },
        { venue: "BOREAL", filled: 0, failed: 7, fill_rate: 0 },
      ],
    });
  });

  it("says what an order came to that could not be what was asked for", async () => {
    await Promise.all([trading.halt(trading.one), trading.halt(trading.two)]);
    const halted = await make({ n: 3, outcome: "filled", venue: "ATLAS" });
    expect([halted.status, halted.at("error.code"), halted.at("error.message")]).toEqual([
      409,
      "other_outcome",
      expect.stringMatching(/^3 of 3 orders are not filled; the first is rejected at ATLAS: halted by HALT-/),
    ]);
    await again();
    const closed = await make({ n: 1, outcome: "filled", venue: "FORNAX" });
    expect(closed.at("error.message")).toContain("failed at FORNAX: FORNAX is closed");
  });

  it("says how many there are when the time is over", async () => {
    trading.platform.fault("venues", { fault: "slow", ms: 1500, before: true, path: "/venues/ATLAS/orders" });
    const late = await make({ n: 2, outcome: "filled", venue: "ATLAS", within: "200ms" });
    expect([late.status, late.at("error.message")]).toEqual([
      504,
      "not so within 0.2 s: 0 of 2 orders are filled",
    ]);
    trading.platform.clear();
    await settled(trading.one);
    await settled(trading.two);
  });

  it.each([
    [{ n: 0, outcome: "filled" }, "n is a whole number between 1 and 500"],
    [{ n: 1.5, outcome: "filled" }, "n is a whole number"],
    [{ n: 501, outcome: "filled" }, "n is a whole number"],
    [{ n: 1 }, "outcome is one of filled, failed, rests, rejected"],
    [{ n: 1, outcome: "lost" }, "outcome is one of filled, failed, rests, rejected"],
    [
      { n: 1, outcome: "filled", venue: "MARS" },
      "venue is one of ATLAS, BOREAL, CYGNUS, DRACO, ELARA, FORNAX",
    ],
    [{ n: 1, outcome: "filled", symbol: "DOGE" }, "symbol is one of BTC-USD"],
    [{ n: 1, outcome: "filled", instance: "x" }, "instance is one of executioner-1, executioner-2"],
    [{ n: 1, outcome: "filled", count: 2 }, 'there is no field "count"; there are n, venue, symbol, outcome'],
    [{ n: 1, outcome: "filled", within: "soon" }, "within is a duration"],
    [{ n: 1, outcome: "filled", within: "3m" }, "within is at most 120s"],
  ])("refuses %j", async (json, message) => {
    const answer = await make(json);
    expect([answer.status, answer.at("error.message")]).toEqual([400, expect.stringContaining(message)]);
  });
});

describe("turns", () => {
  it("fills: at a fill rate of a half every second order of each venue, exactly", async () => {
    trading.platform.fault("executioner", { fault: "fills", fill_rate: 0.5, venues: ["ATLAS", "BOREAL"] });
    for (const venue of ["ATLAS", "BOREAL"]) {
      const rows: unknown[] = [];
      // Of one instance: each has turns of its own.
      const { id: first = "" } =
        (await made({ n: 1, outcome: "rejected", instance: "executioner-1" }))[0] ?? {};
      expect(first).not.toBe("");
      for (let order = 0; order < 6; order++) {
        const id = await trading.orders.send({ venue }, "one key");
        rows.push((await trading.orders.reaches(id, "filled", "failed"))["status"]);
      }
      expect(rows).toEqual(["failed", "filled", "failed", "filled", "failed", "filled"]);
    }
  });

  it("generated orders: every tenth rests, each symbol in turn, each venue its share of an instance's", async () => {
    const before = await trading.platform.sql("SELECT now()::text AS at");
    await gateway.call("/api/generator", { json: { rate: 100 } });
    const sent = async (): Promise<number> =>
      Number(/^orders_generated_total (\d+)$/m.exec((await gateway.call("/metrics")).text)?.[1] ?? 0);
    await expect.poll(sent, { interval: 50 }).toBeGreaterThan(120);
    await gateway.call("/api/generator", { json: { rate: 0 } });
    for (const program of [gateway, trading.one, trading.two])
      expect((await settled(program)).status).toBe(200);
    const rows = await trading.platform.sql(
      `SELECT executioner, venue, symbol, type FROM orders WHERE strategy IN ('carry', 'momentum')
       AND id NOT LIKE 'seed-%' AND placed_at >= $1 ORDER BY placed_at`,
      [before[0]?.["at"]],
    );
    expect(rows.length).toBeGreaterThan(120);
    expect(rows.filter(({ type }) => type === "limit")).toHaveLength(Math.floor(rows.length / 10));
    const within = (counts: Readonly<Record<string, number>>): number =>
      Math.max(...Object.values(counts)) - Math.min(...Object.values(counts));
    expect(within(shares(rows.map(({ symbol }) => String(symbol))))).toBeLessThanOrEqual(1);
    for (const name of ["executioner-1", "executioner-2"]) {
      const own = rows.filter(({ executioner }) => executioner === name);
      const counts = shares(own.map(({ venue }) => String(venue)));
      expect(Object.keys(counts)).toEqual(own.length < 5 ? Object.keys(counts) : Object.keys(even));
      // A turn goes on whatever order it is, so that no venue is ever two ahead.
      expect(within(counts)).toBeLessThanOrEqual(1);
    }
  });

  it("an HTTP fault at a rate of a half: every second request meets it", async () => {
    trading.platform.fault("risk-warden", { fault: "errors", rate: 0.5, path: "/api/exposure" });
    const statuses: number[] = [];
    for (let call = 0; call < 6; call++) statuses.push((await warden.call("/api/exposure")).status);
    expect(statuses).toEqual([200, 500, 200, 500, 200, 500]);
  });

  it("a reset begins them anew", async () => {
    const [first] = await made({ n: 1, outcome: "filled", instance: "executioner-1" });
    await made({ n: 2, outcome: "filled", instance: "executioner-1" });
    await again();
    const [anew] = await made({ n: 1, outcome: "filled", instance: "executioner-1" });
    expect([first?.venue, anew?.venue]).toEqual(["ATLAS", "ATLAS"]);
  });
});

describe("POST /admin/alerts", () => {
  it("has written so many down and published them when it answers, of each position in turn", async () => {
    const admin = trading.platform.kafka.admin();
    await admin.connect();
    const published = async (): Promise<number> =>
      (await admin.fetchTopicOffsets("risk-alerts")).reduce((sum, { high }) => sum + Number(high), 0);
    const before = await published();
    const since = new Date().toISOString();
    expect((await warden.call("/admin/alerts", { json: { n: 23 } })).json).toEqual({ alerts: 23 });
    expect((await published()) - before).toBe(23);
    await admin.disconnect();
    const rows = (await warden.call(`/api/violations?since=${since}`)).json as {
      symbol: string;
      value: number;
    }[];
    expect(rows).toHaveLength(23);
    expect(new Set(rows.map(({ value }) => value)).size).toBe(20);
    const positions = (await warden.call("/api/positions")).json as { symbol: string }[];
    const round = Array.from({ length: 23 }, (_, index) => positions[index % positions.length]?.symbol ?? "");
    expect(shares(rows.map(({ symbol }) => symbol))).toEqual(shares(round));
  });

  it.each([[{ n: 0 }], [{ n: 1001 }], [{}], [{ n: 1, rate: 2 }]])("refuses %j", async (json) => {
    expect((await warden.call("/admin/alerts", { json })).status).toBe(400);
  });
});

describe("POST /admin/age", () => {
  it("makes what is stored so much older: a window has only what came since", async () => {
    const orders = async (): Promise<unknown> =>
      (await trading.one.call("/api/fill-rate?window=10m")).at("orders");
    await made({ n: 3, outcome: "filled" });
    expect(Number(await orders())).toBeGreaterThanOrEqual(3);
    await trading.one.call("/admin/age", { json: { seconds: 601 } });
    expect(await orders()).toBe(0);
    await made({ n: 4, outcome: "filled" });
    expect(await orders()).toBe(4);
    const alerts = async (): Promise<number> => {
      const since = new Date(Date.now() - 300_000).toISOString();
      return ((await warden.call(`/api/violations?since=${since}`)).json as unknown[]).length;
    };
    await warden.call("/admin/alerts", { json: { n: 5 } });
    expect(await alerts()).toBeGreaterThanOrEqual(5);
    await warden.call("/admin/age", { json: { seconds: 301 } });
    expect(await alerts()).toBe(0);
  });

  it("leaves prices that are stale under the fault, and fresh ones without it", async () => {
    const stale = async (): Promise<unknown> => (await warden.call("/api/data/validation")).at("stale");
    expect((await gateway.call("/admin/age", { json: { seconds: 61 } })).status).toBe(200);
    expect(await stale()).toBe(0);
    trading.platform.fault("gateway", { fault: "data", kind: "stale", symbols: ["SPX", "EUR-USD"] });
    await gateway.call("/admin/age", { json: { seconds: 61 } });
    expect(await stale()).toBe(2);
  });

  it("ends what was to end by then: a routing mode, and orders that rest for a day", async () => {
    await trading.post(trading.one, "/api/routing/mode", { mode: "CONSERVATIVE", timeout: 600 });
    await trading.post(trading.one, "/api/venues/disable", { venues: ["DRACO"], duration: 600 });
    await trading.post(trading.one, "/api/venues/disable", { venues: ["ELARA"] });
    await trading.one.call("/admin/age", { json: { seconds: 601 } });
    expect((await trading.two.call("/api/routing/mode")).at("mode")).toBe("NORMAL");
    expect((await trading.two.call("/api/venues/health")).json).toMatchObject({ total: 6, up: 5 });
  });

  it.each([
    [{ seconds: 0 }],
    [{ seconds: -1 }],
    [{ seconds: 43_201 }],
    [{ seconds: "60" }],
    [{ minutes: 1 }],
  ])("refuses %j", async (json) => {
    for (const program of [gateway, warden, trading.one, trading.venues])
      expect((await program.call("/admin/age", { json })).status).toBe(400);
  });
});

describe("GET /admin/settled", () => {
  it("answers when nothing is on its way, and says how much rests", async () => {
    for (const program of [gateway, warden, trading.venues, trading.two])
      expect((await settled(program)).at("settled")).toBe(true);
    const before = Number((await settled(trading.one)).at("resting"));
    await made({ n: 3, outcome: "rests", venue: "CYGNUS" });
    expect((await settled(trading.one)).json).toEqual({ settled: true, resting: before + 3 });
    await trading.post(trading.one, "/api/venues/CYGNUS/cancel-all");
    expect((await settled(trading.one)).json).toEqual({ settled: true, resting: before });
  });

  it("waits for an order that is on its way to a venue, and says so when it is not told to wait", async () => {
    // Longer than the executioner waits for a venue.
    trading.platform.fault("venues", {
      fault: "slow",
      ms: 10_000,
      before: true,
      path: "/venues/ATLAS/orders",
    });
    const id = await trading.orders.send({ venue: "ATLAS" });
    await trading.orders.reaches(id, "pending", "filled");
    const early = await settled(gateway, "50ms");
    expect([early.status, early.at("error.message")]).toEqual([
      504,
      expect.stringContaining("1 orders are pending"),
    ]);
    trading.platform.clear();
    expect((await settled(trading.one)).status).toBe(200);
    expect((await settled(trading.two)).status).toBe(200);
    expect((await trading.orders.reaches(id, "filled", "failed"))["id"]).toBe(id);
  });

  it("waits for a reduction, and until positions are the venues'", async () => {
    const json = { reduction_pct: 0.1, timeframe: 4 };
    const begun = await warden.call("/api/emergency/reduce", { token: trading.platform.token, json });
    const early = await settled(warden, "50ms");
    expect(early.at("error.message")).toContain(`reduction ${String(begun.at("reduction_id"))} is running`);
    expect((await settled(warden)).status).toBe(200);
    const path = `/api/emergency/reduce/${String(begun.at("reduction_id"))}`;
    expect((await warden.call(path)).at("status")).toBe("done");
    trading.platform.fault("venues", { fault: "misreport", venue: "ELARA", by: -7 });
    expect((await settled(warden, "50ms")).at("error.message")).toMatch(
      /SOL-USD at ELARA: \S+ is booked, the venue has/,
    );
  });

  it("refuses a parameter that there is not", async () => {
    const answer = await gateway.call("/admin/settled?whithin=5s");
    expect([answer.status, answer.at("error.message")]).toEqual([
      400,
      'there is no parameter "whithin"; there is within',
    ]);
  });
});
