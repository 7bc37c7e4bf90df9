import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { flagOption, listOption, numberOption, type Fault } from "./shared/faults.ts";
import { Refusal } from "./shared/reply.ts";
import { runService } from "./shared/run-service.ts";
import { fill, openOrders } from "./venue/book.ts";
import { venueRoutes } from "./venue/routes.ts";
import { seedBooks } from "./venue/seed.ts";

/** Milliseconds after which a DAY order that rests is filled, as if the market came to it. */
const restMs = 20_000;

// The venues themselves: what is outside of the platform, and knows its orders without asking it.
await runService("venues", 3010, (context) => {
  const { faults, log, metrics } = context;
  let books = seedBooks();
  let sequence = 0;
  const next = (): number => ++sequence;
  const faultAt = (name: string, venue: string): Fault | undefined => {
    const fault = faults.active(name);
    const venues =
      fault === undefined ? undefined : (listOption(fault, "venues") ?? listOption(fault, "venue"));
    return fault !== undefined && (venues === undefined || venues.includes(venue)) ? fault : undefined;
  };
  metrics.gauge("venue_open_orders", () =>
    [...books.values()].reduce((n, book) => n + openOrders(book).length, 0),
  );
  metrics.gauge("venue_fills", () => sequence);

  // Resting orders fill by and by; under `late-fill` those that were cancelled do as well.
  context.every(200, "resting orders", () => {
    for (const book of books.values()) {
      const late = faultAt("late-fill", book.venue);
      for (const order of book.orders.values()) {
        const due = order.status === "open" && order.time_in_force === "DAY" && book.open && !book.halted;
        const old = Date.now() - Date.parse(order.placed_at) > restMs;
        if ((due && old) || (late !== undefined && order.status === "cancelled")) fill(book, order, 0, next);
      }
    }
  });

  return {
    checks: {},
    routes: venueRoutes({
      books: () => books,
      boot: randomUUID(),
      next,
      slip(venue) {
        const fault = faultAt("fills", venue);
        return fault === undefined ? Math.random() * 2 : numberOption(fault, "slippage_bps", 25);
      },
      unfilled(venue) {
        const fault = faultAt("fills", venue);
        return fault !== undefined && Math.random() >= numberOption(fault, "fill_rate", 0.5);
      },
      refusesCancel: (venue) => faultAt("refuse-cancel", venue) !== undefined,
      reported(venue, positions) {
        const fault = faultAt("misreport", venue);
        if (fault === undefined) return positions;
        const by = numberOption(fault, "by", 1);
        return new Map([...positions].map(([symbol, quantity]) => [symbol, quantity + by]));
      },
      async meet(venue) {
        const fault = faultAt("venue-down", venue);
        if (fault === undefined) return;
        log("warn", "the venue is down", { venue });
        if (flagOption(fault, "hang")) await wait(60_000, undefined, { ref: false });
        throw new Refusal(503, "venue_down", `${venue} is down`);
      },
    }),
    reset() {
      books = seedBooks();
    },
    async stop() {},
  };
});
