import { describe, expect, test } from "vitest";
import { fail, ok, type Result } from "../../../src/base/result.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import type {
  AcceptedOrder,
  HaltScope,
  InstanceState,
  OrdersSince,
  Trading,
  TradingInstance,
  VenueFill,
  VenueOrder,
} from "../../../src/ports/trading.ts";
import { prove } from "../../../src/trading/proof/prove.ts";

const down = fail({
  type: "unreachable",
  target: "x",
  cause: "refused",
  message: "connection refused",
} as const);
const halted = new Date("2026-01-31T10:00:00.000Z");
const after = (seconds: number): Date => new Date(halted.getTime() + seconds * 1000);

interface Told {
  readonly state?: Partial<InstanceState> | "down";
  readonly other?: "down";
  readonly venueHalted?: boolean;
  readonly market?: "open" | "closed";
  readonly open?: readonly (readonly VenueOrder[])[];
  readonly fills?: readonly (readonly VenueFill[])[];
  readonly orders?: Result<OrdersSince> | readonly Result<OrdersSince>[];
  readonly window?: number;
  readonly since?: Date;
  readonly scope?: HaltScope;
}

/** Proves on a world of two instances and one venue that is as told, read after read. */
async function proven(told: Told) {
  const one: TradingInstance = { url: "http://one", found: "configured", container: "one" };
  const two: TradingInstance = { url: "http://two", found: "configured", container: "two" };
  const state = (instance: string, more: Partial<InstanceState> = {}): Result<InstanceState> =>
    ok({
      instance,
      halted: true,
      stage: "halted",
      haltId: `H-${instance}`,
      since: halted,
      incident: undefined,
      operator: undefined,
      reason: undefined,
      covers: { all: true, venues: [], strategies: [] },
      resumed: [],
      killed: [],
      answeredAt: after(1),
      ...more,
    });
  const nth = <T>(lists: readonly (readonly T[])[] = [[]]) => {
    let read = 0;
    return async () => await Promise.resolve(ok(lists[Math.min(read++, lists.length - 1)] ?? []));
  };
  const none = ok({ accepted: [], refused: new Map() });
  const ordersAt = (read: number): Result<OrdersSince> => {
    const all = told.orders === undefined ? [none] : "ok" in told.orders ? [told.orders] : told.orders;
    return all[Math.min(read, all.length - 1)] ?? none;
  };
  let orderReads = 0;
  const openOrders = nth(told.open);
  const fills = nth(told.fills);
  const trading: Partial<Trading> = {
    deadline: 1000,
    proof: { window: 200, every: 50 },
    instances: async () => await Promise.resolve({ running: [one, two], stopped: [], unseen: undefined }),
    state: async ({ url }) => {
      if (url === one.url)
        return await Promise.resolve(told.state === "down" ? down : state("a", told.state));
      return await Promise.resolve(told.other === "down" ? down : state("b"));
    },
    venues: async () =>
      await Promise.resolve(
        ok([
          {
            venue: "ATLAS",
            market: told.market ?? "open",
            halted: told.venueHalted === true,
            openOrders: 0,
            answeredAt: after(1),
          },
        ]),
      ),
    openOrders,
    fills,
    ordersSince: async () => await Promise.resolve(ordersAt(orderReads++)),
    offsets: async () => await Promise.resolve(ok({ orders: 1n, fills: 1n })),
  };
  let now = 0;
  const clock: Clock = {
    now: () => told.since ?? halted,
    monotonic: () => (now += 10),
    sleep: async () => {},
  };
  const window = told.window === undefined ? {} : { window: told.window };
  const request = { scope: told.scope ?? "all", since: told.since ?? halted, ...window } as const;
  return await prove({ trading: trading as Trading, clock }, request, new AbortController().signal);
}

function order(more: Partial<VenueOrder> = {}): VenueOrder {
  return {
    order: "v1",
    client: "c1",
    strategy: "carry",
    symbol: "SPX",
    side: "buy",
    quantity: 5,
    timeInForce: "DAY",
    placedAt: halted,
    ...more,
  };
}

function fill(sequence: number, at = after(2)): VenueFill {
  return {
    venue: "ATLAS",
    boot: "x",
    sequence,
    order: "v1",
    client: "c1",
    symbol: "SPX",
    side: "buy",
    quantity: 5,
    price: 1,
    at,
  };
}

function accepted(
  instance: string,
  acceptedAt: Date,
  more: Partial<AcceptedOrder> = {},
): Result<OrdersSince> {
  const one = {
    order: "c1",
    instance,
    venue: "ATLAS",
    strategy: "carry",
    symbol: "SPX",
    side: "buy",
    quantity: "5",
    status: "filled",
    acceptedAt,
  };
  return ok({ accepted: [{ ...one, ...more }], refused: new Map() });
}

describe("a proof", () => {
  test("holds when every instance is halted and the venue is quiet in two reads", async () => {
    const proof = await proven({});
    expect([proof.outcome, proof.halts, proof.venues]).toEqual([
      "PROVEN",
      ["H-a", "H-b"],
      [{ venue: "ATLAS", market: "open", closed: false, open: [0, 0] }],
    ]);
  });

  test.each<[string, Told, "PARTIAL" | "UNKNOWN", RegExp]>([
    [
      "an instance trades",
      { state: { halted: false, stage: "trading" } },
      "PARTIAL",
      /one \(http:\/\/one\) trades: it is not halted/,
    ],
    ["one is being resumed", { state: { stage: "reduce-only" } }, "PARTIAL", /at stage reduce-only/],
    [
      "its halt covers less",
      { state: { covers: { all: false, venues: ["BOREAL"], strategies: [] } } },
      "PARTIAL",
      /does not cover all/,
    ],
    ["one does not answer", { state: "down" }, "UNKNOWN", /one \(http:\/\/one\): x does not answer/],
    ["an order rests", { open: [[order()]] }, "PARTIAL", /ATLAS holds order c1 open: buy 5 SPX, carry/],
    [
      "an order was gone in the last read only",
      { open: [...Array.from({ length: 5 }, () => [order()]), []] },
      "UNKNOWN",
      /no open order in one of the two reads only/,
    ],
    [
      "a fill comes between the reads",
      {
        fills: Array.from({ length: 9 }, (_, read) =>
          Array.from({ length: read }, (_none, at) => fill(at + 1)),
        ),
      },
      "PARTIAL",
      /ATLAS filled buy 5 SPX/,
    ],
    [
      "an order was accepted after the halt",
      { orders: accepted("a", after(0.5)) },
      "PARTIAL",
      /^one .*accepted 1 order after the halt \(ATLAS\), the last c1/,
    ],
    [
      "one that nobody knows accepted an order",
      { orders: accepted("z", after(0.5)) },
      "PARTIAL",
      /z accepted 1 order/,
    ],
  ])("does not when %s", async (_what, told, outcome, says) => {
    const proof = await proven(told);
    expect([proof.outcome, [...proof.trading, ...proof.unknown].join("\n")]).toEqual([
      outcome,
      expect.stringMatching(says),
    ]);
  });

  test("where every venue refuses orders itself, what an instance says makes no order", async () => {
    for (const told of [{ state: "down" }, { state: { halted: false } }] as const) {
      const proof = await proven({ ...told, venueHalted: true, orders: accepted("a", after(0.5)) });
      expect([proof.outcome, proof.exceptions.join("\n")]).toEqual([
        "PROVEN",
        expect.stringContaining("every venue refuses"),
      ]);
      expect(proof.exceptions.join("\n")).toContain("1 order was accepted between the halt and the closing");
    }
  });

  test("an orders table that was not read once does not make orders of before the closing into trading", async () => {
    const late = accepted("a", after(0.5));
    const proof = await proven({ venueHalted: true, window: 1, orders: [down, late] });
    expect([proof.outcome, proof.exceptions]).toEqual([
      "PROVEN",
      ["1 order was accepted between the halt and the closing of the venues"],
    ]);
  });

  test("whether orders came before the closing is not known where the read before could not be made", async () => {
    const orders = [ok({ accepted: [], refused: new Map() }), down, accepted("a", after(0.5))];
    const fills = [[], [fill(1)], [fill(1)]];
    const proof = await proven({ venueHalted: true, window: 1, fills, orders });
    expect([proof.outcome, proof.trading, proof.unknown]).toEqual([
      "UNKNOWN",
      [],
      [
        expect.stringMatching(
          /^cannot tell whether this was before the venues were closed: the orders table could not be read then \(x does not answer.*\): one \(http:\/\/one\) accepted 1 order after the halt \(ATLAS\), the last c1 at/,
        ),
      ],
    ]);
  });

  test("an order that a closed market keeps is an exception, and is told", async () => {
    const proof = await proven({ market: "closed", open: [[order({ timeInForce: "GTC" })]] });
    expect([proof.outcome, proof.exceptions]).toEqual([
      "PROVEN",
      [expect.stringContaining("good till cancelled")],
    ]);
  });

  test("an order of before the halt, and a fill of before it, are no part of it", async () => {
    const proof = await proven({ orders: accepted("a", after(-0.1)), fills: [[fill(1, after(-0.1))]] });
    expect([proof.outcome, proof.accepted, proof.fills]).toEqual(["PROVEN", [], []]);
  });

  test.each([
    ["ten years ahead", 3.15e8],
    ["ten years behind", -3.15e8],
  ])("this machine's clock %s changes nothing", async (_what, seconds) => {
    const since = after(seconds);
    expect((await proven({ since })).outcome).toBe("PROVEN");
    for (const instance of ["a", "z"]) {
      expect((await proven({ since, orders: accepted(instance, after(0.5)) })).outcome).toBe("PARTIAL");
      expect((await proven({ since, orders: accepted(instance, after(-0.5)) })).outcome).toBe("PROVEN");
    }
  });

  test("a halt of a strategy looks at its orders alone", async () => {
    const covers = { all: false, venues: [], strategies: ["carry"] };
    const others = { scope: "strategy:momentum" as const, fills: [[fill(1)], [fill(2)], [fill(3)]] };
    const proof = await proven({ ...others, open: [[order()]], orders: accepted("a", after(0.5)) });
    expect(proof.outcome).toBe("PROVEN");
    const own = await proven({ scope: "strategy:carry", state: { covers }, open: [[order()]] });
    expect([own.outcome, own.trading.length]).toEqual(["PARTIAL", 1]);
  });

  test("a table that does not answer leaves the venues' word, and is told", async () => {
    const proof = await proven({ orders: down });
    expect([proof.outcome, proof.unheard, proof.refused]).toEqual([
      "PROVEN",
      [expect.stringContaining("the orders table")],
      undefined,
    ]);
  });
});
