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
import { list, object, optional, required, text } from "../../language/shape.ts";
import { counted, shown, shownList } from "../../kinds/format.ts";
import { named, venueSentence, venuesNow, type Venue } from "./venue-states.ts";

interface Args extends Api {
  readonly venues: readonly string[];
  readonly due?: string;
}

interface Outputs {
  readonly enabled: readonly string[];
  readonly left: readonly string[];
}

const path = "/api/venues/enable";

export const venuesEnable: Kind = defineKind<Args, Outputs>({
  name: "venues.enable",
  summary: "Let orders go to venues again that are healthy",
  doc: [
    "A venue comes back because it is healthy, never because time has passed: one that does not answer, or is itself closed to orders, stays disabled and is in `left`. Refused where none of them is healthy. What is enabled is read back. Its undo disables those that it enabled.",
    "`due` is until when they were to stay disabled; the question says it.",
  ].join("\n\n"),
  effect: "change",
  args: object({
    ...apiFields,
    venues: required(list(text(), { min: 1 }), "Names of the venues"),
    due: optional(text(), "Until when they were to stay disabled"),
  }),
  outputs: {
    enabled: {
      type: "list<string>",
      doc: "Venues that it enabled; those that were enabled before are not in it",
    },
    left: { type: "list<string>", doc: "Venues that are not healthy: they stay as they were" },
  },
  did: ({ enabled, left }) =>
    `enabled ${enabled.length === 0 ? "none" : enabled.join(", ")}${left.length === 0 ? "" : `; not healthy, so left as they were: ${left.join(", ")}`}`,
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
  byHand: (args, where) =>
    [
      curlGet(args, "/api/venues/health", where),
      curlPost(args, path, { venues: shownList(args["venues"]) }, where),
    ].join("\n"),
  capture: async ({ url }, context) => {
    const venues = await venuesNow(url, context);
    if (!venues.ok) return venues;
    return ok({ disabled: venues.value.filter(({ disabled }) => disabled).map(({ name }) => name) });
  },
  preview: async (args, context) => {
    const found = await healthy(args, context);
    if (!found.ok) return found;
    const { chosen, ill } = found.value;
    const names = chosen.map(({ name }) => name);
    const lines = [
      `enables ${counted(names.length, "venue")}`,
      ...(args.due === undefined ? [] : [`they were to stay disabled until ${args.due}`]),
      ...chosen.map(venueSentence),
      ...ill.map((one) => `${whyIll(one)}: it is left as it is`),
    ];
    return ok({ lines, binding: { url: args.url, venues: names }, counters: {}, confirm: names.join(" ") });
  },
  happened: async (args, _before, _since, context) => {
    const venues = await venuesNow(args.url, context);
    const chosen = venues.ok ? named(args.url, venues.value, args.venues) : venues;
    if (!chosen.ok) return "unknown";
    // One that was not healthy may be left as it was.
    if (chosen.value.every(({ disabled }) => disabled)) return "no";
    return chosen.value.some((one) => one.disabled && !isIll(one)) ? "unknown" : "yes";
  },
  execute: async (args, context) => {
    const found = await healthy(args, context);
    if (!found.ok) return found;
    const { chosen, ill } = found.value;
    const names = chosen.map(({ name }) => name);
    const told = await tellApi(args, path, { venues: names }, context);
    if (!told.ok) return told;
    const after = await venuesNow(args.url, context);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const left = after.value.find(({ name, disabled }) => names.includes(name) && disabled);
    if (left !== undefined) {
      const message = `enabling ${left.name} was accepted, but it reads back as disabled`;
      return fail({ ...refused(`venues of ${args.url}`, "NOT_APPLIED", message), effect: "unknown" });
    }
    return ok({
      enabled: chosen.filter(({ disabled }) => disabled).map(({ name }) => name),
      left: ill.map(({ name }) => name),
    });
  },
});

interface Sorted {
  readonly chosen: readonly Venue[];
  readonly ill: readonly Venue[];
}

async function healthy(args: Args, context: KindContext): Promise<Result<Sorted>> {
  const all = await venuesNow(args.url, context);
  if (!all.ok) return all;
  const chosen = named(args.url, all.value, args.venues);
  if (!chosen.ok) return chosen;
  const ill = chosen.value.filter(isIll);
  if (ill.length < chosen.value.length) return ok({ chosen: chosen.value.filter((one) => !isIll(one)), ill });
  return fail(
    refused(`venues of ${args.url}`, "UNHEALTHY", `${ill.map(whyIll).join("; ")}; nothing was enabled`),
  );
}

function isIll({ status, halted }: Venue): boolean {
  return status === "down" || halted;
}

function whyIll({ name, halted }: Venue): string {
  return halted
    ? `${name} is closed to orders at the venue, which must reopen first`
    : `${name} does not answer`;
}

function disabledIn(before: Json): readonly string[] {
  const names = replyFieldsOf(before)?.["disabled"];
  return Array.isArray(names) ? names.map(String) : [];
}
