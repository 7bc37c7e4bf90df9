import { fail, ok, type Result } from "../../base/result.ts";
import type { Kafka } from "../../ports/kafka.ts";
import type { Postgres, SqlValue } from "../../ports/ports.ts";
import type { AcceptedOrder, OrdersSince, Trading } from "../../ports/trading.ts";
import type { HttpSettings } from "../../drivers/http/http.ts";
import { call, field } from "./call.ts";
import { readPositions } from "./positions.ts";
import { discover, type WhereTrading } from "./discover.ts";
import { readCancelled, readFills, readOrders, readVenues } from "./read.ts";
import { askState, sendHalt, sendResume, sendVenueHalt } from "./requests.ts";

export interface TradingSettings extends WhereTrading {
  /** The platform's name of the service. */
  readonly service: string;
  /** Base URL of the venues' own API. */
  readonly venues: string;
  /** Base URL of the service that keeps the platform's own positions. */
  readonly book: string;
  readonly topics: { readonly orders: string; readonly fills: string };
  readonly deadline: number;
  readonly proof: Trading["proof"];
  readonly tokenHelp: string;
  readonly phones: readonly string[];
  /** Whom to trust, and what each server asks for. */
  readonly http?: HttpSettings;
}

/** Orders that are listed one by one; what goes beyond is more of the same. */
const mostOrders = 1000;

/** Trading as the platform's services and stores show it. The database and Kafka are asked only for a proof. */
export function createTrading(
  settings: TradingSettings,
  stores: { postgres: Postgres; kafka: Kafka },
): Trading {
  const { http } = settings;
  const at = (venue: string, path: string): string =>
    `${settings.venues}/venues/${encodeURIComponent(venue)}${path}`;
  return {
    target: tradingTarget(settings),
    deadline: settings.deadline,
    proof: settings.proof,
    tokenHelp: settings.tokenHelp,
    phones: settings.phones,
    instances: (signal) => discover(settings, signal),
    halt: ({ url }, request, signal) => sendHalt(url, request, signal, { http }),
    state: ({ url }, signal) => askState(url, signal, http),
    haltVenue: ({ url }, venue, request, signal) => sendVenueHalt(url, venue, request, signal, http),
    haltVenueItself: async (venue, signal) => {
      const url = at(venue, "/halt");
      const reply = await call({ method: "POST", url, json: {}, signal, http });
      return reply.ok ? readCancelled(`POST ${url}`, venue, reply.value) : reply;
    },
    resume: ({ url }, request, signal) => sendResume(url, request, signal, http),
    book: async (signal) => {
      const url = `${settings.book}/api/positions`;
      const reply = await call({ method: "GET", url, signal, http });
      return reply.ok ? readPositions(`GET ${url}`, reply.value.json) : reply;
    },
    positions: async (venue, signal) => {
      const url = at(venue, "/positions");
      const reply = await call({ method: "GET", url, signal, http });
      return reply.ok ? readPositions(`GET ${url}`, field(reply.value.json, "positions"), venue) : reply;
    },
    venues: async (signal) => {
      const url = `${settings.venues}/venues`;
      const reply = await call({ method: "GET", url, signal, http });
      return reply.ok ? readVenues(`GET ${url}`, reply.value) : reply;
    },
    openOrders: async (venue, signal) => {
      const url = at(venue, "/orders?status=open");
      const reply = await call({ method: "GET", url, signal, http });
      return reply.ok ? readOrders(`GET ${url}`, reply.value) : reply;
    },
    fills: async (venue, after, signal) => {
      const url = at(venue, `/fills?after=${after}`);
      const reply = await call({ method: "GET", url, signal, http });
      return reply.ok ? readFills(`GET ${url}`, venue, reply.value) : reply;
    },
    ordersSince: (since, signal) => ordersSince(stores.postgres, since, signal),
    offsets: async (signal) => {
      const sum = async (topic: string): Promise<Result<bigint>> => {
        const ends = await stores.kafka.offsets(topic, "end", signal);
        return ends.ok ? ok([...ends.value.values()].reduce((total, end) => total + end, 0n)) : ends;
      };
      const [orders, fills] = await Promise.all([sum(settings.topics.orders), sum(settings.topics.fills)]);
      if (!orders.ok) return orders;
      return fills.ok ? ok({ orders: orders.value, fills: fills.value }) : fills;
    },
  };
}

/** For a plan: the service and its addresses. */
export function tradingTarget({
  service,
  instances,
}: Pick<TradingSettings, "service" | "instances">): string {
  return `${service} (${instances.join(", ")})`;
}

const acceptedSql = `SELECT id, executioner, venue, strategy, symbol, side, quantity::text AS quantity, status, accepted_at
FROM orders WHERE accepted_at > $1 AND status <> 'failed' ORDER BY accepted_at DESC LIMIT ${mostOrders}`;
const refusedSql = `SELECT reason, count(*) AS n FROM orders
WHERE status = 'rejected' AND reason LIKE 'halted by %' AND updated_at > $1 GROUP BY reason`;

async function ordersSince(
  postgres: Postgres,
  since: Date,
  signal: AbortSignal,
): Promise<Result<OrdersSince>> {
  // A database that is full must not keep a halt from being proven.
  const login = "any" as const;
  const read = { mode: "read", transaction: true, login, statementTimeout: 4000, lockTimeout: 1000 } as const;
  const ask = async (sql: string) =>
    await postgres.query({ ...read, sql, params: [since], maxRows: mostOrders, signal });
  const [accepted, refused] = await Promise.all([ask(acceptedSql), ask(refusedSql)]);
  if (!accepted.ok) return fail(accepted.failure);
  if (!refused.ok) return fail(refused.failure);
  const orders = accepted.value.rows.map((row): AcceptedOrder => ({
    order: cell(row["id"]),
    instance: cell(row["executioner"]),
    venue: cell(row["venue"]),
    strategy: cell(row["strategy"]),
    symbol: cell(row["symbol"]),
    side: cell(row["side"]),
    quantity: cell(row["quantity"]),
    status: cell(row["status"]),
    acceptedAt: new Date(cell(row["accepted_at"])),
  }));
  const counts = refused.value.rows.map((row): [string, number] => [
    cell(row["reason"]).replace(/^halted by /, ""),
    Number(row["n"]),
  ]);
  return ok({ accepted: orders, refused: new Map(counts) });
}

function cell(value: SqlValue | undefined): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "string" ? value : "?";
}
