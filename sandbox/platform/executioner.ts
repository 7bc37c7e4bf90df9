import { createEmergency } from "./execution/emergency.ts";
import { createHalts } from "./execution/halt.ts";
import { orderRoutes } from "./execution/order-routes.ts";
import { startReconciling } from "./execution/reconcile.ts";
import { createRouting } from "./execution/routing.ts";
import { unsettled } from "./execution/settled.ts";
import { createStore } from "./execution/store.ts";
import { createVenueClient } from "./execution/venue-client.ts";
import { venueRoutes } from "./execution/venue-routes.ts";
import { startWork, type Desk, type Underway } from "./execution/work.ts";
import { ageRoute, settledRoute } from "./shared/admin.ts";
import { openBus } from "./shared/kafka.ts";
import { openPool } from "./shared/postgres.ts";
import { openKeys } from "./shared/redis.ts";
import { runService } from "./shared/run-service.ts";

// Executioner: takes orders from Kafka to the venues. Each instance halts for itself.
await runService("executioner", 3003, (context) => {
  const { settings, faults, log, state, metrics } = context;
  const pool = openPool(settings, faults, log);
  const keys = openKeys(settings, log);
  const bus = openBus(settings, log);
  const client = createVenueClient(settings.venuesUrl, faults);
  const routing = createRouting(keys, client, context.chance);
  const halts = createHalts(state, faults.active("forget") !== undefined);
  const store = createStore(pool, settings.instance);
  const desk: Desk = { context, bus, store, routing, client, halt: halts.current };
  const underway: Underway = { inFlight: new Map(), unanswered: new Map() };
  startWork(desk, underway);
  startReconciling(desk, underway);
  context.every(250, "reading the routing", routing.load);
  metrics.gauge("trading_halted", () => (halts.current() === undefined ? 0 : 1));
  metrics.gauge("orders_in_flight", () => underway.inFlight.size);
  metrics.gauge("db_pool_in_use", () => Number(pool.status()["in_use"]));
  metrics.gauge("kafka_consumer_joined", () => (bus.joined.get("executioner-group") === true ? 1 : 0));

  return {
    checks: { postgres: pool.check, kafka: bus.check, redis: keys.check },
    routes: [
      ...createEmergency(desk, halts, underway).routes,
      ...venueRoutes(desk),
      ...orderRoutes(pool),
      ageRoute(async (seconds) => void (await Promise.all([store.age(seconds), routing.age(seconds)]))),
      settledRoute(
        async () => {
          // What another instance was told of the routing, this one knows as well.
          await routing.load();
          return await unsettled(desk, underway, pool);
        },
        async () => ({ resting: await store.resting() }),
      ),
    ],
    async reset() {
      halts.clear();
      client.forget();
      await routing.reset();
    },
    async stop() {
      keys.stop();
      await Promise.allSettled([bus.stop(), pool.stop()]);
    },
  };
});
