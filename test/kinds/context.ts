import type { Ports } from "../../src/ports/ports.ts";
import type { TradingPlatform } from "../../src/platform/platform.ts";
import type { Kind, KindContext, Where } from "../../src/kinds/kind.ts";

/** The outside world with only the ports a test hands in; reaching for another one is a bug in the kind. */
export function context(ports: Partial<Ports>, more: Partial<KindContext> = {}): KindContext {
  const only = new Proxy(ports, {
    get: (target, name) => {
      const port = target[name as keyof Ports];
      if (port === undefined) throw new Error(`this test gives no port ${String(name)}`);
      return port;
    },
  }) as Ports;
  return {
    ports: only,
    where,
    signal: new AbortController().signal,
    timeout: 10_000,
    idempotencyKey: "run-1-abc",
    ...more,
  };
}

/** Arguments as the executor hands them over: defaults filled in. */
export function args(
  kind: Kind,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const defaults = Object.entries(kind.args.spec.fields).flatMap(([name, field]) =>
    field.default === undefined ? [] : [[name, field.default]],
  );
  return { ...(Object.fromEntries(defaults) as object), ...given };
}

export const tradingPlatform: TradingPlatform = {
  service: "executioner",
  port: 3003,
  venues: "http://localhost:3010",
  book: "http://localhost:3002",
  topics: { orders: "orders", fills: "fills" },
  deadline: 1000,
  proof: { window: 100, every: 50 },
  tokenHelp: "ask",
  phones: [],
};

export const where: Where = {
  prometheus: "http://prometheus.local:9090",
  postgres: "db.local:5432/lav",
  kafka: "kafka.local:9092",
  redis: "redis.local:6379/0",
  stores: {
    postgres: {},
    kafka: {},
    prometheus: {},
    redis: { main: "redis.local:6379/0", replica: "replica.local:6379/0" },
  },
  trading: "executioner (http://executioner.local:3003)",
  programs: [],
  files: { logs: "/var/log/lav" },
  platform: "platform.yaml",
  severities: { P0: "P0", P1: "P1", P2: "P2", P3: "P3", SEV1: "P0" },
  services: {
    describe: (service) => `service ${service} of Compose project lav`,
    byHand: (action) => ["docker", "compose", action.do, action.service],
  },
};
