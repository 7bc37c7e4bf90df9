import { describe, expect, test } from "vitest";
import { fail, ok } from "../../../src/base/result.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import type { AcceptedOrder, Trading, TradingInstance, VenueFill } from "../../../src/ports/trading.ts";
import { prove } from "../../../src/trading/proof/prove.ts";

const hour = 3_600_000;
const beginning = Date.parse("2026-01-31T10:00:00.250Z");

/** A clock's lead over the true time, in milliseconds, at a true time since the halt. */
type Lead = (now: number) => number;
const right: Lead = () => 0;
const steps =
  (at: number, by: number): Lead =>
  (now) =>
    now < at ? 0 : by;

interface Settings {
  readonly machine?: Lead;
  readonly instance?: Lead;
  readonly venues?: Lead;
  /** True times at which the instance takes an order, whatever it says. */
  readonly orders?: readonly number[];
  /** What becomes of them at the venue. */
  readonly fills?: boolean;
  readonly down?: boolean;
}

/** A world whose true time goes on with every call, and whose clocks show it as they do. */
async function proven({
  machine = right,
  instance = right,
  venues = right,
  orders = [],
  fills = true,
  down = false,
}: Settings) {
  let now = 0;
  const spend = async <T>(value: () => T): Promise<T> => {
    now += 5;
    return await Promise.resolve(value());
  };
  const by = (lead: Lead, at = now): Date => new Date(beginning + at + lead(at));
  const header = (lead: Lead): Date => new Date(Math.floor(by(lead).getTime() / 1000) * 1000);
  const one: TradingInstance = { url: "http://one", found: "configured", container: "one" };
  const all = { all: true, venues: [], strategies: [] };
  const gone = fail({ type: "unreachable", target: "one", cause: "refused", message: "refused" } as const);
  const base = { instance: "a", halted: true, stage: "halted", haltId: "H", resumed: [], killed: [] };
  const unsaid = { incident: undefined, operator: undefined, reason: undefined };
  const taken = (): readonly number[] => orders.filter((at) => at <= now);
  const order = (at: number): AcceptedOrder => {
    const what = { venue: "ATLAS", strategy: "carry", symbol: "SPX", side: "buy", quantity: "5" };
    return { ...what, order: `c${at}`, instance: "a", status: "filled", acceptedAt: by(instance, at) };
  };
  const fill = (at: number): VenueFill => {
    const what = { venue: "ATLAS", symbol: "SPX", side: "buy", quantity: 5, price: 1, boot: "b" };
    return { ...what, sequence: at, order: `v${at}`, client: `c${at}`, at: by(venues, at) };
  };
  const since = by(instance, 20);
  const trading: Partial<Trading> = {
    deadline: 1000,
    proof: { window: 3000, every: 500 },
    instances: async () => await spend(() => ({ running: [one], stopped: [], unseen: undefined })),
    state: async () =>
      await spend(() => {
        return down ? gone : ok({ ...base, ...unsaid, since, covers: all, answeredAt: header(instance) });
      }),
    venues: async () =>
      await spend(() => {
        const market = "open" as const;
        return ok([{ venue: "ATLAS", market, halted: false, openOrders: 0, answeredAt: header(venues) }]);
      }),
    openOrders: async () => await spend(() => ok([])),
    fills: async () => await spend(() => ok(fills ? taken().map(fill) : [])),
    ordersSince: async (from) =>
      await spend(() => {
        const accepted = taken().map(order);
        return ok({ accepted: accepted.filter(({ acceptedAt }) => acceptedAt > from), refused: new Map() });
      }),
    offsets: async () => await spend(() => ok({ orders: 1n, fills: 1n })),
  };
  let sleeps = 0;
  const clock: Clock = {
    now: () => by(machine),
    monotonic: () => 1000 + now,
    sleep: async (ms) => {
      now += ms;
      if (++sleeps > 100) throw new Error("it looks for ever");
      await Promise.resolve();
    },
  };
  const asked = by(machine);
  now = 100;
  const request = { scope: "all", since: asked, begun: 1000 } as const;
  return await prove({ trading: trading as Trading, clock }, request, new AbortController().signal);
}

/** Orders that go on and on. */
const onAndOn = Array.from({ length: 60 }, (_, at) => 200 + at * 97);

describe("this machine's clock, set by an hour", () => {
  const when = { "in the halt": 50, "in the proof": 400 };
  const cases = Object.entries(when).flatMap(([what, at]) =>
    [-hour, hour].map((by) => [`${by < 0 ? "back" : "forward"} ${what}`, steps(at, by)] as const),
  );

  test.each(cases)("%s: a quiet world is PROVEN, and the clock is told of", async (what, machine) => {
    const proof = await proven({ machine });
    expect([proof.outcome, proof.accepted, proof.fills]).toEqual(["PROVEN", [], []]);
    expect(proof.clocks.join("\n")).toContain(
      `this machine's clock was set ${what.split(" ")[0]} by about 1h`,
    );
  });

  test.each(cases)(
    "%s: what was accepted after is found, and dated by who took it",
    async (_what, machine) => {
      const proof = await proven({ machine, orders: [10, 500] });
      expect(proof.outcome).toBe("PARTIAL");
      expect(proof.accepted.map(({ order, acceptedAt }) => [order, acceptedAt.getTime()])).toEqual([
        ["c500", beginning + 500],
      ]);
      expect(proof.fills.map(({ client }) => client)).toEqual(["c500"]);
    },
  );

  test.each(cases)(
    "%s: and where no instance answers, the venue's fills are still seen",
    async (_what, machine) => {
      const proof = await proven({ machine, orders: onAndOn, down: true });
      expect([proof.outcome, proof.trading.join("\n")]).toEqual([
        "PARTIAL",
        expect.stringContaining("ATLAS filled buy 5 SPX"),
      ]);
    },
  );
});

describe("a clock that differs", () => {
  test("is told of: an instance's, the venues', or this machine's where all others agree", async () => {
    const differs = async (settings: Settings) => (await proven(settings)).clocks;
    expect(await differs({})).toEqual([]);
    expect(await differs({ instance: () => hour })).toEqual([
      "the clock of one (http://one) is about 1h ahead of this machine's",
    ]);
    expect(await differs({ venues: () => -hour })).toEqual([
      "the clock of the venues is about 1h behind this machine's",
    ]);
    expect(await differs({ machine: () => hour })).toEqual([
      "this machine's clock is about 1h ahead of the platform's; times below are the platform's",
    ]);
  });

  test.each([-hour, hour])("by %i ms misses nothing and makes nothing up", async (by) => {
    for (const whose of ["machine", "instance", "venues"] as const) {
      const settings = { [whose]: () => by };
      expect((await proven(settings)).outcome).toBe("PROVEN");
      expect((await proven({ ...settings, orders: [10] })).outcome).toBe("PROVEN");
      const proof = await proven({ ...settings, orders: [10, 500] });
      expect([whose, proof.outcome, proof.accepted.map(({ order }) => order)]).toEqual([
        whose,
        "PARTIAL",
        ["c500"],
      ]);
      expect([whose, proof.fills.map(({ client }) => client)]).toEqual([whose, ["c500"]]);
    }
  });
});

describe("an instance's clock, set", () => {
  test.each([
    ["after its halt", 60],
    ["in the proof", 400],
  ])("back %s: what it accepts is dated before its halt, so nothing is proven by it", async (_what, at) => {
    const instance = steps(at, -hour);
    const proof = await proven({ instance, orders: [500, 900], fills: false });
    expect(proof.outcome).not.toBe("PROVEN");
    expect(proof.clocks.join("\n")).toContain("the clock of one (http://one) was set back by about 1h");
    expect(proof.unknown.join("\n")).toContain(
      "cannot tell what one (http://one) has accepted since the halt",
    );
  });

  test("forward: what it accepts is after its halt", async () => {
    const proof = await proven({ instance: steps(400, hour), orders: [500], fills: false });
    expect([proof.outcome, proof.accepted.map(({ order }) => order)]).toEqual(["PARTIAL", ["c500"]]);
    expect(proof.clocks.join("\n")).toContain("was set forward by about 1h");
  });
});
