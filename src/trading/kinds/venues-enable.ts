import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../../kinds/kind.ts";
import {
  apiFields,
  checkApi,
  curlGet,
  curlPost,
  replyFieldsOf,
  refused,
  tellApi,
  type Api,
} from "./service-api.ts";
import { list, object, required, text } from "../../language/shape.ts";
import { counted, shown, shownList } from "../../kinds/format.ts";
import { named, venueSentence, venuesNow, type Venue } from "./venue-states.ts";

interface Args extends Api {
  readonly venues: readonly string[];
}

const path = "/api/venues/enable";

export const venuesEnable: Kind = defineKind<Args, { readonly enabled: readonly string[] }>({
  name: "venues.enable",
  summary: "Let orders go to venues again that are healthy",
  doc: "Refused while one of the venues does not answer, or is itself closed to orders: a venue comes back because it is healthy, never because time has passed. What is enabled is read back. Its undo disables those that it enabled.",
  effect: "change",
  args: object({
    ...apiFields,
    venues: required(list(text(), { min: 1 }), "Names of the venues"),
  }),
  outputs: {
    enabled: {
      type: "list<string>",
      doc: "Venues that it enabled; those that were enabled before are not in it",
    },
  },
  did: ({ enabled }) => `enabled ${enabled.length === 0 ? "none" : enabled.join(", ")}`,
  unreachable: "failed",
  retrySafe: "a venue that is enabled stays so",
  undo: {
    how: "steps",
    steps: ({ url, token, venues }, before) => {
      const mine = venues.filter((name) => disabledIn(before).includes(name));
      return mine.length === 0 ? undefined : [{ "venues.disable": { url, token, venues: mine } }];
    },
  },
  check: checkApi,
  plan: (args) =>
    `venues.enable: let orders go to ${shownList(args["venues"]).join(", ")} again at ${shown(args["url"])}`,
  byHand: (args) =>
    [curlGet(args, "/api/venues/health"), curlPost(args, path, { venues: shownList(args["venues"]) })].join(
      "\n",
    ),
  capture: async ({ url }, context) => {
    const venues = await venuesNow(url, context);
    if (!venues.ok) return venues;
    return ok({ disabled: venues.value.filter(({ disabled }) => disabled).map(({ name }) => name) });
  },
  preview: async (args, context) => {
    const chosen = await healthy(args, context);
    if (!chosen.ok) return chosen;
    const names = chosen.value.map(({ name }) => name);
    const lines = [`enables ${counted(names.length, "venue")}`, ...chosen.value.map(venueSentence)];
    return ok({ lines, binding: { url: args.url, venues: names }, counters: {}, confirm: names.join(" ") });
  },
  happened: async (args, _before, _since, context) => {
    const venues = await venuesNow(args.url, context);
    const chosen = venues.ok ? named(args.url, venues.value, args.venues) : venues;
    if (!chosen.ok) return "unknown";
    return chosen.value.some(({ disabled }) => disabled) ? "no" : "yes";
  },
  execute: async (args, context) => {
    const chosen = await healthy(args, context);
    if (!chosen.ok) return chosen;
    const names = chosen.value.map(({ name }) => name);
    const told = await tellApi(args, path, { venues: names }, context);
    if (!told.ok) return told;
    const after = await venuesNow(args.url, context);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const left = after.value.find(({ name, disabled }) => names.includes(name) && disabled);
    if (left !== undefined) {
      const message = `enabling ${left.name} was accepted, but it reads back as disabled`;
      return fail({ ...refused(`venues of ${args.url}`, "NOT_APPLIED", message), effect: "unknown" });
    }
    return ok({ enabled: chosen.value.filter(({ disabled }) => disabled).map(({ name }) => name) });
  },
});

async function healthy(args: Args, context: KindContext): Promise<Result<readonly Venue[]>> {
  const all = await venuesNow(args.url, context);
  if (!all.ok) return all;
  const chosen = named(args.url, all.value, args.venues);
  if (!chosen.ok) return chosen;
  const ill = chosen.value.find(({ status, halted }) => status === "down" || halted);
  if (ill === undefined) return chosen;
  const why = ill.halted ? "is closed to orders at the venue, which must reopen first" : "does not answer";
  return fail(refused(`venues of ${args.url}`, "UNHEALTHY", `${ill.name} ${why}; nothing was enabled`));
}

function disabledIn(before: Json): readonly string[] {
  const names = replyFieldsOf(before)?.["disabled"];
  return Array.isArray(names) ? names.map(String) : [];
}
