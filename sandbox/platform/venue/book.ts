import { randomUUID } from "node:crypto";
import { conflict, notFound, Refusal } from "../shared/reply.ts";

export type Side = "buy" | "sell";
export type TimeInForce = "IOC" | "DAY" | "GTC";

/** An order as a venue takes it. */
export interface VenueOrder {
  /** The client's own id; a second order with the same is refused. */
  readonly client_order_id: string;
  /** Who sent it. */
  readonly client: string;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: number;
  readonly type: "market" | "limit";
  readonly limit_price: number | null;
  readonly time_in_force: TimeInForce;
  /** The price a stand-in fills at: it has no market of its own. */
  readonly reference_price: number;
  /** Whether a market order is filled, when a test has said so; else it is, or as a fault says. */
  readonly outcome?: "filled" | "failed";
}

export interface BookOrder extends VenueOrder {
  readonly order_id: string;
  placed_at: string;
  status: "open" | "filled" | "cancelled" | "expired";
}

export interface BookFill {
  /** Grows by one a fill, over all venues. */
  readonly sequence: number;
  readonly fill_id: string;
  readonly order_id: string;
  readonly client_order_id: string;
  readonly venue: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: number;
  readonly price: number;
  readonly slippage_bps: number;
  readonly at: string;
}

export interface Cancelled {
  readonly before: number;
  readonly cancelled: number;
  readonly refused: readonly {
    readonly order_id: string;
    readonly client_order_id: string;
    readonly reason: string;
  }[];
}

/** One venue: its orders, its fills, and what it holds for the account. */
export interface Book {
  readonly venue: string;
  open: boolean;
  halted: boolean;
  readonly orders: Map<string, BookOrder>;
  readonly fills: BookFill[];
  readonly positions: Map<string, number>;
}

export function createBook(venue: string, open: boolean, positions: Readonly<Record<string, number>>): Book {
  const held = new Map(Object.entries(positions));
  return { venue, open, halted: false, orders: new Map(), fills: [], positions: held };
}

export function openOrders(book: Book): BookOrder[] {
  return [...book.orders.values()].filter(({ status }) => status === "open");
}

/** Takes an order: a market order is filled at once, a limit order rests. `slip` is in basis points. */
export function place(
  book: Book,
  order: VenueOrder,
  slip: number,
  unfilled: boolean,
  next: () => number,
): BookOrder {
  if (book.halted) throw conflict("venue_halted", `${book.venue} takes no orders: it was told to halt`);
  if (!book.open && order.time_in_force !== "GTC") {
    throw conflict("market_closed", `${book.venue} is closed and takes only good-till-cancelled orders`);
  }
  if ([...book.orders.values()].some((each) => each.client_order_id === order.client_order_id)) {
    throw conflict("duplicate", `there is an order ${order.client_order_id} already`);
  }
  const placed: BookOrder = {
    ...order,
    order_id: randomUUID(),
    placed_at: new Date().toISOString(),
    status: "open",
  };
  book.orders.set(placed.order_id, placed);
  if (order.type === "market" && unfilled) placed.status = "expired";
  else if (order.type === "market") fill(book, placed, slip, next);
  forgetOld(book);
  return placed;
}

export function fill(book: Book, order: BookOrder, slip: number, next: () => number): BookFill {
  const towards = order.side === "buy" ? 1 : -1;
  const base = order.limit_price ?? order.reference_price;
  const done: BookFill = {
    sequence: next(),
    fill_id: randomUUID(),
    order_id: order.order_id,
    client_order_id: order.client_order_id,
    venue: book.venue,
    symbol: order.symbol,
    side: order.side,
    quantity: order.quantity,
    price: base * (1 + (towards * slip) / 10_000),
    slippage_bps: slip,
    at: new Date().toISOString(),
  };
  order.status = "filled";
  book.fills.push(done);
  book.positions.set(order.symbol, (book.positions.get(order.symbol) ?? 0) + towards * order.quantity);
  return done;
}

/** As if so many seconds had passed since everything that it has. */
export function ageBook(book: Book, seconds: number): void {
  const earlier = (at: string): string => new Date(Date.parse(at) - seconds * 1000).toISOString();
  for (const order of book.orders.values()) order.placed_at = earlier(order.placed_at);
  book.fills.splice(0, Infinity, ...book.fills.map((each) => ({ ...each, at: earlier(each.at) })));
}

/** Cancels one order, or says why not. */
export function cancel(book: Book, id: string): BookOrder {
  const order = book.orders.get(id);
  if (order === undefined) throw notFound(`there is no order ${id} at ${book.venue}`);
  const reason = refusal(book, order);
  if (reason !== undefined) throw new Refusal(409, "cannot_cancel", reason);
  order.status = "cancelled";
  return order;
}

export function cancelAll(book: Book, which: (order: BookOrder) => boolean): Cancelled {
  const before = openOrders(book).filter(which);
  const refused: Cancelled["refused"][number][] = [];
  for (const order of before) {
    const reason = refusal(book, order);
    if (reason === undefined) order.status = "cancelled";
    else refused.push({ order_id: order.order_id, client_order_id: order.client_order_id, reason });
  }
  return { before: before.length, cancelled: before.length - refused.length, refused };
}

function refusal(book: Book, order: BookOrder): string | undefined {
  if (order.status !== "open") return `the order is ${order.status}`;
  if (!book.open && order.time_in_force === "GTC")
    return "the market is closed: good-till-cancelled orders stay";
  return undefined;
}

function forgetOld(book: Book): void {
  if (book.fills.length > 5000) book.fills.splice(0, 1000);
  for (const [id, { status }] of book.orders) {
    if (book.orders.size <= 5000) return;
    if (status !== "open") book.orders.delete(id);
  }
}
