import { setTimeout as wait } from "node:timers/promises";
import { listOption, numberOption } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import { messageOf } from "../shared/log.ts";
import type { Context } from "../shared/service.ts";
import { orderOfMessage, type Order } from "../trading/order.ts";
import type { VenueOrder } from "../venue/book.ts";
import { haltRefusal, type Halt } from "./halt.ts";
import type { Routing } from "./routing.ts";
import type { Store } from "./store.ts";
import { VenueRefusal, type VenueClient } from "./venue-client.ts";

export interface Desk {
  readonly context: Context;
  readonly bus: Bus;
  readonly store: Store;
  readonly routing: Routing;
  readonly client: VenueClient;
  readonly halt: () => Halt | undefined;
}

/** Orders on their way to a venue, and those that a venue never answered for: it may have them or not. */
export interface Underway {
  readonly inFlight: Map<string, { readonly venue: string; readonly answered: Promise<void> }>;
  readonly unanswered: Map<string, string>;
}

/** Takes orders from the topic to their venues. */
export function startWork(desk: Desk, { inFlight, unanswered }: Underway): void {
  const { context, bus, store, routing, client } = desk;
  const { faults, log, metrics, settings } = context;
  /** By an order that is not written down yet: an attempt after one that failed goes to the same venue. */
  const choices = new Map<string, string>();

  /** Why this instance does not send the order to the venue now. The fault `deaf` hears of no halt. */
  const refusal = (order: Order, venue: string): string | undefined =>
    faults.active("deaf") === undefined ? haltRefusal(desk.halt(), order, venue) : undefined;

  /** The venue's answer; undefined when the venue has the order from an earlier try. Throws when it failed. */
  const ask = async (order: Order, venue: string, price: number) => {
    if (order.outcome === undefined) failByFault(context, venue);
    const placing = client.place(venue, venueOrder(order, settings.instance, price));
    const answered = placing.then(
      () => {},
      () => {},
    );
    inFlight.set(order.id, { venue, answered });
    try {
      return await placing;
    } catch (error) {
      if (!(error instanceof VenueRefusal)) unanswered.set(order.id, venue);
      else if (error.code === "duplicate") return undefined;
      throw error;
    } finally {
      inFlight.delete(order.id);
    }
  };

  const submit = async (order: Order, venue: string, price: number): Promise<void> => {
    const acceptedAt = new Date();
    let placed: Awaited<ReturnType<typeof ask>>;
    try {
      placed = await ask(order, venue, price);
    } catch (error) {
      client.record(venue, false);
      metrics.count("orders_total", 1, { status: "failed" });
      await store.settle(order.id, "failed", { acceptedAt, reason: messageOf(error) });
      return;
    }
    const unfilled = placed?.order.status === "expired";
    client.record(venue, !unfilled);
    for (const fill of placed?.fills ?? []) if (await store.fill(fill)) await announce(bus, fill);
    // Of an order that was there before, the venue's books say the rest.
    await store.settle(order.id, unfilled ? "failed" : "open", {
      acceptedAt,
      ...(placed === undefined ? {} : { venueOrder: placed.order.order_id }),
      ...(unfilled ? { reason: "the venue did not fill it" } : {}),
    });
    metrics.count("orders_total", 1, { status: unfilled ? "failed" : "accepted" });
  };

  const execute = async (order: Order): Promise<void> => {
    const allowed = (each: string): boolean => refusal(order, each) === undefined;
    const { venue, why } = routing.choose(order, allowed, choices.get(order.id));
    if (venue !== undefined) choices.set(order.id, venue);
    const asked = order.outcome === "rejected" ? "rejected, as it was made to be" : undefined;
    const refused = venue === undefined ? why : (asked ?? refusal(order, venue));
    const known = venue ?? null;
    if (refused !== undefined || venue === undefined) {
      const halted = desk.halt();
      const reason =
        venue === undefined && halted !== undefined ? `halted by ${halted.halt_id}` : (refused ?? why);
      await store.begin(order, known, "rejected", reason);
      metrics.count("orders_total", 1, { status: "rejected" });
      return;
    }
    const price = (await store.price(order.symbol)) ?? order.limit_price;
    if (price === null || price === undefined) {
      await store.begin(order, venue, "rejected", `no price for ${order.symbol}`);
      return;
    }
    const fresh = await store.begin(order, venue, "pending", null);
    const target = fresh ? venue : await store.unfinished(order.id);
    if (target === undefined) return;
    // Between the first look and now a halt may have come. From here to the send nothing is awaited.
    const late = refusal(order, target);
    if (late !== undefined) {
      await store.settle(order.id, "rejected", { reason: late });
      return;
    }
    await submit(order, target, price);
  };

  bus.consume("executioner-group", "orders", async ({ messages, beat, commit }) => {
    for (const { offset, value } of messages) {
      const order = orderOfMessage(value);
      if (order === undefined) log("warn", "a message that is no order", { offset });
      for (let attempt = 0; order !== undefined; attempt++) {
        if (!(await beat())) return;
        try {
          await execute(order);
          choices.delete(order.id);
          break;
        } catch (error) {
          // Without the database nothing is accepted: the order waits here.
          if (attempt === 0) log("error", "an order could not be written down", { error: messageOf(error) });
          await wait(300);
        }
      }
      await commit(offset);
    }
  });
}

function venueOrder(order: Order, client: string, price: number): VenueOrder {
  const { limit_price, time_in_force, symbol, side, quantity, type, strategy, outcome } = order;
  return {
    ...(outcome === "filled" || outcome === "failed" ? { outcome } : {}),
    client_order_id: order.id,
    client,
    reference_price: price,
    limit_price,
    time_in_force,
    symbol,
    side,
    quantity,
    type,
    strategy,
  };
}

/** Fills made known to the rest of the platform. */
export async function announce(bus: Bus, fill: { readonly symbol: string }): Promise<void> {
  await bus.send("fills", [{ key: fill.symbol, value: fill }]).catch(() => {});
}

function failByFault({ faults, chance }: Context, venue: string): void {
  const fault = faults.active("fills");
  if (fault === undefined) return;
  const venues = listOption(fault, "venues") ?? listOption(fault, "venue");
  if (venues !== undefined && !venues.includes(venue)) return;
  const filled = chance.times(`fills ${fault.set} ${venue}`, numberOption(fault, "fill_rate", 0.5)) > 0;
  if (!filled) throw new Error("venue timeout");
}
