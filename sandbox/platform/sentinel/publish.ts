import { numberOption } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Keys } from "../shared/redis.ts";
import type { Context } from "../shared/service.ts";
import type { Current } from "./current.ts";

const leaderKey = "regime:leader";
const leaderMs = 3000;

/**
 * One regime message a second to `market-regime`, from one instance of all, and the same in Redis under
 * `regime:current`. The fault `stale` stops both; `backlog` adds messages.
 */
export function startPublishing(
  context: Context,
  bus: Bus,
  keys: Keys,
  current: { read(): Promise<Current>; compute(): Promise<void> },
) {
  const { settings, faults, metrics } = context;
  let sequence = 0;
  let leading = false;
  let lastAt = 0;
  metrics.gauge("regime_leader", () => (leading ? 1 : 0));
  metrics.gauge("regime_age_seconds", () => (lastAt === 0 ? -1 : (Date.now() - lastAt) / 1000));

  const lead = async (): Promise<boolean> => {
    // Without Redis nobody can be elected: a regime twice is better than none.
    return await keys.hold(leaderKey, settings.instance, leaderMs).catch(() => true);
  };
  const messageOfNow = (regime: Current) => ({
    value: { ...regime, at: new Date().toISOString(), sequence: ++sequence, by: settings.instance },
  });
  context.every(1000, "publishing the regime", async () => {
    leading = await lead();
    if (!leading || faults.active("stale") !== undefined) return;
    // A database that is away leaves the last regime standing.
    await current.compute().catch((error: unknown) => {
      context.log("warn", "no prices", { error: String(error) });
    });
    const regime = await current.read();
    const message = messageOfNow(regime);
    await bus.send("market-regime", [message]);
    metrics.count("regime_published_total");
    lastAt = Date.now();
    await keys.set("regime:current", JSON.stringify(message.value));
  });
  context.every(100, "speeding up", async () => {
    const backlog = faults.active("backlog");
    if (!leading || backlog === undefined) return;
    const regime = await current.read();
    const count = Math.ceil(numberOption(backlog, "produce", 300) / 10);
    const messages = Array.from({ length: count }, () => messageOfNow(regime));
    await bus.send("market-regime", messages);
    metrics.count("regime_published_total", count);
  });
  return {
    lastAt: () => lastAt,
    async stop(): Promise<void> {
      if (leading) await keys.release(leaderKey, settings.instance).catch(() => {});
    },
  };
}
