import { shellLiteral, shellQuote } from "../../base/quote.ts";
import type { HttpMethod } from "../../ports/ports.ts";
import { standsForSecret } from "./http-address.ts";
import { fullUrl } from "./http-request.ts";
import type { DisplayArgs, Where } from "../kind.ts";
import { shown } from "../format.ts";

/** The curl command for a request; a secret is `"$NAME"`, everything else is quoted as it stands. */
export function curl(
  method: HttpMethod,
  args: DisplayArgs,
  { curlOptions }: Pick<Where, "curlOptions">,
  extra: Readonly<Record<string, string>> = {},
  data: readonly string[] = [],
): string {
  const url = fullUrl(args);
  const parts = ["curl", "-sS", method === "HEAD" ? "-I" : "-i"];
  if (/[[\]{}]/.test(url) || standsForSecret(url)) parts.push("-g");
  if (method !== "GET" && method !== "HEAD") parts.push("-X", method);
  const given = Object.entries((args["headers"] ?? {}) as Readonly<Record<string, unknown>>);
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  // A request that brings a login of its own is sent without the platform's.
  const own = args["token"] !== undefined || names.has("authorization");
  parts.push(...(curlOptions?.(url, !own) ?? []));
  for (const [name, value] of Object.entries(extra)) {
    if (!names.has(name.toLowerCase())) parts.push("-H", shellLiteral(`${name}: ${value}`));
  }
  if (args["token"] !== undefined)
    parts.push("-H", shellQuote(`Authorization: Bearer ${shown(args["token"])}`));
  for (const [name, value] of given) parts.push("-H", shellQuote(`${name}: ${shown(value)}`));
  return [...parts, ...data, standsForSecret(url) ? shellQuote(url) : shellLiteral(url)].join(" ");
}
