import { describe, expect, it } from "vitest";
import { createRouting } from "../../sandbox/platform/execution/routing.ts";
import type { VenueClient } from "../../sandbox/platform/execution/venue-client.ts";
import { createChance } from "../../sandbox/platform/shared/chance.ts";
import type { Keys } from "../../sandbox/platform/shared/redis.ts";

const reliability: VenueClient["reliability"] = (venue) => ({
  venue,
  samples: 0,
  success_rate: 1,
  latency_ms: null,
  last_error: null,
});

/** An executioner's routing, with Redis in memory and venues that were never asked. */
function routing() {
  const kept = new Map<string, string>();
  const keys: Pick<Keys, "get" | "set" | "remove"> = {
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => void kept.set(key, value),
    remove: async (key) => void kept.delete(key),
  };
  return createRouting(keys as Keys, { reliability } as VenueClient, createChance(undefined, ""));
}

const order = (id: string) => ({ id, venue: null, reduce_only: false });
const anywhere = (): boolean => true;
/** In the order of their turns. */
const open = ["ATLAS", "BOREAL", "CYGNUS", "DRACO", "ELARA"];

describe("routing in turn", () => {
  it("gives an order that is tried again the venue of before, and takes nobody's turn for it", () => {
    const orders = routing();
    const venues = open.flatMap((_, turn) => {
      const { venue } = orders.choose(order(`ORD-${turn}`), anywhere);
      const again = orders.choose(order(`ORD-${turn}`), anywhere, venue);
      expect(again).toEqual({ venue, why: "normal" });
      return [again.venue];
    });
    expect(venues).toEqual(open);
  });

  it("chooses anew where the venue of before is disabled or not allowed any more", async () => {
    const orders = routing();
    expect(orders.choose(order("ORD-1"), anywhere).venue).toBe("ATLAS");
    expect(orders.choose(order("ORD-1"), (venue) => venue !== "ATLAS", "ATLAS").venue).toBe("BOREAL");
    await orders.disable(["BOREAL"], undefined);
    expect(orders.choose(order("ORD-1"), anywhere, "BOREAL").venue).toBe("CYGNUS");
  });
});
