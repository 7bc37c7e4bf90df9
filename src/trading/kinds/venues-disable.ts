import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../../kinds/kind.ts";
import {
  apiFields,
  checkApi,
  curlGet,
  curlPost,
  replyFieldsOf,
  replyName,
  refused,
  tellApi,
  type Api,
} from "./service-api.ts";
import { duration, list, object, optional, required, text } from "../../language/shape.ts";
import { counted, shownList } from "../../kinds/format.ts";
import { emptied, type Emptied } from "./venue-orders.ts";
import { named, venueSentence, usable, venuesNow, type Venue } from "./venue-states.ts";

interface Args extends Api {
  readonly venues: readonly string[];
  readonly for?: number;
}

interface Outputs {
  readonly disabled: readonly string[];
  readonly cancelled: number;
  readonly not_proven: readonly string[];
  readonly remaining: readonly string[];
  readonly until?: Date;
}

const path = "/api/venues/disable";

export const venuesDisable: Kind = defineKind<Args, Outputs>({
  name: "venues.disable",
  summary: "Send no more orders to venues, and leave none resting there",
  doc: [
    "Disabling alone leaves what rests at a venue. So for each venue: its resting orders are listed and cancelled, two reads in a row must find none, and only then is it disabled; what came in between is cancelled as well. An order that a venue refuses to cancel is named, and nothing is disabled.",
    "A venue that does not answer cannot be asked what rests there. It is disabled, which keeps new orders away, and is in `not_proven`: call its desk.",
    "Refused when fewer than half of the open venues would remain. No timer lets a venue in again: `venues.enable` does, where it is healthy. That is its undo too; cancelled orders do not come back.",
    "`for` is how long they are to stay disabled. The time is in the question, in `until` and in the undo, which a person runs then.",
  ].join("\n\n"),
  effect: "destructive",
  args: object({
    ...apiFields,
    venues: required(list(text(), { min: 1 }), "Names of the venues"),
    for: optional(duration({ min: 1000, max: 86_400_000 }), "How long they are to stay disabled"),
  }),
  outputs: {
    disabled: {
      type: "list<string>",
      doc: "Venues that it disabled; those that were disabled before are not in it",
    },
    cancelled: { type: "int", doc: "Resting orders that it cancelled" },
    not_proven: { type: "list<string>", doc: "Venues that did not answer: its resting orders are unknown" },
    remaining: { type: "list<string>", doc: "Venues that orders still go to" },
    until: { type: "timestamp", doc: "With `for`: when to enable those that are healthy", optional: true },
  },
  did: ({ disabled, cancelled, not_proven: unproven, until }) =>
    `disabled ${disabled.length === 0 ? "none" : disabled.join(", ")}${until === undefined ? "" : ` until ${until.toISOString()}`}, cancelled ${counted(cancelled, "order")}${unproven.length === 0 ? "" : `; resting orders unknown: ${unproven.join(", ")}`}`,
  unreachable: "failed",
  retrySafe: "a venue that is disabled stays so, and only what rests is cancelled",
  undo: {
    how: "steps",
    steps: ({ url, token, venues }, before) => {
      const earlier = disabledIn(before);
      const mine = venues.filter((name) => !earlier.includes(name));
      const due = replyName(replyFieldsOf(before)?.["until"]);
      return mine.length === 0
        ? undefined
        : [{ "venues.enable": { url, token, venues: mine, ...(due === undefined ? {} : { due }) } }];
    },
  },
  check: checkApi,
  plan: (args) =>
    `venues.disable: cancel what rests at ${shownList(args["venues"]).join(", ")}, prove that nothing does, and disable them at ${shownList(args["url"]).join()}`,
  byHand: (args, where) => {
    const venues = shownList(args["venues"]);
    const each = venues.flatMap((name) => {
      const at = `/api/venues/${encodeURIComponent(name)}`;
      return [
        curlGet(args, `${at}/orders`, where),
        curlPost(args, `${at}/cancel-all`, {}, where),
        curlGet(args, `${at}/orders`, where),
      ];
    });
    return [
      "# only when the last answer for each is []",
      ...each,
      curlPost(args, path, { venues }, where),
    ].join("\n");
  },
  capture: async (args, context) => {
    const venues = await venuesNow(args.url, context);
    if (!venues.ok) return venues;
    const disabled = venues.value.filter((venue) => venue.disabled).map(({ name }) => name);
    return ok({ disabled, ...ended(args, context, (until) => until.toISOString()) });
  },
  preview: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const { chosen, remaining } = found.value;
    const resting = chosen.reduce((sum, { open }) => sum + (open ?? 0), 0);
    const dark = chosen.filter(({ open }) => open === undefined).map(({ name }) => name);
    const { until } = ended(args, context, (end) => end.toISOString());
    const lines = [
      `cancels ${counted(resting, "resting order")} and disables ${counted(chosen.length, "venue")}; ${remaining.length} remain: ${remaining.join(", ")}`,
      ...(until === undefined
        ? []
        : [`until ${until}; then the undo enables those that are healthy, and no timer does`]),
      ...chosen.map(venueSentence),
      ...(dark.length === 0
        ? []
        : [`${dark.join(", ")} cannot be asked: what rests there stays, until its desk is called`]),
    ];
    const names = chosen.map(({ name }) => name);
    return ok({
      lines,
      binding: { url: args.url, venues: names, not_proven: dark },
      counters: { resting },
      confirm: names.join(" "),
    });
  },
  happened: async (args, _before, _since, context) => {
    const venues = await venuesNow(args.url, context);
    const chosen = venues.ok ? named(args.url, venues.value, args.venues) : venues;
    if (!chosen.ok) return "unknown";
    // Doing it again cancels what still rests, and no more.
    return chosen.value.every(({ disabled, open }) => disabled && (open ?? 0) === 0) ? "yes" : "no";
  },
  execute: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const { chosen, remaining } = found.value;
    const before = await emptyAll(args, chosen, context);
    if (!before.ok) return before;
    const names = chosen.map(({ name }) => name);
    const told = await tellApi(args, path, { venues: names }, context);
    if (!told.ok)
      return fail({
        ...told.failure,
        effect: before.value.cancelled > 0 ? "unknown" : (told.failure.effect ?? "unknown"),
      });
    const after = await venuesNow(args.url, context);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const left = after.value.find(({ name, disabled }) => names.includes(name) && !disabled);
    if (left !== undefined) {
      const message = `disabling ${left.name} was accepted, but it reads back as enabled`;
      return fail({ ...refused(`venues of ${args.url}`, "NOT_APPLIED", message), effect: "unknown" });
    }
    // Between the last look and now an order may have come to rest.
    const again = await emptyAll(args, chosen, context);
    if (!again.ok) return fail({ ...again.failure, effect: "unknown" });
    return ok({
      disabled: chosen.filter(({ disabled }) => !disabled).map(({ name }) => name),
      cancelled: before.value.cancelled + again.value.cancelled,
      not_proven: again.value.dark,
      remaining,
      ...ended(args, context, (until) => until),
    });
  },
});

/** From now on, in the form that is wanted; nothing where no time was given. */
function ended<T>({ for: time }: Args, { ports }: KindContext, form: (until: Date) => T): { until?: T } {
  return time === undefined ? {} : { until: form(new Date(ports.clock.now().getTime() + time)) };
}

interface Considered {
  readonly chosen: readonly Venue[];
  readonly remaining: readonly string[];
}

async function consider(args: Args, context: KindContext): Promise<Result<Considered>> {
  const all = await venuesNow(args.url, context);
  if (!all.ok) return all;
  const chosen = named(args.url, all.value, args.venues);
  if (!chosen.ok) return chosen;
  const open = all.value.filter(({ closed }) => !closed);
  const remaining = open.filter((venue) => usable(venue) && !args.venues.includes(venue.name));
  if (remaining.length * 2 >= open.length) {
    return ok({ chosen: chosen.value, remaining: remaining.map(({ name }) => name) });
  }
  const left = remaining.length === 0 ? "none" : remaining.map(({ name }) => name).join(", ");
  const message = `${remaining.length} of ${counted(open.length, "open venue")} would remain (${left}), fewer than half; nothing was done. Consider a P0: lav-ir halt-all`;
  return fail(refused(`venues of ${args.url}`, "TOO_FEW_VENUES", message));
}

async function emptyAll(
  args: Args,
  venues: readonly Venue[],
  context: KindContext,
): Promise<Result<{ readonly cancelled: number; readonly dark: readonly string[] }>> {
  let cancelled = 0;
  const dark: string[] = [];
  for (const { name, open } of venues) {
    if (open === undefined) {
      dark.push(name);
      continue;
    }
    const done: Result<Emptied> = await emptied(args, name, context);
    if (!done.ok) return cancelled === 0 ? done : fail({ ...done.failure, effect: "unknown" });
    cancelled += done.value.cancelled;
  }
  return ok({ cancelled, dark });
}

function disabledIn(before: Json): readonly string[] {
  const names = replyFieldsOf(before)?.["disabled"];
  return Array.isArray(names) ? names.map(String) : [];
}
