import { fail, ok, type Result } from "../../base/result.ts";
import type { KindContext } from "../../kinds/kind.ts";
import { replyFieldsOf, replyName, numberOf, readApi, refused, unreadable } from "./service-api.ts";

/** A venue as the executioner sees it. */
export interface Venue {
  readonly name: string;
  /** `down`: it does not answer. */
  readonly status: string;
  readonly disabled: boolean;
  /** It is closed, or was told itself to take no orders. */
  readonly closed: boolean;
  readonly halted: boolean;
  /** Undefined when the venue does not answer: its resting orders are unknown. */
  readonly open: number | undefined;
  /** Part of its last orders that it did, and how many these are. */
  readonly rate: number | undefined;
  readonly samples: number;
}

const path = "/api/venues";

export async function venuesNow(url: string, context: KindContext): Promise<Result<readonly Venue[]>> {
  const reply = await readApi(url, path, context);
  if (!reply.ok) return reply;
  if (!Array.isArray(reply.value)) return fail(unreadable(url, path, "it is no list of venues"));
  const venues: Venue[] = [];
  for (const one of reply.value as readonly unknown[]) {
    const fields = replyFieldsOf(one);
    const [name, status] = [replyName(fields?.["venue"]), replyName(fields?.["status"])];
    const disabled = fields?.["disabled"];
    if (name === undefined || status === undefined || typeof disabled !== "boolean") {
      return fail(
        unreadable(url, path, "a venue in it has no name, no status, or nothing on whether it is disabled"),
      );
    }
    const open = numberOf(fields?.["open_orders"]);
    venues.push({
      name,
      status,
      disabled,
      closed: fields?.["market"] === "closed",
      halted: fields?.["halted"] === true,
      open: open !== undefined && open >= 0 ? open : undefined,
      rate: numberOf(fields?.["success_rate"]),
      samples: numberOf(fields?.["samples"]) ?? 0,
    });
  }
  return ok(venues);
}

/** Those that are named, in the order of the list; one that is not there is refused. */
export function named(
  url: string,
  venues: readonly Venue[],
  names: readonly string[],
): Result<readonly Venue[]> {
  const unknown = names.find((name) => !venues.some((venue) => venue.name === name));
  if (unknown === undefined) return ok(venues.filter(({ name }) => names.includes(name)));
  const all = venues.map(({ name }) => name).join(", ");
  return fail(refused(`venues of ${url}`, "NO_SUCH_VENUE", `there is no venue ${unknown}; there are ${all}`));
}

/** One that orders go to: it answers, is enabled, open, and takes orders. */
export function usable({ status, disabled, closed, halted }: Venue): boolean {
  return status !== "down" && !disabled && !closed && !halted;
}

export function venueSentence({ name, status, open, rate, samples, disabled }: Venue): string {
  const off = disabled ? ", disabled" : "";
  const orders = open === undefined ? "its resting orders are unknown" : `${open} resting`;
  const did =
    rate === undefined || samples === 0
      ? ""
      : `, did ${Math.round(rate * 100)} % of its last ${samples} orders`;
  return `${name} is ${status}${off}, ${orders}${did}`;
}
