import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSender, resting, type Sender } from "./harness-orders.ts";
import type { Answer, Running } from "./harness-program.ts";
import { eventually, startPlatform, type Platform } from "./harness.ts";

let platform: Platform;
let venues: Running;
let one: Running;
let two: Running;
let orders: Sender;

const reset = async (): Promise<void> => {
  platform.clear();
  await Promise.all(
    [venues, one, two].map(async (each) => await each.call("/admin/reset", { method: "POST" })),
  );
};

beforeAll(async () => {
  platform = await startPlatform();
  venues = await platform.start("venues");
  [one, two] = await Promise.all([
    platform.start("executioner", { instance: "executioner-1" }),
    platform.start("executioner", { instance: "executioner-2" }),
  ]);
  orders = await openSender(platform);
  const shared = async (): Promise<boolean> =>
    (await Promise.all([one, two].map(async (each) => (await each.call("/metrics")).text))).every((text) =>
      text.includes("kafka_consumer_joined 1"),
    );
  await eventually(shared, Boolean);
});
afterAll(async () => {
  await orders.stop();
  await platform.stop();
});
afterEach(reset);

const said = { incident_id: "INC-1", operator: "ada", reason: "test" };
const halt = async (at: Running, more: object = {}, key?: string): Promise<Answer> =>
  await at.call("/api/emergency/halt-all", {
    token: platform.token,
    json: { ...said, scope: "all", ...more },
    ...(key === undefined ? {} : { key }),
  });
const resume = async (at: Running, json: object): Promise<Answer> =>
  await at.call("/api/emergency/resume", {
    token: platform.token,
    json: { approvals: ["ada", "bob"], ...json },
  });
const post = async (at: Running, path: string, json: object = {}): Promise<Answer> =>
  await at.call(path, { token: platform.token, json });
const openAt = async (venue: string): Promise<unknown> =>
  (await venues.call(`/venues/${venue}/orders`)).at("count");

describe("orders", () => {
  it("goes from the topic through a venue into orders, fills and positions, and out to the topic fills", async () => {
    const consumer = platform.kafka.consumer({ groupId: "test-fills" });
    const fills: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: "fills", fromBeginning: true });
    await consumer.run({
      async eachMessage({ message }) {
        fills.push(message.value?.toString() ?? "");
      },
    });
    const id = await orders.send({ venue: "ATLAS", quantity: 2 });
    const row = await orders.reaches(id, "filled");
    expect(row).toMatchObject({ venue: "ATLAS", filled: "2" });
    const position = await platform.sql("SELECT quantity::float8 AS q FROM positions WHERE id = 'POS-001'");
    expect(position[0]?.["q"]).toBe(14);
    expect((await venues.call("/venues/ATLAS/positions")).json).toMatchObject({
      positions: expect.arrayContaining([{ symbol: "BTC-USD", quantity: 14 }]) as unknown,
    });
    await eventually(
      () => fills,
      (seen) => seen.some((text) => text.includes(id)),
    );
    await consumer.disconnect();
  });

  it("executes an order that is sent twice once", async () => {
    const id = await orders.send({ venue: "ATLAS" });
    await orders.reaches(id, "filled");
    await orders.send({ id, venue: "ATLAS" });
    await orders.reaches(await orders.send({ venue: "ATLAS" }), "filled");
    const rows = await platform.sql("SELECT count(*)::int AS n FROM fills WHERE order_id = $1", [id]);
    expect(rows[0]?.["n"]).toBe(1);
  });

  it("lists orders by status, limit and time, and refuses what it does not know", async () => {
    const failed = await one.call("/api/orders?status=failed&limit=20");
    expect(failed.json).toMatchObject([{ id: "seed-7", status: "failed", reason: "venue timeout" }]);
    expect((await one.call("/api/orders?limit=3")).json).toHaveLength(3);
    expect((await one.call("/api/orders?since=2100-01-01T00:00:00Z")).json).toEqual([]);
    for (const query of ["status=lost", "limit=0", "limit=x", "since=soon", "page=2"]) {
      expect([query, (await one.call(`/api/orders?${query}`)).status]).toEqual([query, 400]);
    }
    expect((await one.call("/api/orders/none")).status).toBe(404);
  });

  it("has a fill rate over a window, and none without orders", async () => {
    const rate = await one.call("/api/fill-rate?window=10m");
    expect(rate.json).toMatchObject({ window_seconds: 600, failed: 1, timeouts: 1 });
    expect(rate.at("fill_rate")).toBeGreaterThan(0.9);
    expect((await one.call("/api/fill-rate?window=1ms")).at("fill_rate")).toBeNull();
    expect((await one.call("/api/fill-rate?window=long")).status).toBe(400);
  });
});

describe("venues and routing", () => {
  it("reports every venue", async () => {
    const { json } = await one.call("/api/venues/health");
    expect(json).toMatchObject({ total: 6, up: 6, down: 0 });
    expect((await one.call("/api/venues")).json).toHaveLength(6);
  });

  it("disables and enables venues on every instance; a duration ends it", async () => {
    await post(one, "/api/venues/disable", { venues: ["ATLAS"], duration: 3600 });
    expect((await two.call("/api/venues/health")).json).toMatchObject({ up: 5 });
    const refused = await orders.reaches(await orders.send({ venue: "ATLAS" }), "rejected");
    expect(refused["reason"]).toBe("ATLAS is disabled");
    await post(two, "/api/venues/enable", { venues: ["ATLAS"] });
    await post(two, "/api/venues/disable", { venues: ["DRACO"], duration: 0.3 });
    await eventually(
      async () => (await one.call("/api/venues/health")).at("up"),
      (up) => up === 6,
    );
    expect((await post(one, "/api/venues/disable", { venues: ["NOWHERE"] })).status).toBe(400);
    expect((await one.call("/api/venues/disable", { json: { venues: ["ATLAS"] } })).status).toBe(401);
  });

  it("sets a routing mode that goes back by itself", async () => {
    await post(one, "/api/routing/mode", { mode: "CONSERVATIVE", timeout: 0.5 });
    expect((await two.call("/api/routing/mode")).json).toMatchObject({ mode: "CONSERVATIVE" });
    await eventually(
      async () => (await two.call("/api/routing/mode")).at("mode"),
      (mode) => mode === "NORMAL",
    );
    expect((await post(one, "/api/routing/mode", { mode: "RECKLESS" })).status).toBe(400);
  });

  it("shows a venue's orders and cancels them all", async () => {
    const id = await orders.send({ ...resting, venue: "CYGNUS" });
    await orders.reaches(id, "open");
    expect((await one.call("/api/venues/CYGNUS/orders")).json).toMatchObject([{ client_order_id: id }]);
    const report = await post(two, "/api/venues/CYGNUS/cancel-all");
    expect(report.json).toEqual({ venue: "CYGNUS", before: 1, cancelled: 1, refused: [] });
    expect(await openAt("CYGNUS")).toBe(0);
    await orders.reaches(id, "cancelled");
  });

  it("lists what the venue's closed market will not cancel", async () => {
    const id = await orders.send({ ...resting, time_in_force: "GTC", venue: "FORNAX" });
    await orders.reaches(id, "open");
    const report = await halt(one);
    expect(report.json).toMatchObject({ before: 1, cancelled: 0, refused: 1, complete: true });
    const fornax = (report.at("venues") as { venue: string }[]).find(({ venue }) => venue === "FORNAX");
    expect(fornax).toMatchObject({
      refused: [{ client_order_id: id, reason: expect.stringContaining("closed") as unknown }],
    });
    expect(await openAt("FORNAX")).toBe(1);
  });
});

describe("halt", () => {
  it("cancels, says what it cancelled, and accepts nothing after the answer", async () => {
    const rests = await Promise.all(
      ["ATLAS", "BOREAL"].map(async (venue) => await orders.send({ ...resting, venue })),
    );
    await Promise.all(rests.map(async (id) => await orders.reaches(id, "open")));
    // A stream of orders runs on through the halt.
    const sent: string[] = [];
    let sending = true;
    const stream = (async () => {
      while (sending) sent.push(await orders.send());
    })();
    await eventually(
      () => sent.length,
      (count) => count > 20,
    );
    const answers = await Promise.all([halt(one), halt(two)]);
    const answered = Date.now();
    await eventually(
      () => sent.length,
      (count) => count > 60,
    );
    sending = false;
    await stream;
    for (const id of sent) await orders.reaches(id, "filled", "rejected");

    for (const answer of answers)
      expect(answer.json).toMatchObject({ halted: true, complete: true, unknown: [] });
    expect(answers.reduce((sum, { at }) => sum + Number(at("cancelled")), 0)).toBe(2);
    const late = await platform.sql("SELECT count(*)::int AS n FROM orders WHERE accepted_at > $1", [
      new Date(answered),
    ]);
    expect(late[0]?.["n"]).toBe(0);
    const all = await platform.sql(
      "SELECT status, count(*)::int AS n FROM orders WHERE strategy = 'test' AND id = ANY ($1) GROUP BY 1",
      [sent],
    );
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(["filled", "rejected"]));
    const open = await Promise.all(["ATLAS", "BOREAL", "CYGNUS", "DRACO", "ELARA", "FORNAX"].map(openAt));
    expect(open).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("halts each instance for itself", async () => {
    const { at } = await halt(one);
    expect((await one.call("/api/emergency/status")).json).toMatchObject({
      halted: true,
      halt_id: at("halt_id"),
    });
    expect((await two.call("/api/emergency/status")).json).toMatchObject({ halted: false, stage: "trading" });
  });

  it("again while halted: the same id and no second effect; with the same key the same answer", async () => {
    const first = await halt(one, {}, "key-1");
    const again = await halt(one, {}, "key-1");
    expect(again.json).toEqual(first.json);
    const other = await halt(one, {}, "key-2");
    expect(other.json).toMatchObject({ halt_id: first.at("halt_id"), repeated: true });
    expect((await halt(one, { reason: "another" }, "key-1")).at("error.code")).toBe("key_reused");
  });

  it("refuses a key whose halt has ended: its old answer would be a false proof", async () => {
    const first = await halt(one, {}, "key-3");
    for (const stage of ["reduce-only", "venue", "all"]) {
      const venue = stage === "venue" ? { venues: ["ATLAS"] } : {};
      expect((await resume(one, { halt_id: first.at("halt_id"), stage, ...venue })).status).toBe(200);
    }
    expect((await halt(one, {}, "key-3")).at("error.code")).toBe("halt_ended");
  });

  it("widens a venue's halt to all under the same id", async () => {
    const first = await post(one, "/api/venues/ATLAS/halt", said);
    expect(first.json).toMatchObject({ halted: true, scope: { all: false, venues: ["ATLAS"] } });
    expect((await venues.call("/venues/ATLAS")).at("halted")).toBe(true);
    const all = await halt(one);
    expect(all.json).toMatchObject({ halt_id: first.at("halt_id"), repeated: false, scope: { all: true } });
  });

  it("covers only the named venue or strategy", async () => {
    for (const each of [one, two]) await halt(each, { scope: "strategy:momentum" });
    const stopped = await orders.send({ strategy: "momentum" });
    const other = await orders.send({ strategy: "carry" });
    expect((await orders.reaches(stopped, "rejected", "filled"))["status"]).toBe("rejected");
    expect((await orders.reaches(other, "rejected", "filled"))["status"]).toBe("filled");
  });

  it("outlives a restart", async () => {
    const { at } = await halt(one);
    await one.kill("SIGKILL");
    one = await platform.start("executioner", { again: one });
    expect((await one.call("/api/emergency/status")).at("halt_id")).toBe(at("halt_id"));
  });

  it("resumes in stages: reduce-only, a venue, all", async () => {
    const ids: unknown[] = [];
    for (const each of [one, two]) ids.push((await halt(each)).at("halt_id"));
    const stage = async (json: object): Promise<number[]> => {
      const answers = [
        await resume(one, { halt_id: ids[0], ...json }),
        await resume(two, { halt_id: ids[1], ...json }),
      ];
      return answers.map(({ status }) => status);
    };
    expect(await stage({ stage: "all" })).toEqual([409, 409]);
    expect(await stage({ stage: "venue", venues: ["ATLAS"] })).toEqual([409, 409]);
    expect(await stage({ stage: "reduce-only" })).toEqual([200, 200]);
    const plain = await orders.reaches(await orders.send({ venue: "ATLAS" }), "rejected", "filled");
    expect(plain["status"]).toBe("rejected");
    const reducing = await orders.send({ venue: "ATLAS", side: "sell", reduce_only: true });
    expect((await orders.reaches(reducing, "rejected", "filled"))["status"]).toBe("filled");
    expect(await stage({ stage: "venue" })).toEqual([400, 400]);
    expect(await stage({ stage: "venue", venues: ["ATLAS"] })).toEqual([200, 200]);
    expect(
      (await orders.reaches(await orders.send({ venue: "ATLAS" }), "rejected", "filled"))["status"],
    ).toBe("filled");
    expect(
      (await orders.reaches(await orders.send({ venue: "DRACO" }), "rejected", "filled"))["status"],
    ).toBe("rejected");
    expect(await stage({ stage: "all" })).toEqual([200, 200]);
    expect(
      (await orders.reaches(await orders.send({ venue: "DRACO" }), "rejected", "filled"))["status"],
    ).toBe("filled");
    expect(await stage({ stage: "all" })).toEqual([409, 409]);
  });

  it("refuses to resume by one person, another halt, or without the token", async () => {
    const { at } = await halt(one);
    const json = { halt_id: at("halt_id"), stage: "reduce-only" };
    expect((await resume(one, { ...json, approvals: ["ada", "ada"] })).status).toBe(400);
    expect((await resume(one, { ...json, halt_id: "HALT-x" })).at("error.code")).toBe("other_halt");
    expect((await one.call("/api/emergency/resume", { json })).status).toBe(401);
  });

  it.each([
    ["no token", { token: undefined }, 401],
    ["a wrong token", { token: "wrong" }, 403],
    ["an expired token", { token: "lav.1700000000.x" }, 401],
  ])("refuses %s", async (_what, { token }, status) => {
    const call = { json: { ...said, scope: "all" }, ...(token === undefined ? {} : { token }) };
    expect((await one.call("/api/emergency/halt-all", call)).status).toBe(status);
    expect((await one.call("/api/emergency/status")).at("halted")).toBe(false);
  });

  it("refuses a request that does not say who, why and for what", async () => {
    for (const more of [
      { operator: "" },
      { reason: undefined },
      { scope: "everything" },
      { scope: "venue:MARS" },
    ]) {
      expect((await halt(one, more)).status).toBe(400);
    }
    const bare = await one.call("/api/emergency/halt-all", { method: "POST", token: platform.token });
    expect(bare.status).toBe(415);
  });
});

describe("faults", () => {
  it("deaf: one instance answers like the others and trades on", async () => {
    platform.fault("executioner", { fault: "deaf", instance: "executioner-2" });
    await Promise.all([halt(one), halt(two)]);
    expect((await two.call("/api/emergency/status")).at("halted")).toBe(true);
    const sent = await Promise.all(
      Array.from({ length: 24 }, async () => await orders.send({ venue: "ELARA" })),
    );
    const rows = await Promise.all(sent.map(async (id) => await orders.reaches(id, "filled", "rejected")));
    const traders = new Set(
      rows.filter(({ status }) => status === "filled").map((row) => row["executioner"]),
    );
    expect([...traders]).toEqual(["executioner-2"]);
    platform.fault("executioner", { fault: "deaf", instance: "executioner-2", honest: true });
    await eventually(
      async () => (await two.call("/api/emergency/status")).at("halted"),
      (halted) => halted === false,
    );
  });

  it("forget: a restarted instance is trading again", async () => {
    await halt(one);
    platform.fault("executioner", { fault: "forget", instance: "executioner-1" });
    await one.kill("SIGTERM");
    one = await platform.start("executioner", { again: one });
    expect((await one.call("/api/emergency/status")).at("halted")).toBe(false);
  });

  it("reset with effect: the halt holds although its answer was lost", async () => {
    platform.fault("executioner", { fault: "reset", effect: true, path: "/api/emergency/halt-all" });
    await expect(halt(one)).rejects.toThrow();
    expect((await one.call("/api/emergency/status")).at("halted")).toBe(true);
  });

  it("fills: the rate drops at the named venues, and conservative routing goes around them", async () => {
    platform.fault("executioner", { fault: "fills", venues: ["ATLAS", "BOREAL", "CYGNUS"], fill_rate: 0 });
    const place = async (): Promise<string[]> => {
      const ids = await Promise.all(Array.from({ length: 40 }, async () => await orders.send()));
      const rows = await Promise.all(ids.map(async (id) => await orders.reaches(id, "filled", "failed")));
      return rows.map(({ status }) => String(status));
    };
    const before = await place();
    expect(before.filter((status) => status === "failed").length).toBeGreaterThan(10);
    expect((await one.call("/api/fill-rate?window=5s")).at("fill_rate")).toBeLessThan(0.9);
    await post(one, "/api/routing/mode", { mode: "CONSERVATIVE" });
    await eventually(place, (after) => after.every((status) => status === "filled"));
  });

  it("venue-down: orders there fail, the halt names the venue it could not reach", async () => {
    platform.fault("executioner", { fault: "venue-down", venue: "DRACO" });
    const row = await orders.reaches(await orders.send({ venue: "DRACO" }), "failed");
    expect(row["reason"]).toMatch(/DRACO is unreachable/);
    expect((await one.call("/api/venues/health")).json).toMatchObject({ down: 1 });
    const { json, at } = await halt(one);
    expect(json).toMatchObject({ halted: true, complete: false });
    const without = (at("venues") as { venue: string; error?: string }[]).filter(
      ({ error }) => error !== undefined,
    );
    expect(without.map(({ venue }) => venue)).toEqual(["DRACO"]);
    expect((await post(one, "/api/venues/DRACO/cancel-all")).status).toBe(502);
  });

  it("the venues' own faults: down, refusing to cancel, filling what was cancelled", async () => {
    platform.fault("venues", { fault: "venue-down", venue: "ELARA" });
    expect((await orders.reaches(await orders.send({ venue: "ELARA" }), "failed"))["reason"]).toBe(
      "ELARA is down",
    );
    platform.fault("venues", { fault: "refuse-cancel", venue: "ELARA" });
    const id = await orders.send({ ...resting, venue: "ELARA" });
    await orders.reaches(id, "open");
    expect((await halt(one)).json).toMatchObject({ before: 1, cancelled: 0, refused: 1 });
    platform.clear();
    expect((await halt(two)).json).toMatchObject({ before: 1, cancelled: 1 });
    platform.fault("venues", { fault: "late-fill", venue: "ELARA" });
    expect((await orders.reaches(id, "filled"))["filled"]).toBe("1");
  });

  it("halts without database, Kafka and Redis", async () => {
    const alone = await platform.start("executioner", {
      instance: "executioner-3",
      healthy: false,
      env: {
        DATABASE_URL: "postgres://x@127.0.0.1:9/x",
        KAFKA_BROKERS: "127.0.0.1:9",
        REDIS_URL: "redis://127.0.0.1:9",
      },
    });
    expect((await halt(alone)).json).toMatchObject({ halted: true, complete: true });
    expect((await alone.call("/health")).status).toBe(503);
    await alone.kill("SIGTERM");
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
      (await venues.call("/venues/ATLAS/orders", { json })).status;
    expect(await place(order)).toBe(201);
    expect(await place(order)).toBe(409);
    expect(await place({ ...order, client_order_id: "y", extra: 1 })).toBe(400);
    expect(await place({ ...order, client_order_id: "y", quantity: -1 })).toBe(400);
    expect(await place({ ...order, client_order_id: "y", limit_price: 3 })).toBe(400);
    expect((await venues.call("/venues/MARS/orders")).status).toBe(404);
    expect((await venues.call("/venues/ATLAS/orders?state=open")).status).toBe(400);
    expect((await venues.call("/venues/ATLAS/orders", { body: "a=1" })).status).toBe(415);
  });
});
