import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { resting } from "./harness-orders.ts";
import { startTrading, type Trading } from "./harness-trading.ts";
import { eventually } from "./harness.ts";

let trading: Trading;

beforeAll(async () => {
  trading = await startTrading();
});
afterAll(async () => {
  await trading.stop();
});
afterEach(async () => {
  await trading.reset();
});

describe("orders", () => {
  it("goes from the topic through a venue into orders, fills and positions, and out to the topic fills", async () => {
    const consumer = trading.platform.kafka.consumer({ groupId: "test-fills" });
    const fills: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: "fills", fromBeginning: true });
    await consumer.run({
      async eachMessage({ message }) {
        fills.push(message.value?.toString() ?? "");
      },
    });
    const id = await trading.orders.send({ venue: "ATLAS", quantity: 2 });
    const row = await trading.orders.reaches(id, "filled");
    expect(row).toMatchObject({ venue: "ATLAS", filled: "2" });
    const position = await trading.platform.sql(
      "SELECT quantity::float8 AS q FROM positions WHERE id = 'POS-001'",
    );
    expect(position[0]?.["q"]).toBe(14);
    expect((await trading.venues.call("/venues/ATLAS/positions")).json).toMatchObject({
      positions: expect.arrayContaining([{ symbol: "BTC-USD", quantity: 14 }]) as unknown,
    });
    await eventually(
      () => fills,
      (seen) => seen.some((text) => text.includes(id)),
    );
    await consumer.disconnect();
  });

  it("executes an order that is sent twice once", async () => {
    const id = await trading.orders.send({ venue: "ATLAS" });
    await trading.orders.reaches(id, "filled");
    await trading.orders.send({ id, venue: "BOREAL" });
    // The next message of the same partition: once it is done, so is the one before.
    const next = await trading.orders.send({ venue: "BOREAL" }, id);
    await trading.orders.reaches(next, "filled");
    const rows = await trading.platform.sql("SELECT count(*)::int AS n FROM fills WHERE order_id = $1", [id]);
    expect(rows[0]?.["n"]).toBe(1);
  });

  it("lists orders by status, limit and time, and refuses what it does not know", async () => {
    const failed = await trading.one.call("/api/orders?status=failed&limit=20");
    expect(failed.json).toMatchObject([{ id: "seed-7", status: "failed", reason: "venue timeout" }]);
    expect((await trading.one.call("/api/orders?limit=3")).json).toHaveLength(3);
    expect((await trading.one.call("/api/orders?since=2100-01-01T00:00:00Z")).json).toEqual([]);
    for (const query of ["status=lost", "limit=0", "limit=x", "since=soon", "page=2"]) {
      expect([query, (await trading.one.call(`/api/orders?${query}`)).status]).toEqual([query, 400]);
    }
    expect((await trading.one.call("/api/orders/none")).status).toBe(404);
  });

  it("has a fill rate over a window, and none without orders", async () => {
    const rate = await trading.one.call("/api/fill-rate?window=10m");
    expect(rate.json).toMatchObject({ window_seconds: 600, failed: 1, timeouts: 1 });
    expect(rate.at("fill_rate")).toBeGreaterThan(0.9);
    expect((await trading.one.call("/api/fill-rate?window=1ms")).at("fill_rate")).toBeNull();
    expect((await trading.one.call("/api/fill-rate?window=long")).status).toBe(400);
  });
});

describe("venues and routing", () => {
  it("reports every venue", async () => {
    const { json } = await trading.one.call("/api/venues/health");
    expect(json).toMatchObject({ total: 6, up: 6, down: 0 });
    expect((await trading.one.call("/api/venues")).json).toHaveLength(6);
  });

  it("disables and enables venues on every instance; a duration ends it", async () => {
    await trading.post(trading.one, "/api/venues/disable", { venues: ["ATLAS"], duration: 3600 });
    expect((await trading.two.call("/api/venues/health")).json).toMatchObject({ up: 5 });
    const refused = await trading.orders.reaches(await trading.orders.send({ venue: "ATLAS" }), "rejected");
    expect(refused["reason"]).toBe("ATLAS is disabled");
    await trading.post(trading.two, "/api/venues/enable", { venues: ["ATLAS"] });
    await trading.post(trading.two, "/api/venues/disable", { venues: ["DRACO"], duration: 0.3 });
    await eventually(
      async () => (await trading.one.call("/api/venues/health")).at("up"),
      (up) => up === 6,
    );
    expect((await trading.post(trading.one, "/api/venues/disable", { venues: ["NOWHERE"] })).status).toBe(
      400,
    );
    expect((await trading.one.call("/api/venues/disable", { json: { venues: ["ATLAS"] } })).status).toBe(401);
  });

  it("sets a routing mode that goes back by itself", async () => {
    await trading.post(trading.one, "/api/routing/mode", { mode: "CONSERVATIVE", timeout: 600 });
    expect((await trading.two.call("/api/routing/mode")).json).toMatchObject({ mode: "CONSERVATIVE" });
    await trading.post(trading.one, "/api/routing/mode", { mode: "CONSERVATIVE", timeout: 1 });
    await eventually(
      async () => (await trading.two.call("/api/routing/mode")).at("mode"),
      (mode) => mode === "NORMAL",
    );
    expect((await trading.post(trading.one, "/api/routing/mode", { mode: "RECKLESS" })).status).toBe(400);
  });

  it("shows a venue's orders and cancels them all", async () => {
    const id = await trading.orders.send({ ...resting, venue: "CYGNUS" });
    await trading.orders.reaches(id, "open");
    expect((await trading.one.call("/api/venues/CYGNUS/orders")).json).toMatchObject([
      { client_order_id: id },
    ]);
    const report = await trading.post(trading.two, "/api/venues/CYGNUS/cancel-all");
    expect(report.json).toEqual({ venue: "CYGNUS", before: 1, cancelled: 1, refused: [] });
    expect(await trading.openAt("CYGNUS")).toBe(0);
    await trading.orders.reaches(id, "cancelled");
  });

  it("lists what the venue's closed market will not cancel", async () => {
    const id = await trading.orders.send({ ...resting, time_in_force: "GTC", venue: "FORNAX" });
    await trading.orders.reaches(id, "open");
    const report = await trading.halt(trading.one);
    expect(report.json).toMatchObject({ before: 1, cancelled: 0, refused: 1, complete: true });
    const fornax = (report.at("venues") as { venue: string }[]).find(({ venue }) => venue === "FORNAX");
    expect(fornax).toMatchObject({
      refused: [{ client_order_id: id, reason: expect.stringContaining("closed") as unknown }],
    });
    expect(await trading.openAt("FORNAX")).toBe(1);
  });
});

describe("a fault", () => {
  it("the venues' own faults: down, refusing to cancel, filling what was cancelled", async () => {
    trading.platform.fault("venues", { fault: "venue-down", venue: "ELARA" });
    expect(
      (await trading.orders.reaches(await trading.orders.send({ venue: "ELARA" }), "failed"))["reason"],
    ).toBe("ELARA is down");
    trading.platform.fault("venues", { fault: "refuse-cancel", venue: "ELARA" });
    const id = await trading.orders.send({ ...resting, venue: "ELARA" });
    await trading.orders.reaches(id, "open");
    expect((await trading.halt(trading.one)).json).toMatchObject({ before: 1, cancelled: 0, refused: 1 });
    trading.platform.clear();
    expect((await trading.halt(trading.two)).json).toMatchObject({ before: 1, cancelled: 1 });
    trading.platform.fault("venues", { fault: "late-fill", venue: "ELARA" });
    expect((await trading.orders.reaches(id, "filled"))["filled"]).toBe("1");
  });

  it("fills: the rate drops at the named venues, and conservative routing goes around them", async () => {
    trading.platform.fault("executioner", {
      fault: "fills",
      venues: ["ATLAS", "BOREAL", "CYGNUS"],
      fill_rate: 0,
    });
    // By their keys: which partition, and so which instance, gets each of them is the same every time.
    const place = async (): Promise<readonly Readonly<Record<string, unknown>>[]> => {
      const ids = await Promise.all(
        Array.from({ length: 80 }, async (_, key) => await trading.orders.send({}, `key ${key}`)),
      );
      return await Promise.all(ids.map(async (id) => await trading.orders.reaches(id, "filled", "failed")));
    };
    const before = await place();
    for (const instance of ["executioner-1", "executioner-2"]) {
      const own = before.filter(({ executioner }) => executioner === instance);
      const shares = ["ATLAS", "BOREAL", "CYGNUS", "DRACO", "ELARA"].map(
        (venue) => own.filter((row) => row["venue"] === venue).length,
      );
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      expect(Math.min(...shares)).toBeGreaterThan(0);
    }
    const lost = before.filter(({ status }) => status === "failed").map(({ venue }) => String(venue));
    expect(new Set(lost)).toEqual(new Set(["ATLAS", "BOREAL", "CYGNUS"]));
    expect(lost).toHaveLength(
      before.filter(({ venue }) => ["ATLAS", "BOREAL", "CYGNUS"].includes(String(venue))).length,
    );
    expect((await trading.one.call("/api/fill-rate?window=1m")).at("fill_rate")).toBeLessThan(0.9);
    await trading.post(trading.one, "/api/routing/mode", { mode: "CONSERVATIVE" });
    expect((await trading.two.call("/api/routing/mode")).at("mode")).toBe("CONSERVATIVE");
    const after = await place();
    expect(new Set(after.map(({ status, venue }) => `${String(status)} ${String(venue)}`))).toEqual(
      new Set(["filled DRACO", "filled ELARA"]),
    );
  });
});

describe("the venues' stand-in", () => {
  it("is strict about requests", async () => {
    const order = {
      client_order_id: "x",
      client: "t",
      strategy: "s",
      symbol: "SPX",
      side: "buy",
      quantity: 1,
      type: "market",
      limit_price: null,
      time_in_force: "IOC",
      reference_price: 5000,
    };
    const place = async (json: object): Promise<number> =>
      (await trading.venues.call("/venues/ATLAS/orders", { json })).status;
    expect(await place(order)).toBe(201);
    expect(await place(order)).toBe(409);
    expect(await place({ ...order, client_order_id: "y", extra: 1 })).toBe(400);
    expect(await place({ ...order, client_order_id: "y", quantity: -1 })).toBe(400);
    expect(await place({ ...order, client_order_id: "y", limit_price: 3 })).toBe(400);
    expect((await trading.venues.call("/venues/MARS/orders")).status).toBe(404);
    expect((await trading.venues.call("/venues/ATLAS/orders?state=open")).status).toBe(400);
    expect((await trading.venues.call("/venues/ATLAS/orders", { body: "a=1" })).status).toBe(415);
  });
});
