import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { KindContext } from "../../kinds/kind.ts";
import { replyFieldsOf, replyName, numberOf, readApi, refused, unreadable } from "./service-api.ts";

/** A position as Risk Warden has it. */
export interface BookPosition {
  readonly id: string;
  readonly symbol: string;
  readonly venue: string;
  readonly quantity: number;
  /** Signed, in dollars; undefined when its symbol has no price. */
  readonly exposure: number | undefined;
}

const path = "/api/positions";
const validation = "/api/data/validation";

/** Open positions; one without a quantity that is a number makes the whole list unreadable. */
export async function positionsNow(
  url: string,
  context: KindContext,
): Promise<Result<readonly BookPosition[]>> {
  const reply = await readApi(url, path, context);
  if (!reply.ok) return reply;
  if (!Array.isArray(reply.value)) return fail(unreadable(url, path, "its reply is not a list of positions"));
  const positions: BookPosition[] = [];
  for (const one of reply.value as readonly unknown[]) {
    const fields = replyFieldsOf(one);
    const [id, symbol, venue] = [
      replyName(fields?.["id"]),
      replyName(fields?.["symbol"]),
      replyName(fields?.["venue"]),
    ];
    const quantity = numberOf(fields?.["quantity"]);
    if (id === undefined || symbol === undefined || venue === undefined || quantity === undefined) {
      return fail(unreadable(url, path, "a position in it has no id, symbol, venue or quantity"));
    }
    positions.push({ id, symbol, venue, quantity, exposure: numberOf(fields?.["exposure"]) });
  }
  return ok(positions);
}

/** What the venues say they hold for us; undefined where one was not asked or did not answer. */
export type Held = (venue: string, symbol: string) => number | undefined;

export interface Validation {
  /** Why the data cannot be trusted; empty when it can. */
  readonly problems: readonly string[];
  /** Positions that differ from what their venue says, and those that could not be compared. */
  readonly different: number;
  readonly unknown: number;
  readonly held: Held;
}

export async function validationNow(url: string, context: KindContext): Promise<Result<Validation>> {
  const reply = await readApi(url, validation, context);
  if (!reply.ok) return reply;
  const fields = replyFieldsOf(reply.value);
  const names = ["stale", "missing", "jump", "different", "unknown"] as const;
  const counts = names.map((name) => numberOf(fields?.[name]));
  const checks: unknown = fields?.["positions"];
  if (typeof fields?.["ok"] !== "boolean" || counts.includes(undefined) || !Array.isArray(checks)) {
    return fail(unreadable(url, validation, "its reply does not say whether the data is valid"));
  }
  const problems = names.flatMap((name, at) => (counts[at] === 0 ? [] : [`${counts[at]} ${words[name]}`]));
  if (problems.length === 0 && !fields["ok"]) problems.push("the data is invalid for an unknown reason");
  const theirs = new Map<string, number>();
  const dark = new Set<string>();
  for (const one of checks as readonly unknown[]) {
    const check = replyFieldsOf(one);
    const [venue, symbol] = [replyName(check?.["venue"]), replyName(check?.["symbol"])];
    const quantity = numberOf(check?.["theirs"]);
    if (venue === undefined || symbol === undefined) continue;
    if (quantity === undefined) dark.add(venue);
    else theirs.set(`${venue} ${symbol}`, quantity);
  }
  return ok({
    problems,
    different: counts[3] ?? 0,
    unknown: counts[4] ?? 0,
    // What a venue holds nothing of is not in its list.
    held: (venue, symbol) => (dark.has(venue) ? undefined : (theirs.get(`${venue} ${symbol}`) ?? 0)),
  });
}

const words = {
  stale: "stale prices",
  missing: "missing prices",
  jump: "jumping prices",
  different: "positions differ from the venues",
  unknown: "positions could not be compared with the venues",
} as const;

/** Exposure is only reduced on data that is valid: what bad data makes look large may be small. */
export async function onValidData(url: string, context: KindContext): Promise<Result<Validation>> {
  const found = await validationNow(url, context);
  if (!found.ok) return found;
  const { problems } = found.value;
  return problems.length === 0 ? found : fail(invalid(url, problems));
}

function invalid(url: string, problems: readonly string[]): Failure {
  const message = `the data is invalid: ${problems.join(", ")}; nothing was sent`;
  return refused(`data of ${url}`, "INVALID_DATA", message);
}

/** Gross, in dollars; undefined when a position has no price: a sum without it would be too small. */
export function grossOf(positions: readonly BookPosition[]): number | undefined {
  let sum = 0;
  for (const { exposure } of positions) {
    if (exposure === undefined) return undefined;
    sum += Math.abs(exposure);
  }
  return sum;
}

/** `2.1 M`, `340 k`, `12`. */
export function dollars(amount: number | undefined): string {
  if (amount === undefined) return "unknown";
  const size = Math.abs(amount);
  if (size >= 1e6) return `${(amount / 1e6).toFixed(2)} M`;
  return size >= 1000 ? `${(amount / 1000).toFixed(0)} k` : amount.toFixed(0);
}
