import { Redis } from "ioredis";
import { messageOf, type Log } from "./log.ts";
import type { Settings } from "./settings.ts";

export interface Keys {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, expiryMs?: number): Promise<void>;
  remove(key: string): Promise<void>;
  /** Whether `owner` holds the lock from now on for `ms`; one owner at a time. */
  hold(key: string, owner: string, ms: number): Promise<boolean>;
  /** Gives the lock up when `owner` holds it. */
  release(key: string, owner: string): Promise<void>;
  readonly check: () => Promise<void>;
  stop(): void;
}

const holdScript = `local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`;

const releaseScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

/** A connection that comes back by itself; a command fails within three seconds while it is away. */
export function openKeys(settings: Settings, log: Log): Keys {
  const redis = new Redis(settings.redisUrl, {
    connectionName: `${settings.service}@${settings.instance}`.replaceAll(/\s/g, "-"),
    connectTimeout: 3000,
    commandTimeout: 3000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: true,
    retryStrategy: (attempt) => Math.min(100 * attempt, 500),
  });
  let last = "";
  redis.on("error", (error) => {
    const message = messageOf(error);
    if (message !== last) log("warn", "redis is away", { error: message });
    last = message;
  });
  return {
    get: (key) => redis.get(key),
    async set(key, value, expiryMs) {
      await (expiryMs === undefined
        ? redis.set(key, value)
        : redis.set(key, value, "PX", Math.ceil(expiryMs)));
    },
    remove: async (key) => void (await redis.del(key)),
    hold: async (key, owner, ms) => (await redis.eval(holdScript, 1, key, owner, ms)) === 1,
    release: async (key, owner) => void (await redis.eval(releaseScript, 1, key, owner)),
    check: async () => void (await redis.ping()),
    stop: () => redis.disconnect(),
  };
}
