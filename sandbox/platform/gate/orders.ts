import { randomUUID } from "node:crypto";
import { callJson, errorOf } from "../shared/client.ts";
import type { Bus } from "../shared/kafka.ts";
import { messageOf } from "../shared/log.ts";
import { Refusal } from "../shared/reply.ts";
import type { Context } from "../shared/service.ts";
import { orderOf, symbols, type Order } from "../trading/order.ts";

/** Dollars that a generated order is about. */
const size = 5000;
/** Part of the generated orders that rest: in turn, every tenth. */
const restingPart = 0.1;

/** Checks an order with Risk Warden and puts it into the topic `orders`; throws a Refusal when it may not. */
export async function placeOrder(
  context: Context,
  bus: Bus,
  order: Order,
  { partition, within = 2000 }: { readonly partition?: number; readonly within?: number } = {},
): Promise<void> {
  const { id: _, placed_at: _placed, outcome: _outcome, ...fields } = order;
  const asked = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  const url = `${context.settings.riskWardenUrl}/api/risk/check`;
  const reply = await callJson(url, { json: asked, within }).catch((error: unknown) => {
    throw new Refusal(503, "risk_unavailable", `risk cannot be checked: ${messageOf(error)}`);
  });
  if (reply.status !== 200)
    throw new Refusal(503, "risk_unavailable", `risk cannot be checked: ${errorOf(reply)}`);
  const { allowed, reason } = reply.json as { allowed: boolean; reason: string | null };
  if (!allowed) throw new Refusal(422, "risk_refused", reason ?? "risk refuses the order");
  const where = partition === undefined ? {} : { partition };
  await bus.send("orders", [{ key: order.symbol, value: order, ...where }]);
  context.metrics.count("orders_placed_total");
}

/** Orders of its own at a rate; each symbol is bought and sold in turn, so that positions stay about equal. */
export function startGenerator(context: Context, bus: Bus) {
  let rate = context.settings.orderRate;
  let owed = 0;
  let turn = 0;
  const names = Object.keys(symbols);
  let sending = 0;
  context.every(100, "generating orders", async () => {
    owed = Math.min(owed + rate / 10, rate);
    const orders: Order[] = [];
    for (; owed >= 1; owed--)
      orders.push(
        generated(
          names[turn % names.length] ?? "",
          Math.floor(turn++ / names.length),
          context.chance.times("rests", restingPart) > 0,
        ),
      );
    sending = orders.length;
    const results = await Promise.allSettled(
      orders.map(async (order) => await placeOrder(context, bus, order)),
    );
    sending = 0;
    const failed = results.find((result) => result.status === "rejected");
    context.metrics.count("orders_generated_total", orders.length);
    if (failed !== undefined) throw failed.reason;
  });
  return {
    rate: () => rate,
    sending: () => sending,
    set(next: number): void {
      rate = next;
      owed = 0;
    },
    reset(): void {
      rate = context.settings.orderRate;
      owed = 0;
      turn = 0;
    },
  };
}

function generated(symbol: string, round: number, rests: boolean): Order {
  const price = symbols[symbol] ?? 1;
  return orderOf(randomUUID(), {
    symbol,
    side: round % 2 === 0 ? "buy" : "sell",
    quantity: Number((size / price).toPrecision(3)),
    strategy: round % 3 === 0 ? "momentum" : "carry",
    ...(rests ? { type: "limit", limit_price: price, time_in_force: "DAY" } : {}),
  });
}
