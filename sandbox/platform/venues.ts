import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { ageRoute, settledRoute } from "./shared/admin.ts";
import { flagOption, listOption, numberOption, type Fault } from "./shared/faults.ts";
import { Refusal } from "./shared/reply.ts";
import { runService } from "./shared/run-service.ts";
import { ageBook, fill, openOrders, type Book, type BookOrder } from "./venue/book.ts";
import { venueRoutes } from "./venue/routes.ts";
import { seedBooks } from "./venue/seed.ts";

/** Milliseconds after which a DAY order that rests is filled, as if the market came to it. */
const restMs = 20_000;

// The venues themselves: what is outside of the platform, and knows its orders without asking it.
await runService("venues", 3010, (context) => {
  const { faults, log, metrics, chance } = context;
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
  const due = (book: Book): BookOrder[] => {
    const late = faultAt("late-fill", book.venue);
    return [...book.orders.values()].filter((order) => {
      const rests = order.status === "open" && order.time_in_force === "DAY" && book.open && !book.halted;
      const old = Date.now() - Date.parse(order.placed_at) > restMs;
      return (rests && old) || (late !== undefined && order.status === "cancelled");
    });
  };
  context.every(200, "resting orders", () => {
    for (const book of books.values()) for (const order of due(book)) fill(book, order, 0, next);
  });

  return {
    checks: {},
    routes: [
      ageRoute((seconds) => {
        for (const book of books.values()) ageBook(book, seconds);
      }),
      settledRoute(async () =>
        [...books.values()].flatMap((book) =>
          due(book).length === 0
            ? []
            : [`${due(book).length} orders at ${book.venue} are about to be filled`],
        ),
      ),
      ...venueRoutes({
        books: () => books,
        boot: randomUUID(),
        next,
        slip(venue) {
          const fault = faultAt("fills", venue);
          return fault === undefined ? chance.level("slippage") * 2 : numberOption(fault, "slippage_bps", 25);
        },
        unfilled(venue) {
          const fault = faultAt("fills", venue);
          if (fault === undefined) return false;
          return chance.times(`fills ${fault.set} ${venue}`, numberOption(fault, "fill_rate", 0.5)) === 0;
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
    ],
    reset() {
      books = seedBooks();
    },
    async stop() {},
  };
});
