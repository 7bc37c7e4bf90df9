import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Answer, Running } from "./harness-program.ts";
import { eventually, startPlatform, type Platform } from "./harness.ts";

let platform: Platform;
let warden: Running;
let gateway: Running;

beforeAll(async () => {
  platform = await startPlatform();
  await platform.start("venues");
  [warden] = await Promise.all([platform.start("risk-warden"), platform.start("executioner")]);
  gateway = await platform.start("gateway", { env: { ORDER_RATE: "0" } });
});
afterAll(async () => {
  await platform.stop();
});
afterEach(() => platform.clear());

const post = async (path: string, json: unknown, key?: string): Promise<Answer> =>
  await warden.call(path, { token: platform.token, json, ...(key === undefined ? {} : { key }) });
const gross = async (): Promise<number> => Number((await warden.call("/api/exposure")).at("gross"));
const validation = async (): Promise<Answer> => await warden.call("/api/data/validation");
const settled = async (id: unknown): Promise<Answer> =>
  await eventually(
    async () => await warden.call(`/api/emergency/reduce/${String(id)}`),
    ({ at }) => at("status") !== "running",
  );

describe("reading", () => {
  it("ranks positions by risk, attributes it, and sums the exposure", async () => {
    const ranked = (await warden.call("/api/positions/risk-ranked")).json as { id: string; risk: number }[];
    expect(ranked).toHaveLength(10);
    expect(ranked.map(({ risk }) => risk)).toEqual(ranked.map(({ risk }) => risk).toSorted((a, b) => b - a));
    const attribution = await warden.call("/api/risk/attribution");
    const shares = (attribution.at("positions") as { share: number }[]).map(({ share }) => share);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1);
    const { at } = await warden.call("/api/exposure");
    expect(Number(at("gross"))).toBeCloseTo(Number(at("long")) - Number(at("short")), 4);
    expect((await warden.call("/api/positions")).json).toHaveLength(10);
  });

  it("lists violations, newest first, cut to a limit", async () => {
    const { json } = await warden.call("/api/violations?limit=1");
    expect(json).toMatchObject([{ limit_name: "gross-exposure", severity: "warning" }]);
    expect((await warden.call("/api/violations?limit=none")).status).toBe(400);
    expect((await warden.call("/api/violations?since=2100-01-01")).json).toEqual([]);
  });

  it("writes a breach down and sends it to risk-alerts", async () => {
    await platform.sql("UPDATE risk_limits SET value = 1000 WHERE name = 'gross-exposure'");
    await eventually(
      async () => await warden.call("/api/violations?limit=1"),
      ({ at }) => at("0.threshold") === 1000 && at("0.severity") === "critical",
    );
    await platform.sql("UPDATE risk_limits SET value = 8000000 WHERE name = 'gross-exposure'");
    const admin = platform.kafka.admin();
    await admin.connect();
    // It is on record a moment before it is on its way.
    await eventually(
      async () => await admin.fetchTopicOffsets("risk-alerts"),
      (offsets) => offsets.some(({ offset }) => offset !== "0"),
    );
    await admin.disconnect();
  });
});

describe("validation", () => {
  it("is content with the platform as it stands", async () => {
    expect((await validation()).json).toMatchObject({
      ok: true,
      stale: 0,
      missing: 0,
      jump: 0,
      different: 0,
      unknown: 0,
    });
  });

  it.each([
    ["missing", { fault: "data", kind: "missing", symbols: ["SPX"] }],
    ["jump", { fault: "data", kind: "jump", symbols: ["SPX"] }],
  ])("finds %s prices", async (status, fault) => {
    platform.fault("gateway", fault);
    const { json } = await eventually(validation, ({ at }) => at(status) === 1);
    expect(json).toMatchObject({
      ok: false,
      prices: expect.arrayContaining([expect.objectContaining({ symbol: "SPX", status })]) as unknown,
    });
    platform.clear();
    await platform.sql("DELETE FROM prices WHERE symbol = 'SPX'");
    await eventually(validation, ({ at }) => at("ok") === true);
  });

  it("finds stale prices", async () => {
    platform.fault("gateway", { fault: "data", kind: "stale", symbols: ["SPX"] });
    await gateway.call("/health");
    await platform.sql("UPDATE prices SET at = at - interval '2 minutes' WHERE symbol = 'SPX'");
    await eventually(validation, ({ at }) => at("stale") === 1);
    platform.clear();
    await eventually(validation, ({ at }) => at("ok") === true);
  });

  it("finds positions that the venue does not have, and says when it cannot know", async () => {
    platform.fault("venues", { fault: "misreport", venue: "ELARA", by: -7 });
    const { at } = await validation();
    expect([at("different"), at("ok")]).toEqual([1, false]);
    platform.fault("venues", { fault: "venue-down", venue: "ATLAS" });
    expect((await validation()).json).toMatchObject({ ok: false, unknown: 3 });
  });
});

describe("reducing", () => {
  it.each([
    [{ reduction_pct: 50, timeframe: 1 }, 400],
    [{ reduction_pct: 0, timeframe: 1 }, 400],
    [{ reduction_pct: 0.5, timeframe: 0 }, 400],
    [{ reduction_pct: "0.5", timeframe: 1 }, 400],
    [{ reduction_pct: 0.5 }, 400],
  ])("refuses %j", async (json, status) => {
    expect((await post("/api/emergency/reduce", json)).status).toBe(status);
  });

  it("refuses the page's form, and a request without the token", async () => {
    const body = '{"reduction_pct": 0.5, "timeframe": 300}';
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const form = await warden.call("/api/emergency/reduce", { token: platform.token, body, headers });
    expect(form.status).toBe(415);
    const open = await warden.call("/api/emergency/reduce", { json: { reduction_pct: 0.5, timeframe: 1 } });
    expect(open.status).toBe(401);
  });

  it("halves every position over the timeframe, once for a key, and not twice at a time", async () => {
    const before = await gross();
    const json = { reduction_pct: 0.5, timeframe: 4 };
    const first = await post("/api/emergency/reduce", json, "reduce-1");
    expect([first.status, first.at("status")]).toEqual([202, "running"]);
    expect((await post("/api/emergency/reduce", json)).at("error.code")).toBe("reduction_running");
    expect(
      (await post("/api/emergency/reduce", { ...json, timeframe: 5 }, "reduce-1")).at("error.code"),
    ).toBe("key_reused");
    const again = await post("/api/emergency/reduce", json, "reduce-1");
    expect([again.at("reduction_id"), again.headers.get("idempotent-replay")]).toEqual([
      first.at("reduction_id"),
      "true",
    ]);
    // A restart in the middle neither loses nor doubles it.
    await warden.kill("SIGKILL");
    warden = await platform.start("risk-warden", { again: warden });
    const { at } = await settled(first.at("reduction_id"));
    expect(at("status")).toBe("done");
    expect((await gross()) / before).toBeGreaterThan(0.48);
    expect((await gross()) / before).toBeLessThan(0.51);
    await eventually(validation, (answer) => answer.at("different") === 0);
    const key = await post("/api/emergency/reduce", json, "reduce-1");
    expect(key.json).toMatchObject({ reduction_id: first.at("reduction_id"), status: "done" });
  });

  it("makes up for orders that failed, and says when it fell short", async () => {
    platform.fault("executioner", { fault: "fills", fill_rate: 0.7 });
    const made = await post("/api/emergency/reduce", { reduction_pct: 0.2, timeframe: 1 });
    // The first at each venue fails: seven of ten are filled, in turn.
    const failed = `SELECT count(*)::int AS n FROM orders JOIN reduction_orders USING (id)
      WHERE reduction_id = '${String(made.at("reduction_id"))}' AND status = 'failed'`;
    await eventually(
      async () => Number((await platform.sql(failed))[0]?.["n"]),
      (count) => count > 0,
    );
    platform.clear();
    expect((await settled(made.at("reduction_id"))).at("status")).toBe("done");
    platform.fault("executioner", { fault: "fills", fill_rate: 0 });
    const short = await post("/api/emergency/reduce", { reduction_pct: 0.2, timeframe: 0.1 });
    expect((await settled(short.at("reduction_id"))).at("status")).toBe("short");
  });

  it("closes one position by a real order", async () => {
    const closed = await post("/api/positions/POS-010/close", {}, "close-1");
    expect([closed.status, closed.at("symbol")]).toEqual([202, "SPX"]);
    expect((await post("/api/positions/POS-010/close", {}, "close-1")).at("order_id")).toBe(
      closed.at("order_id"),
    );
    await eventually(
      async () => await post("/api/positions/POS-010/close", {}),
      ({ at }) => at("error.code") === "flat",
    );
    expect((await post("/api/positions/POS-999/close", {})).status).toBe(404);
    expect((await warden.call("/api/positions/POS-001/close", { json: {} })).status).toBe(401);
  });
});

describe("the alert storm", () => {
  it("writes more than twenty violations down in no time", async () => {
    const since = new Date().toISOString();
    platform.fault("risk-warden", { fault: "alerts", rate: 10 });
    const { json } = await eventually(
      async () => await warden.call(`/api/violations?since=${since}`),
      (answer) => (answer.json as unknown[]).length > 20,
    );
    const values = new Set((json as { value: number }[]).map(({ value }) => value));
    expect(values.size).toBeGreaterThan(10);
  });
});

describe("the gateway", () => {
  const place = async (json: unknown, key?: string): Promise<Answer> =>
    await gateway.call("/api/orders", { json, ...(key === undefined ? {} : { key }) });
  const order = { symbol: "ETH-USD", side: "buy", quantity: 0.5 };

  it("sends an order that risk allows to a venue", async () => {
    const { status, at } = await place(order, "order-1");
    expect(status).toBe(202);
    expect((await place(order, "order-1")).at("id")).toBe(at("id"));
    await eventually(
      async () => await platform.sql("SELECT status FROM orders WHERE id = $1", [at("id")]),
      ([row]) => row?.["status"] === "filled",
    );
  });

  it("refuses what risk refuses, what is no order, and everything while risk is away", async () => {
    expect((await place({ ...order, quantity: 1e6 })).at("error.code")).toBe("risk_refused");
    for (const wrong of [
      { symbol: "DOGE" },
      { side: "hold" },
      { quantity: 0 },
      { type: "limit" },
      { limit_price: 3 },
    ]) {
      expect((await place({ ...order, ...wrong })).status).toBe(400);
    }
    platform.fault("risk-warden", { fault: "errors" });
    expect((await place(order)).at("error.code")).toBe("risk_unavailable");
  });

  it("generates orders at a rate, and none at zero", async () => {
    const count = async (): Promise<number> =>
      Number(
        (
          await platform.sql("SELECT count(*)::int AS n FROM orders WHERE strategy IN ('carry', 'momentum')")
        )[0]?.["n"],
      );
    const before = await count();
    expect((await gateway.call("/api/generator", { json: { rate: 20 } })).json).toEqual({ rate: 20 });
    await eventually(count, (now) => now > before + 20);
    await gateway.call("/api/generator", { json: { rate: 0 } });
    expect((await gateway.call("/api/generator")).json).toEqual({ rate: 0 });
    expect((await gateway.call("/api/generator", { json: { rate: 1000 } })).status).toBe(400);
    const quiet = async (): Promise<boolean> => {
      const one = await count();
      await gateway.call("/health");
      return one === (await count());
    };
    await eventually(quiet, Boolean);
  });
});
