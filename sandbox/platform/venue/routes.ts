import {
  choiceField,
  fieldsOf,
  knownQuery,
  numberField,
  textField,
  wholeQuery,
  type Fields,
} from "../shared/input.ts";
import type { Request, Route } from "../shared/http.ts";
import { badRequest, notFound, ok, type Reply } from "../shared/reply.ts";
import { cancel, cancelAll, openOrders, place, type Book, type VenueOrder } from "./book.ts";

/** What the routes need of the program. */
export interface Desk {
  readonly books: () => ReadonlyMap<string, Book>;
  /** Identifies this run of the program: sequences begin again with each. */
  readonly boot: string;
  readonly next: () => number;
  /** Basis points an order slips now, and whether a market order stays unfilled. */
  readonly slip: (venue: string) => number;
  readonly unfilled: (venue: string) => boolean;
  readonly refusesCancel: (venue: string) => boolean;
  readonly reported: (venue: string, positions: ReadonlyMap<string, number>) => ReadonlyMap<string, number>;
  /** Waits or throws as the venue's fault says. */
  readonly meet: (venue: string) => Promise<void>;
}

const orderFields = [
  "client_order_id",
  "client",
  "strategy",
  "symbol",
  "side",
  "quantity",
  "type",
  "limit_price",
  "time_in_force",
  "reference_price",
  "outcome",
] as const;

/** The venues' own APIs. They take exactly what they know and nothing else. */
export function venueRoutes(desk: Desk): Route[] {
  const at = (
    method: Route["method"],
    path: string,
    handle: (book: Book, request: Request) => Reply,
  ): Route => ({
    method,
    path: `/venues/:venue${path}`,
    async handle(request) {
      const book = desk.books().get(request.params["venue"] ?? "");
      if (book === undefined) throw notFound(`there is no venue ${request.params["venue"]}`);
      await desk.meet(book.venue);
      return handle(book, request);
    },
  });
  const unfilled = ({ type, outcome }: VenueOrder, venue: string): boolean => {
    if (outcome !== undefined) return outcome === "failed";
    // What rests has no part in the turns.
    return type === "market" && desk.unfilled(venue);
  };
  return [
    { method: "GET", path: "/venues", handle: () => ok({ venues: [...desk.books().values()].map(stateOf) }) },
    at("GET", "", (book, { query }) => {
      knownQuery(query, []);
      return ok(stateOf(book));
    }),
    at("GET", "/orders", (book, { query }) => {
      knownQuery(query, ["status"]);
      const status = query.get("status") ?? "open";
      if (!["open", "filled", "cancelled", "expired", "all"].includes(status))
        throw badRequest(`no status ${status}`);
      const orders = [...book.orders.values()].filter((order) => status === "all" || order.status === status);
      return ok({ venue: book.venue, as_of: new Date().toISOString(), count: orders.length, orders });
    }),
    at("POST", "/orders", (book, { headers, body }) => {
      const order = orderOf(fieldsOf(headers["content-type"], body, orderFields));
      const placed = place(book, order, desk.slip(book.venue), unfilled(order, book.venue), desk.next);
      const fills = book.fills.filter(({ order_id }) => order_id === placed.order_id);
      return { status: 201, body: { boot: desk.boot, order: placed, fills } };
    }),
    at("DELETE", "/orders/:id", (book, { params }) => ok(cancel(book, params["id"] ?? ""))),
    at("POST", "/cancel-all", (book, { headers, body }) => {
      const fields = fieldsOf(headers["content-type"], body, ["strategy"]);
      const strategy = fields["strategy"] === undefined ? undefined : textField(fields, "strategy");
      if (desk.refusesCancel(book.venue)) {
        const refused = openOrders(book).map(({ order_id, client_order_id }) => ({
          order_id,
          client_order_id,
          reason: "the venue refuses to cancel",
        }));
        return ok({ before: refused.length, cancelled: 0, refused });
      }
      return ok(cancelAll(book, (order) => strategy === undefined || order.strategy === strategy));
    }),
    at("POST", "/halt", (book) => {
      book.halted = true;
      return ok({ ...stateOf(book), ...cancelAll(book, () => true) });
    }),
    at("POST", "/resume", (book) => {
      book.halted = false;
      return ok(stateOf(book));
    }),
    at("GET", "/fills", (book, { query }) => {
      knownQuery(query, ["after"]);
      const after = wholeQuery(query, "after", 0, Number.MAX_SAFE_INTEGER, 0);
      const fills = book.fills.filter(({ sequence }) => sequence > after);
      return ok({ venue: book.venue, boot: desk.boot, fills });
    }),
    at("GET", "/positions", (book) => {
      const held = [...desk.reported(book.venue, book.positions)].filter(([, quantity]) => quantity !== 0);
      const positions = held.map(([symbol, quantity]) => ({ symbol, quantity }));
      return ok({ venue: book.venue, as_of: new Date().toISOString(), positions });
    }),
  ];
}

function stateOf(book: Book) {
  return {
    venue: book.venue,
    market: book.open ? "open" : "closed",
    halted: book.halted,
    open_orders: openOrders(book).length,
  };
}

function orderOf(fields: Fields): VenueOrder {
  const type = choiceField(fields, "type", ["market", "limit"]);
  const timeInForce = choiceField(fields, "time_in_force", ["IOC", "DAY", "GTC"]);
  if (type === "market" && (timeInForce !== "IOC" || fields["limit_price"] !== null)) {
    throw badRequest("a market order is IOC and its limit_price is null");
  }
  const outcome =
    fields["outcome"] === undefined ? undefined : choiceField(fields, "outcome", ["filled", "failed"]);
  return {
    ...(outcome === undefined ? {} : { outcome }),
    client_order_id: textField(fields, "client_order_id"),
    client: textField(fields, "client"),
    strategy: textField(fields, "strategy"),
    symbol: textField(fields, "symbol"),
    side: choiceField(fields, "side", ["buy", "sell"]),
    quantity: numberField(fields, "quantity", 0, 1e9),
    type,
    limit_price: type === "market" ? null : numberField(fields, "limit_price", 0, 1e9),
    time_in_force: timeInForce,
    reference_price: numberField(fields, "reference_price", 0, 1e9),
  };
}
