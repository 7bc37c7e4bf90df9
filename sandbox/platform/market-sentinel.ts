import { ageRoute, settledRoute } from "./shared/admin.ts";
import { checkBearer } from "./shared/bearer.ts";
import { choiceField, fieldsOf, knownQuery, milliseconds } from "./shared/input.ts";
import { lagOf } from "./shared/group.ts";
import { openBus } from "./shared/kafka.ts";
import { openPool } from "./shared/postgres.ts";
import { openKeys } from "./shared/redis.ts";
import { ok } from "./shared/reply.ts";
import { runService } from "./shared/run-service.ts";
import { makeBacklog, uncommitted } from "./sentinel/backlog.ts";
import { regimeGroup, regimeTopic, startConsuming } from "./sentinel/consume.ts";
import { createCurrent } from "./sentinel/current.ts";
import { startPublishing } from "./sentinel/publish.ts";
import { regimes } from "./sentinel/regime.ts";

// Market Sentinel: says which regime the market is in, once a second.
await runService("market-sentinel", 3001, (context) => {
  const { settings, faults, log, metrics, idempotency } = context;
  const pool = openPool(settings, faults, log);
  const keys = openKeys(settings, log);
  const bus = openBus(settings, log);
  const current = createCurrent(context, pool, keys);
  const publishing = startPublishing(context, bus, keys, current);
  const consuming = startConsuming(context, bus);
  metrics.gauge("db_pool_in_use", () => Number(pool.status()["in_use"]));
  metrics.gauge("kafka_consumer_joined", () => (bus.joined.get("market-sentinel-group") === true ? 1 : 0));

  return {
    checks: { postgres: pool.check, kafka: bus.check, redis: keys.check },
    routes: [
      {
        method: "GET",
        path: "/api/regime/current",
        async handle({ query }) {
          knownQuery(query, []);
          const lastAt = publishing.lastAt();
          const published = lastAt === 0 ? null : new Date(lastAt).toISOString();
          return ok({ ...(await current.read()), published });
        },
      },
      {
        method: "POST",
        path: "/api/regime/manual",
        async handle({ headers, body, key }) {
          checkBearer(headers.authorization, settings.emergencyToken, Date.now());
          const fields = fieldsOf(headers["content-type"], body, ["regime", "duration", "reason"]);
          const regime = choiceField(fields, "regime", regimes);
          const ms = milliseconds(fields["duration"], "duration");
          return await idempotency.once(key, `manual ${regime} ${ms}`, async () => {
            log("warn", "manual regime", { regime, ms });
            return ok(await current.hold(regime, ms));
          });
        },
      },
      {
        method: "DELETE",
        path: "/api/regime/manual",
        async handle({ headers }) {
          checkBearer(headers.authorization, settings.emergencyToken, Date.now());
          log("warn", "manual regime ended");
          return ok(await current.release());
        },
      },
      { method: "GET", path: "/api/db/pool-status", handle: () => ok(pool.status()) },
      {
        method: "POST",
        path: "/admin/backlog",
        handle: async (request) =>
          await makeBacklog(context, bus, async (each) => await publishing.publish(each), request),
      },
      ageRoute(async (seconds) => {
        await current.age(seconds);
        await publishing.age(seconds);
      }),
      settledRoute(async () => {
        const look = await bus.group(regimeGroup, regimeTopic);
        const lag = faults.active("backlog") === undefined ? lagOf(look) : 0;
        return [
          ...uncommitted(look),
          ...(lag === 0 ? [] : [`group ${regimeGroup} is ${lag} behind`]),
          ...(publishing.sending() === 0 ? [] : ["a regime is on its way to the topic"]),
          ...(consuming.taking() === 0 ? [] : ["what was taken is not committed"]),
        ];
      }),
    ],
    async reset() {
      publishing.reset();
      await keys.remove("regime:manual");
    },
    async stop() {
      await publishing.stop();
      keys.stop();
      await Promise.allSettled([bus.stop(), pool.stop()]);
    },
  };
});
