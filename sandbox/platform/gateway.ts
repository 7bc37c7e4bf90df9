import { randomUUID } from "node:crypto";
import { makeOrders } from "./gate/made-orders.ts";
import { placeOrder, startGenerator } from "./gate/orders.ts";
import { startPrices } from "./gate/prices.ts";
import { ageRoute, settledRoute } from "./shared/admin.ts";
import { fieldsOf } from "./shared/input.ts";
import { openBus } from "./shared/kafka.ts";
import { openPool } from "./shared/postgres.ts";
import { openKeys } from "./shared/redis.ts";
import { accepted, badRequest, ok } from "./shared/reply.ts";
import { runService } from "./shared/run-service.ts";
import { orderFields, orderOf } from "./trading/order.ts";
import { ordersUnderway } from "./trading/underway.ts";

// Gateway: where orders and prices come in.
await runService("gateway", 3000, (context) => {
  const { settings, faults, log, metrics, idempotency } = context;
  const pool = openPool(settings, faults, log);
  const keys = openKeys(settings, log);
  const bus = openBus(settings, log);
  const generator = startGenerator(context, bus);
  const prices = startPrices(context, pool, bus);
  metrics.gauge("order_rate", generator.rate);
  metrics.gauge("db_pool_in_use", () => Number(pool.status()["in_use"]));
  return {
    checks: { postgres: pool.check, kafka: bus.check, redis: keys.check },
    routes: [
      {
        method: "POST",
        path: "/api/orders",
        async handle({ headers, body, key }) {
          const order = orderOf(randomUUID(), fieldsOf(headers["content-type"], body, orderFields));
          return await idempotency.once(key, body, async () => {
            await placeOrder(context, bus, order);
            return accepted(order);
          });
        },
      },
      { method: "GET", path: "/api/generator", handle: () => ok({ rate: generator.rate() }) },
      {
        method: "POST",
        path: "/api/generator",
        handle({ headers, body }) {
          const { rate } = fieldsOf(headers["content-type"], body, ["rate"]);
          if (typeof rate !== "number" || !(rate >= 0 && rate <= 200))
            throw badRequest("rate is between 0 and 200");
          generator.set(rate);
          return ok({ rate });
        },
      },
      { method: "GET", path: "/api/db/pool-status", handle: () => ok(pool.status()) },
      {
        method: "POST",
        path: "/admin/orders",
        handle: async (request) => await makeOrders(context, pool, bus, request),
      },
      ageRoute(async (seconds) => await prices.age(seconds)),
      settledRoute(async () => {
        const sending = generator.sending();
        const underway = await ordersUnderway(bus, pool);
        return sending === 0 ? underway : [`${sending} orders are on their way to the topic`, ...underway];
      }),
    ],
    reset() {
      generator.reset();
      prices.reset();
    },
    async stop() {
      keys.stop();
      await Promise.allSettled([bus.stop(), pool.stop()]);
    },
  };
});
