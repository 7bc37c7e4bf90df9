import { randomUUID } from "node:crypto";
import { choiceField, fieldsOf, wholeField } from "../shared/input.ts";
import { restless } from "../shared/group.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Pool } from "../shared/postgres.ts";
import { badRequest, conflict, ok, type Reply } from "../shared/reply.ts";
import type { Request } from "../shared/http.ts";
import type { Context } from "../shared/service.ts";
import { patience, untilSo } from "../shared/until-so.ts";
import { orderOf, outcomes, symbols, type Order, type Outcome } from "../trading/order.ts";
import { executioners } from "../trading/underway.ts";
import { venueNames } from "../venue/seed.ts";
import { placeOrder } from "./orders.ts";

/** Dollars that an order is about: little, so that no limit is met. */
const size = 100;

/** Orders that are checked at a time. */
const together = 4;

/** What the orders table says of an order that had this outcome. */
const statusOf: Readonly<Record<Outcome, string>> = {
  filled: "filled",
  failed: "failed",
  rests: "open",
  rejected: "rejected",
};

/**
 * `POST /admin/orders`: so many orders, bought and sold in turn, through the topic and an executioner to a venue.
 * Answers when every one has had the outcome that was asked for in the database; 409 when one has had another.
 */
export async function makeOrders(context: Context, pool: Pool, bus: Bus, request: Request): Promise<Reply> {
  const names = ["n", "venue", "symbol", "outcome", "instance", "within"];
  const fields = fieldsOf(request.headers["content-type"], request.body, names);
  const n = wholeField(fields, "n", 1, 500);
  const outcome = choiceField(fields, "outcome", outcomes);
  const venue = fields["venue"] === undefined ? undefined : choiceField(fields, "venue", venueNames);
  const symbol =
    fields["symbol"] === undefined ? "BTC-USD" : choiceField(fields, "symbol", Object.keys(symbols));
  const within = patience(fields["within"]);

  const partitions = await partitionsOf(bus, fields["instance"], within);
  const orders = Array.from({ length: n }, (_, index) => ({
    order: made(index, symbol, venue, outcome),
    partition: partitions[index % partitions.length] ?? 0,
  }));
  // A few at a time: Risk Warden has five connections, and a busy machine one processor.
  for (let at = 0; at < n; at += together) {
    const some = orders.slice(at, at + together);
    await Promise.all(
      some.map(async ({ order, partition }) => await placeOrder(context, bus, order, { partition, within })),
    );
  }

  const ids = orders.map(({ order }) => order.id);
  const wanted = statusOf[outcome];
  let rows: Awaited<ReturnType<Pool["rows"]>> = [];
  await untilSo(async () => {
    rows = await pool.rows(
      `SELECT id, executioner AS instance, venue, status, reason, accepted_at IS NOT NULL AS accepted
       FROM orders WHERE id = ANY ($1) ORDER BY array_position($1, id)`,
      [ids],
    );
    const ended = rows.filter(({ status }) => status !== "pending");
    const other = ended.filter(({ status }) => status !== wanted);
    const [first] = other;
    if (first !== undefined && ended.length === n) {
      const why = `${String(first["status"])} at ${String(first["venue"])}: ${String(first["reason"])}`;
      throw conflict(
        "other_outcome",
        `${other.length} of ${n} orders are not ${wanted}; the first is ${why}`,
      );
    }
    // What the executioner writes of an order's end, it writes last.
    const done = ended.filter(
      (row) => row["status"] === wanted && (row["accepted"] || outcome === "rejected"),
    );
    return done.length === n ? [] : [`${done.length} of ${n} orders are ${wanted}`];
  }, within);
  return ok({
    orders: rows.map(({ id, instance, venue: at, status }) => ({ id, instance, venue: at, status })),
  });
}

/** Those that the executioner of this instance reads; without one, each instance's in turn. */
async function partitionsOf(bus: Bus, instance: unknown, within: number): Promise<readonly number[]> {
  const { group, topic } = executioners;
  let members: readonly { readonly instance: string; readonly partitions: readonly number[] }[] = [];
  await untilSo(async () => {
    const look = await bus.group(group, topic);
    members = look.members.toSorted((a, b) => a.instance.localeCompare(b.instance));
    return restless(group, look);
  }, within);
  if (instance !== undefined) {
    const found = members.find((member) => member.instance === instance);
    if (found === undefined)
      throw badRequest(`instance is one of ${members.map((member) => member.instance).join(", ")}`);
    return found.partitions;
  }
  const most = Math.max(...members.map(({ partitions }) => partitions.length));
  const readers = members.filter(({ partitions }) => partitions.length > 0);
  return Array.from({ length: most }, (_, round) =>
    readers.map(({ partitions }) => partitions[round % partitions.length] ?? 0),
  ).flat();
}

function made(index: number, symbol: string, venue: string | undefined, outcome: Outcome): Order {
  const price = symbols[symbol] ?? 1;
  const order = orderOf(randomUUID(), {
    symbol,
    side: index % 2 === 0 ? "buy" : "sell",
    quantity: Number((size / price).toPrecision(3)),
    strategy: "made",
    ...(venue === undefined ? {} : { venue }),
    ...(outcome === "rests" ? { type: "limit", limit_price: price, time_in_force: "GTC" } : {}),
  });
  return { ...order, outcome };
}
