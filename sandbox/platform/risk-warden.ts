import { createReductions } from "./risk/reduce.ts";
import { riskRoutes } from "./risk/routes.ts";
import { unsettled } from "./risk/settled.ts";
import { startWatching } from "./risk/watch.ts";
import { ageRoute, settledRoute } from "./shared/admin.ts";
import { fieldsOf, wholeField } from "./shared/input.ts";
import { openBus } from "./shared/kafka.ts";
import { openPool } from "./shared/postgres.ts";
import { openKeys } from "./shared/redis.ts";
import { ok } from "./shared/reply.ts";
import { runService } from "./shared/run-service.ts";

// Risk Warden: watches the limits, and makes positions smaller when told to.
await runService("risk-warden", 3002, (context) => {
  const { settings, faults, log, metrics } = context;
  const pool = openPool(settings, faults, log);
  const keys = openKeys(settings, log);
  const bus = openBus(settings, log);
  const reductions = createReductions(context, pool, bus);
  const watching = startWatching(context, pool, bus);
  metrics.gauge("db_pool_in_use", () => Number(pool.status()["in_use"]));
  return {
    checks: { postgres: pool.check, kafka: bus.check, redis: keys.check },
    routes: [
      ...riskRoutes(context, pool, reductions),
      {
        method: "POST",
        path: "/admin/alerts",
        async handle({ headers, body }) {
          const n = wholeField(fieldsOf(headers["content-type"], body, ["n"]), "n", 1, 1000);
          await watching.storm(n);
          return ok({ alerts: n });
        },
      },
      ageRoute(async (seconds) => await watching.age(seconds)),
      settledRoute(async () => await unsettled(pool, bus, settings.venuesUrl)),
    ],
    reset: () => watching.reset(),
    async stop() {
      keys.stop();
      await Promise.allSettled([bus.stop(), pool.stop()]);
    },
  };
});
