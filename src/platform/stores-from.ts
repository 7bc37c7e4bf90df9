import type { Platform, ServerTls } from "./platform.ts";
import type { platformShape } from "./shape.ts";
import { eachStore, variableOf, type Addressed } from "./stores.ts";
import { filesOf } from "./tls-files.ts";

type Read = NonNullable<(typeof platformShape)["type"]>;
type Overrides = Readonly<Record<string, string | undefined>>;

/** The stores of a platform file, with the environment's addresses before its own. */
export function storesFrom(
  read: Pick<Read, "postgres" | "kafka" | "redis">,
  folder: string,
  overrides: Overrides,
): Pick<Platform, "postgres" | "kafka" | "redis"> {
  const over = <T>(
    base: string,
    name: string,
    written: T,
    taken: (text: string) => T | undefined,
  ): readonly [T, Addressed] => {
    const from = variableOf(base, name);
    const text = overrides[from];
    const value = text === undefined ? undefined : taken(text);
    return value === undefined ? [written, {}] : [value, { from }];
  };
  const asIs = (text: string): string => text;
  return {
    postgres: eachStore(read.postgres, ({ url: written, admin: own }, name) => {
      const [url, from] = over("DATABASE_URL", name, written, asIs);
      const [admin] = over("DATABASE_ADMIN_URL", name, own, asIs);
      return { url, ...(admin === undefined ? {} : { admin }), ...from };
    }),
    kafka: eachStore(read.kafka, ({ brokers: written, tls, sasl }, name) => {
      const [brokers, from] = over("KAFKA_BROKERS", name, written, brokersIn);
      const login = sasl === undefined ? {} : { sasl: { ...sasl, password: { name: sasl.password } } };
      return { brokers, ...withTls(tls, folder), ...login, ...from };
    }),
    redis: eachStore(read.redis, ({ url: written, password, tls }, name) => {
      const [url, from] = over("REDIS_URL", name, written, asIs);
      const login = password === undefined ? {} : { password: { name: password } };
      return { url, ...login, ...withTls(tls, folder), ...from };
    }),
  };
}

/** Undefined when the variable names none. */
function brokersIn(variable: string): readonly string[] | undefined {
  const named = variable
    .split(",")
    .map((broker) => broker.trim())
    .filter((broker) => broker !== "");
  return named.length === 0 ? undefined : named;
}

function withTls(
  tls: ({ readonly on: boolean } & ServerTls["files"]) | undefined,
  folder: string,
): { readonly tls?: ServerTls } {
  if (tls?.on !== true) return {};
  const { on: _on, ...names } = tls;
  return { tls: { files: filesOf(names, folder) } };
}
