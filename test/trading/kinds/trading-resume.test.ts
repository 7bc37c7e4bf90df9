import { expect, test } from "vitest";
import { fail, ok } from "../../../src/base/result.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import type { InstanceState, Trading } from "../../../src/ports/trading.ts";
import { tradingResume } from "../../../src/trading/kinds/trading-resume.ts";
import { args, context } from "../../kinds/context.ts";

const now = new Date("2026-11-30T10:50:00.000Z");
const clock: Clock = { now: () => now, monotonic: () => 0, sleep: async () => {} };

/** Two halted instances whose clocks say these times; each goes to the stage that it is told. */
function trading(...answeredAt: readonly (Date | undefined)[]): Trading {
  const stages = answeredAt.map(() => "halted");
  const state = (at: number): InstanceState => ({
    instance: `ex${at}`,
    halted: true,
    stage: stages[at] ?? "",
    haltId: `HALT-${at}`,
    since: undefined,
    incident: undefined,
    operator: undefined,
    reason: undefined,
    covers: { all: true, venues: [], strategies: [] },
    resumed: [],
    killed: [],
    answeredAt: answeredAt[at],
  });
  const running = answeredAt.map((_, at) => ({
    url: `http://ex${at}`,
    found: "configured" as const,
    container: undefined,
  }));
  const indexOf = (url: string): number => running.findIndex((one) => one.url === url);
  return {
    deadline: 1000,
    instances: async () => await Promise.resolve({ running, stopped: [], unseen: undefined }),
    state: async ({ url }: { url: string }) => await Promise.resolve(ok(state(indexOf(url)))),
    venues: async () => await Promise.resolve(ok([])),
    resume: async ({ url }: { url: string }, { stage }: { stage: string }) => {
      stages[indexOf(url)] = stage;
      return await Promise.resolve(ok(undefined));
    },
  } as unknown as Trading;
}

async function since(...answeredAt: readonly (Date | undefined)[]): Promise<unknown> {
  const world = context({ trading: trading(...answeredAt), clock }, { people: ["ada", "bob"] });
  const done = await tradingResume.execute(
    args(tradingResume, { stage: "reduce-only", token: "a-token" }),
    world,
  );
  return done.ok ? done.value["since"] : fail(done);
}

test("faults 2: venues that take no orders themselves are named, for nothing goes through there", async () => {
  const venue = { openOrders: 0, answeredAt: now };
  const ports = {
    trading: {
      ...trading(now, now),
      positions: async () => await Promise.resolve(ok([])),
      book: async () => await Promise.resolve(ok([])),
      venues: async () =>
        await Promise.resolve(
          ok([
            { ...venue, venue: "ATLAS", market: "open", halted: true },
            { ...venue, venue: "NOVA", market: "closed", halted: false },
            { ...venue, venue: "OPX", market: "open", halted: false },
          ]),
        ),
    } as unknown as Trading,
    clock,
  };
  const given = args(tradingResume, { stage: "reduce-only", token: "a-token" });
  const seen = await tradingResume.preview?.(given, context(ports, { people: ["ada", "bob"] }));
  expect(seen?.ok === true && seen.value.lines).toContain(
    "2 of 3 venues take no orders: ATLAS is closed to orders, NOVA's market is closed",
  );
});

const ahead = (ms: number): Date => new Date(now.getTime() + ms);

test("orders are dated by the platform: what is asked of it begins at the earliest of its clocks", async () => {
  expect(await since(ahead(10_800_000), ahead(10_799_000))).toEqual(ahead(10_799_000));
  expect(await since(ahead(-60_000), undefined)).toEqual(ahead(-60_000));
});

test("where no instance tells its time, this machine's is all there is", async () => {
  expect(await since(undefined, undefined)).toEqual(now);
});
