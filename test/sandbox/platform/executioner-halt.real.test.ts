import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { resting } from "./harness-orders.ts";
import { said, startTrading, type Trading } from "./harness-trading.ts";
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

describe("halt", () => {
  it("cancels, says what it cancelled, and accepts nothing after the answer", async () => {
    const rests = await Promise.all(
      ["ATLAS", "BOREAL"].map(async (venue) => await trading.orders.send({ ...resting, venue })),
    );
    await Promise.all(rests.map(async (id) => await trading.orders.reaches(id, "open")));
    // A stream of orders runs on through the halt.
    const sent: string[] = [];
    let sending = true;
    const stream = (async () => {
      while (sending) sent.push(await trading.orders.send());
    })();
    await eventually(
      () => sent.length,
      (count) => count > 20,
    );
    const answers = await Promise.all([trading.halt(trading.one), trading.halt(trading.two)]);
    const answered = Date.now();
    await eventually(
      () => sent.length,
      (count) => count > 60,
    );
    sending = false;
    await stream;
    for (const id of sent) await trading.orders.reaches(id, "filled", "rejected");

    for (const answer of answers)
      expect(answer.json).toMatchObject({ halted: true, complete: true, unknown: [] });
    expect(answers.reduce((sum, { at }) => sum + Number(at("cancelled")), 0)).toBe(2);
    const late = await trading.platform.sql("SELECT count(*)::int AS n FROM orders WHERE accepted_at > $1", [
      new Date(answered),
    ]);
    expect(late[0]?.["n"]).toBe(0);
    const all = await trading.platform.sql(
      "SELECT status, count(*)::int AS n FROM orders WHERE strategy = 'test' AND id = ANY ($1) GROUP BY 1",
      [sent],
    );
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(["filled", "rejected"]));
    const open = await Promise.all(
      ["ATLAS", "BOREAL", "CYGNUS", "DRACO", "ELARA", "FORNAX"].map(trading.openAt),
    );
    expect(open).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("is one instance's own; again: the same id and no second effect, with the same key the same answer", async () => {
    const first = await trading.halt(trading.one, {}, "key-1");
    const status = { halted: true, halt_id: first.at("halt_id") };
    expect((await trading.one.call("/api/emergency/status")).json).toMatchObject(status);
    expect((await trading.two.call("/api/emergency/status")).at("stage")).toBe("trading");
    const again = await trading.halt(trading.one, {}, "key-1");
    expect(again.json).toEqual(first.json);
    const other = await trading.halt(trading.one, {}, "key-2");
    expect(other.json).toMatchObject({ halt_id: first.at("halt_id"), repeated: true });
    expect((await trading.halt(trading.one, { reason: "another" }, "key-1")).at("error.code")).toBe(
      "key_reused",
    );
  });

  it("refuses a key whose halt has ended: its old answer would be a false proof", async () => {
    const first = await trading.halt(trading.one, {}, "key-3");
    for (const stage of ["reduce-only", "venue", "all"]) {
      const venue = stage === "venue" ? { venues: ["ATLAS"] } : {};
      expect(
        (await trading.resume(trading.one, { halt_id: first.at("halt_id"), stage, ...venue })).status,
      ).toBe(200);
    }
    expect((await trading.halt(trading.one, {}, "key-3")).at("error.code")).toBe("halt_ended");
  });

  it("widens a venue's halt to all under the same id", async () => {
    const first = await trading.post(trading.one, "/api/venues/ATLAS/halt", said);
    expect(first.json).toMatchObject({ halted: true, scope: { all: false, venues: ["ATLAS"] } });
    expect((await trading.venues.call("/venues/ATLAS")).at("halted")).toBe(true);
    const all = await trading.halt(trading.one);
    expect(all.json).toMatchObject({ halt_id: first.at("halt_id"), repeated: false, scope: { all: true } });
  });

  it("covers only the named venue or strategy", async () => {
    for (const each of [trading.one, trading.two]) await trading.halt(each, { scope: "strategy:momentum" });
    const stopped = await trading.orders.send({ strategy: "momentum" });
    const other = await trading.orders.send({ strategy: "carry" });
    expect((await trading.orders.reaches(stopped, "rejected", "filled"))["status"]).toBe("rejected");
    expect((await trading.orders.reaches(other, "rejected", "filled"))["status"]).toBe("filled");
  });

  it("outlives a restart", async () => {
    const { at } = await trading.halt(trading.one);
    await trading.one.kill("SIGKILL");
    trading.one = await trading.platform.start("executioner", { again: trading.one });
    expect((await trading.one.call("/api/emergency/status")).at("halt_id")).toBe(at("halt_id"));
  });

  it("resumes in stages: reduce-only, a venue, all", async () => {
    const ids: unknown[] = [];
    for (const each of [trading.one, trading.two]) ids.push((await trading.halt(each)).at("halt_id"));
    const stage = async (json: object): Promise<number[]> => {
      const answers = [
        await trading.resume(trading.one, { halt_id: ids[0], ...json }),
        await trading.resume(trading.two, { halt_id: ids[1], ...json }),
      ];
      return answers.map(({ status }) => status);
    };
    expect(await stage({ stage: "all" })).toEqual([409, 409]);
    expect(await stage({ stage: "venue", venues: ["ATLAS"] })).toEqual([409, 409]);
    expect(await stage({ stage: "reduce-only" })).toEqual([200, 200]);
    const plain = await trading.orders.reaches(
      await trading.orders.send({ venue: "ATLAS" }),
      "rejected",
      "filled",
    );
    expect(plain["status"]).toBe("rejected");
    const reducing = await trading.orders.send({ venue: "ATLAS", side: "sell", reduce_only: true });
    expect((await trading.orders.reaches(reducing, "rejected", "filled"))["status"]).toBe("filled");
    expect(await stage({ stage: "venue" })).toEqual([400, 400]);
    expect(await stage({ stage: "venue", venues: ["ATLAS"] })).toEqual([200, 200]);
    expect(
      (await trading.orders.reaches(await trading.orders.send({ venue: "ATLAS" }), "rejected", "filled"))[
        "status"
      ],
    ).toBe("filled");
    expect(
      (await trading.orders.reaches(await trading.orders.send({ venue: "DRACO" }), "rejected", "filled"))[
        "status"
      ],
    ).toBe("rejected");
    expect(await stage({ stage: "all" })).toEqual([200, 200]);
    expect(
      (await trading.orders.reaches(await trading.orders.send({ venue: "DRACO" }), "rejected", "filled"))[
        "status"
      ],
    ).toBe("filled");
    expect(await stage({ stage: "all" })).toEqual([409, 409]);
  });

  it("refuses to resume by one person, another halt, or without the token", async () => {
    const { at } = await trading.halt(trading.one);
    const json = { halt_id: at("halt_id"), stage: "reduce-only" };
    expect((await trading.resume(trading.one, { ...json, approvals: ["ada", "ada"] })).status).toBe(400);
    expect((await trading.resume(trading.one, { ...json, halt_id: "HALT-x" })).at("error.code")).toBe(
      "other_halt",
    );
    expect((await trading.one.call("/api/emergency/resume", { json })).status).toBe(401);
  });

  it.each([
    ["no token", {}, 401, 'Bearer realm="lav"'],
    ["a token without a scheme", { headers: { authorization: "lav.1.x" } }, 401, 'Bearer realm="lav"'],
    ["a wrong token", { token: "wrong" }, 403, null],
    [
      "an expired token",
      { token: "lav.1700000000.x" },
      401,
      'Bearer realm="lav", error="invalid_token", error_description="expired"',
    ],
  ])("refuses %s", async (_what, call, status, challenge) => {
    const json = { ...said, scope: "all" };
    const answer = await trading.one.call("/api/emergency/halt-all", { ...call, json });
    expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([status, challenge]);
    expect((await trading.one.call("/api/emergency/status")).at("halted")).toBe(false);
  });

  it("refuses a request that does not say who, why and for what", async () => {
    for (const more of [
      { operator: "" },
      { reason: undefined },
      { scope: "everything" },
      { scope: "venue:MARS" },
    ]) {
      expect((await trading.halt(trading.one, more)).status).toBe(400);
    }
    const bare = await trading.one.call("/api/emergency/halt-all", {
      method: "POST",
      token: trading.platform.token,
    });
    expect(bare.status).toBe(415);
  });
});

describe("faults", () => {
  it("deaf: one instance answers like the others and trades on", async () => {
    trading.platform.fault("executioner", { fault: "deaf", instance: "executioner-2" });
    await Promise.all([trading.halt(trading.one), trading.halt(trading.two)]);
    expect((await trading.two.call("/api/emergency/status")).at("halted")).toBe(true);
    const sent = await Promise.all(
      Array.from({ length: 24 }, async () => await trading.orders.send({ venue: "ELARA" })),
    );
    const rows = await Promise.all(
      sent.map(async (id) => await trading.orders.reaches(id, "filled", "rejected")),
    );
    const traders = new Set(
      rows.filter(({ status }) => status === "filled").map((row) => row["executioner"]),
    );
    expect([...traders]).toEqual(["executioner-2"]);
    trading.platform.fault("executioner", { fault: "deaf", instance: "executioner-2", honest: true });
    await eventually(
      async () => (await trading.two.call("/api/emergency/status")).at("halted"),
      (halted) => halted === false,
    );
  });

  it("forget: a restarted instance is trading again", async () => {
    await trading.halt(trading.one);
    trading.platform.fault("executioner", { fault: "forget", instance: "executioner-1" });
    await trading.one.kill("SIGTERM");
    trading.one = await trading.platform.start("executioner", { again: trading.one });
    expect((await trading.one.call("/api/emergency/status")).at("halted")).toBe(false);
  });

  it("reset with effect: the halt holds although its answer was lost", async () => {
    trading.platform.fault("executioner", { fault: "reset", effect: true, path: "/api/emergency/halt-all" });
    await expect(trading.halt(trading.one)).rejects.toThrow();
    expect((await trading.one.call("/api/emergency/status")).at("halted")).toBe(true);
  });

  it("waits for an order on its way, so that it is cancelled with the others", async () => {
    trading.platform.fault("venues", { fault: "slow", ms: 1500, before: true, path: "/venues/ATLAS/orders" });
    const id = await trading.orders.send({ ...resting, venue: "ATLAS" });
    await eventually(
      async () =>
        await Promise.all([trading.one, trading.two].map(async (each) => (await each.call("/metrics")).text)),
      (texts) => texts.some((text) => text.includes("orders_in_flight 1")),
    );
    const answers = await Promise.all([trading.halt(trading.one), trading.halt(trading.two)]);
    expect(answers.map(({ at }) => at("cancelled"))).toContain(1);
    await trading.orders.reaches(id, "cancelled");
    trading.platform.clear();
    expect(await trading.openAt("ATLAS")).toBe(0);
  });

  it("a venue that hangs: the order sent there is named as unknown, and the others are cancelled meanwhile", async () => {
    const rests = await trading.orders.send({ ...resting, venue: "CYGNUS" });
    await trading.orders.reaches(rests, "open");
    trading.platform.fault("venues", { fault: "venue-down", venue: "ATLAS", hang: true });
    const id = await trading.orders.send({ venue: "ATLAS" });
    await eventually(
      async () =>
        await Promise.all([trading.one, trading.two].map(async (each) => (await each.call("/metrics")).text)),
      (texts) => texts.some((text) => text.includes("orders_in_flight 1")),
    );
    const answers = Promise.all([trading.halt(trading.one), trading.halt(trading.two)]);
    // Before the halt has given up on ATLAS, which is when it answers.
    const early = eventually(
      async () => await trading.openAt("CYGNUS"),
      (count) => count === 0,
    );
    expect(await Promise.race([early, answers.then(() => "answered first")])).toBe(0);
    const unknown = (await answers).flatMap(({ at }) => at("unknown"));
    expect(unknown).toEqual([{ order_id: id, venue: "ATLAS" }]);
    expect((await answers).map(({ at }) => at("complete"))).toEqual([false, false]);
  });

  it("venue-down: orders there fail, the halt names the venue it could not reach", async () => {
    trading.platform.fault("executioner", { fault: "venue-down", venue: "DRACO" });
    const row = await trading.orders.reaches(await trading.orders.send({ venue: "DRACO" }), "failed");
    expect(row["reason"]).toMatch(/DRACO is unreachable/);
    expect((await trading.one.call("/api/venues/health")).json).toMatchObject({ down: 1 });
    const { json, at } = await trading.halt(trading.one);
    expect(json).toMatchObject({ halted: true, complete: false });
    const without = (at("venues") as { venue: string; error?: string }[]).filter(
      ({ error }) => error !== undefined,
    );
    expect(without.map(({ venue }) => venue)).toEqual(["DRACO"]);
    expect((await trading.post(trading.one, "/api/venues/DRACO/cancel-all")).status).toBe(502);
  });

  it("halts without database, Kafka and Redis", async () => {
    const alone = await trading.platform.start("executioner", {
      instance: "executioner-3",
      healthy: false,
      env: {
        DATABASE_URL: "postgres://x@127.0.0.1:9/x",
        KAFKA_BROKERS: "127.0.0.1:9",
        REDIS_URL: "redis://127.0.0.1:9",
      },
    });
    expect((await trading.halt(alone)).json).toMatchObject({ halted: true, complete: true });
    expect((await alone.call("/health")).status).toBe(503);
    await alone.kill("SIGTERM");
  });
});
