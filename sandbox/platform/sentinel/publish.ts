import { numberOption } from "../shared/faults.ts";
import type { Bus } from "../shared/kafka.ts";
import type { Keys } from "../shared/redis.ts";
import { conflict } from "../shared/reply.ts";
import type { Context } from "../shared/service.ts";
import { regimeGroup, regimeTopic } from "./consume.ts";
import type { Current } from "./current.ts";

const currentKey = "regime:current";
const leaderKey = "regime:leader";
const leaderMs = 3000;

/**
 * One regime message a second to `market-regime`, from one instance of all, and the same in Redis under
 * `regime:current`. The fault `stale` stops both; under `backlog` there are `produce` a second
 * instead, which may be none.
 */
export function startPublishing(
  context: Context,
  bus: Bus,
  keys: Keys,
  current: { read(): Promise<Current>; compute(): Promise<void> },
) {
  const { settings, faults, metrics, chance } = context;
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
  let sending = 0;
  /** A message on each of these partitions, or on one that comes in turn. */
  const publish = async (regime: Current, partitions: readonly (number | undefined)[]): Promise<void> => {
    sending += 1;
    try {
      const messages = partitions.map((partition) => ({
        ...messageOfNow(regime),
        ...(partition === undefined ? {} : { partition }),
      }));
      await bus.send(regimeTopic, messages);
      metrics.count("regime_published_total", messages.length);
    } finally {
      sending -= 1;
    }
  };
  const remember = async (regime: Current): Promise<void> => {
    lastAt = Date.now();
    await keys.set(currentKey, JSON.stringify(messageOfNow(regime).value));
  };
  context.every(1000, "publishing the regime", async () => {
    leading = await lead();
    if (!leading || faults.active("stale") !== undefined) return;
    // A database that is away leaves the last regime standing.
    await current.compute().catch((error: unknown) => {
      context.log("warn", "no prices", { error: String(error) });
    });
    const regime = await current.read();
    if (faults.active("backlog") === undefined) await publish(regime, [undefined]);
    await remember(regime);
  });
  let sped = performance.now();
  context.every(100, "speeding up", async () => {
    const backlog = faults.active("backlog");
    // By the clock, as what is consumed is: on a busy machine these calls come late.
    const [earlier, now] = [sped, performance.now()];
    sped = now;
    if (!leading || backlog === undefined) return;
    const seconds = Math.min(1, (now - earlier) / 1000);
    const count = chance.times(`produce ${backlog.set}`, numberOption(backlog, "produce", 300) * seconds);
    if (count > 0)
      await publish(
        await current.read(),
        Array.from({ length: count }, () => undefined),
      );
  });
  return {
    lastAt: () => lastAt,
    /** Sends that are not answered yet. */
    sending: () => sending,
    async publish(partitions: readonly number[]): Promise<void> {
      await publish(await current.read(), partitions);
    },
    /** The newest message of each partition, so many seconds older, and no other. */
    async age(seconds: number): Promise<void> {
      const text = await keys.get(currentKey);
      if (text === null) throw conflict("no_regime", "no regime was published yet: none can be older");
      const value = JSON.parse(text) as { readonly at: string };
      const timestamp = Date.parse(value.at) - seconds * 1000;
      const old = { ...value, at: new Date(timestamp).toISOString() };
      const { partitions } = await bus.group(regimeGroup, regimeTopic);
      const written = partitions.filter(({ end }) => end > 0);
      await bus.empty(regimeTopic);
      await bus.send(
        regimeTopic,
        written.map(({ partition }) => ({ value: old, partition, timestamp })),
      );
      await keys.set(currentKey, JSON.stringify(old));
      if (lastAt !== 0) lastAt = timestamp;
    },
    reset: () => void (sequence = 0),
    async stop(): Promise<void> {
      if (leading) await keys.release(leaderKey, settings.instance).catch(() => {});
    },
  };
}
