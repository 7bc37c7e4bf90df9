import { shellLiteral } from "../../base/quote.ts";
import type { Where } from "../kind.ts";

/** The command an operator types for a Redis command; `redis` is `host:port/db`. */
export function redisCli(
  { redis, access }: Pick<Where, "redis" | "access">,
  command: readonly string[],
): string {
  const { host, port, db } = /^(?<host>.*):(?<port>\d+)\/(?<db>\d+)$/.exec(redis)?.groups ?? {};
  const address = host === undefined ? ["-u", `redis://${redis}`] : ["-h", host, "-p", port ?? "6379"];
  const number = db === undefined || db === "0" ? [] : ["-n", db];
  const { to, options = [], variables = [] } = access?.redis ?? {};
  const where = to === undefined ? [...address, ...number].map(shellLiteral) : [to];
  return [...variables, "redis-cli", ...where, ...[...options, ...command].map(shellLiteral)].join(" ");
}
