import { shellLiteral } from "../../base/quote.ts";

/** The command an operator types for a Redis command; `where` is `host:port/db`. */
export function redisCli(where: string, command: readonly string[]): string {
  const { host, port, db } = /^(?<host>.*):(?<port>\d+)\/(?<db>\d+)$/.exec(where)?.groups ?? {};
  const to = host === undefined ? ["-u", `redis://${where}`] : ["-h", host, "-p", port ?? "6379"];
  return ["redis-cli", ...to, ...(db === undefined || db === "0" ? [] : ["-n", db]), ...command]
    .map(shellLiteral)
    .join(" ");
}
