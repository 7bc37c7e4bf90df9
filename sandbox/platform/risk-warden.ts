import { createReductions } from "./risk/reduce.ts";
import { riskRoutes } from "./risk/routes.ts";
import { startWatching } from "./risk/watch.ts";
import { openBus } from "./shared/kafka.ts";
import { openPool } from "./shared/postgres.ts";
import { openKeys } from "./shared/redis.ts";
import { runService } from "./shared/run-service.ts";

// Risk Warden: watches the limits, and makes positions smaller when told to.
await runService("risk-warden", 3002, (context) => {
  const { settings, faults, log, metrics } = context;
  const pool = openPool(settings, faults, log);
  const keys = openKeys(settings, log);
  const bus = openBus(settings, log);
  const reductions = createReductions(context, pool, bus);
  startWatching(context, pool, bus);
  metrics.gauge("db_pool_in_use", () => Number(pool.status()["in_use"]));
  return {
    checks: { postgres: pool.check, kafka: bus.check, redis: keys.check },
    routes: riskRoutes(context, pool, reductions),
    reset() {},
    async stop() {
      keys.stop();
      await Promise.allSettled([bus.stop(), pool.stop()]);
    },
  };
});
