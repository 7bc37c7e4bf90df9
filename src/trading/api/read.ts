import { jsonText } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type {
  HaltCovers,
  HaltReply,
  InstanceState,
  VenueCancelled,
  VenueFill,
  VenueOrder,
  VenueState,
} from "../../ports/trading.ts";
import { field, type ApiAnswer } from "./call.ts";
import { figure } from "./figure.ts";

/**
 * Replies of the executioner and the venues, read. A reply that leaves out what a proof would rest on is
 * unreadable, whatever its status was.
 */
export function readHalt(target: string, { json, date }: ApiAnswer): Result<HaltReply> {
  const [haltId, instance] = [textOf(json, "halt_id"), textOf(json, "instance")];
  const since = dateOf(json, "since");
  if (
    field(json, "halted") !== true ||
    haltId === undefined ||
    instance === undefined ||
    since === undefined
  ) {
    return unreadable(target, "its reply does not confirm the halt", json);
  }
  return ok({
    instance,
    haltId,
    since,
    repeated: field(json, "repeated") === true,
    persisted: field(json, "persisted") !== false,
    venues: listOf(json, "venues").map(cancelledOf),
    unanswered: listOf(json, "unknown").map((one) => ({
      order: textOf(one, "order_id") ?? "?",
      venue: textOf(one, "venue") ?? "?",
    })),
    answeredAt: date,
  });
}

export function readInstanceState(target: string, { json, date }: ApiAnswer): Result<InstanceState> {
  const halted = field(json, "halted");
  const instance = textOf(json, "instance");
  if (typeof halted !== "boolean" || instance === undefined) {
    return unreadable(target, "its reply does not say whether it is halted", json);
  }
  return ok({
    instance,
    halted,
    stage: textOf(json, "stage") ?? (halted ? "halted" : "trading"),
    haltId: textOf(json, "halt_id"),
    since: dateOf(json, "since"),
    incident: textOf(json, "incident_id"),
    operator: textOf(json, "operator"),
    reason: textOf(json, "reason"),
    covers: coversOf(field(json, "scope")),
    resumed: texts(field(json, "resumed")),
    killed: texts(field(json, "killed")),
    answeredAt: date,
  });
}

export function readVenues(target: string, { json, date }: ApiAnswer): Result<readonly VenueState[]> {
  const venues = field(json, "venues");
  if (!Array.isArray(venues)) return unreadable(target, "its reply has no list of venues", json);
  const read = venues.map((one) => ({
    venue: textOf(one, "venue") ?? "",
    market: field(one, "market") === "closed" ? ("closed" as const) : ("open" as const),
    halted: field(one, "halted") === true,
    openOrders: numberOf(one, "open_orders") ?? Number.NaN,
    answeredAt: date,
  }));
  const bad = read.some(({ venue, openOrders }) => venue === "" || Number.isNaN(openOrders));
  return bad ? unreadable(target, "a venue lacks its name or its number of open orders", json) : ok(read);
}

export function readOrders(target: string, { json }: ApiAnswer): Result<readonly VenueOrder[]> {
  const orders = field(json, "orders");
  if (!Array.isArray(orders)) return unreadable(target, "its reply has no list of orders", json);
  return ok(
    orders.map((one) => ({
      order: textOf(one, "order_id") ?? "?",
      client: textOf(one, "client_order_id") ?? "?",
      strategy: textOf(one, "strategy") ?? "?",
      symbol: textOf(one, "symbol") ?? "?",
      side: textOf(one, "side") ?? "?",
      quantity: numberOf(one, "quantity") ?? Number.NaN,
      timeInForce: textOf(one, "time_in_force") ?? "?",
      placedAt: dateOf(one, "placed_at") ?? new Date(0),
    })),
  );
}

export function readFills(target: string, venue: string, { json }: ApiAnswer): Result<readonly VenueFill[]> {
  const fills = field(json, "fills");
  const boot = textOf(json, "boot");
  if (!Array.isArray(fills) || boot === undefined)
    return unreadable(target, "its reply has no list of fills", json);
  return ok(
    fills.map((one) => ({
      venue,
      boot,
      sequence: numberOf(one, "sequence") ?? 0,
      order: textOf(one, "order_id") ?? "?",
      client: textOf(one, "client_order_id") ?? "?",
      symbol: textOf(one, "symbol") ?? "?",
      side: textOf(one, "side") ?? "?",
      quantity: numberOf(one, "quantity") ?? Number.NaN,
      price: numberOf(one, "price") ?? Number.NaN,
      at: dateOf(one, "at") ?? new Date(0),
    })),
  );
}

export function readCancelled(target: string, venue: string, { json }: ApiAnswer): Result<VenueCancelled> {
  if (numberOf(json, "before") === undefined)
    return unreadable(target, "its reply does not say what it cancelled", json);
  return ok({ ...cancelledOf(json), venue });
}

function cancelledOf(json: unknown): VenueCancelled {
  return {
    venue: textOf(json, "venue") ?? "?",
    before: numberOf(json, "before") ?? 0,
    cancelled: numberOf(json, "cancelled") ?? 0,
    refused: listOf(json, "refused").map((one) => ({
      order: textOf(one, "client_order_id") ?? textOf(one, "order_id") ?? "?",
      reason: textOf(one, "reason") ?? "no reason given",
    })),
    error: textOf(json, "error"),
  };
}

function coversOf(scope: unknown): HaltCovers {
  return {
    all: field(scope, "all") === true,
    venues: texts(field(scope, "venues")),
    strategies: texts(field(scope, "strategies")),
  };
}

function unreadable(target: string, message: string, json: unknown): Result<never> {
  const sample = jsonText(json).slice(0, 200);
  return fail({ type: "unreadable", target, message, sample });
}

function textOf(json: unknown, name: string): string | undefined {
  const value = field(json, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function numberOf(json: unknown, name: string): number | undefined {
  return figure(field(json, name));
}

function dateOf(json: unknown, name: string): Date | undefined {
  const date = new Date(textOf(json, name) ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function listOf(json: unknown, name: string): readonly unknown[] {
  const value = field(json, name);
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
