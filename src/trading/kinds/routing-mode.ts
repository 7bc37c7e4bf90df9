import { formatDuration } from "../../base/duration.ts";
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
  numberOf,
  readApi,
  tellApi,
  unreadable,
  type Api,
} from "./service-api.ts";
import { duration, object, oneOf, optional, required, text } from "../../language/shape.ts";
import { shown } from "../../kinds/format.ts";

const modes = ["NORMAL", "CONSERVATIVE", "AGGRESSIVE"] as const;
const path = "/api/routing/mode";
const day = 86_400_000;

interface Args extends Api {
  readonly mode: (typeof modes)[number];
  readonly for?: number;
  readonly until?: string;
}

interface Outputs {
  readonly mode: string;
  readonly before: string;
  readonly reverts_at?: Date;
}

export const routingMode: Kind = defineKind<Args, Outputs>({
  name: "routing.mode",
  summary: "Change how the executioner routes orders",
  doc: [
    "Sets the mode, which all instances share, and reads it back. CONSERVATIVE keeps to venues that did nearly all of their last orders; the preview has each venue's own rate by the orders of the instance that answered, so that one sees where orders will go.",
    "With `for` (or `until`, a time) the mode goes back to NORMAL by itself, silently: the preview says when. Without, it stays until somebody changes it. Its undo sets the mode that was there before, with what is left of that mode's own time.",
  ].join("\n\n"),
  effect: "change",
  args: object({
    ...apiFields,
    mode: required(oneOf(...modes), "The mode"),
    for: optional(duration({ min: 1000, max: day }), "How long; then it is NORMAL again, without a word"),
    until: optional(text(), "The same as a time: `2026-03-01T12:00:00Z`; one that has passed means NORMAL"),
  }),
  outputs: {
    mode: { type: "string", doc: "The mode now, as it was read back" },
    before: { type: "string", doc: "The mode before" },
    reverts_at: { type: "timestamp", doc: "When it goes back to NORMAL by itself", optional: true },
  },
  did: ({ mode, before }) => `mode ${before} → ${mode}`,
  unreachable: "failed",
  retrySafe: "it says what the mode shall be, not how it changes",
  undo: {
    how: "steps",
    steps: ({ url, token, mode }, before) => {
      const old = recorded(before);
      if (old === undefined || (old.mode === mode && old.reverts === undefined)) return undefined;
      const until = old.reverts === undefined ? {} : { until: old.reverts.toISOString() };
      return [{ "routing.mode": { url, token, mode: old.mode, ...until } }];
    },
  },
  check: (args) => {
    if (args["for"] !== undefined && args["until"] !== undefined) {
      return "for and until mean the same; give one of them";
    }
    const until = shown(args["until"]);
    const wrong = until !== "" && !until.includes("‹") && Number.isNaN(Date.parse(until));
    return wrong ? `until is a time such as 2026-03-01T12:00:00Z, not ${until}` : checkApi(args);
  },
  plan: (args) => {
    const { for: time, until } = args;
    const limit =
      time === undefined
        ? shown(until) && ` until ${shown(until)}`
        : ` for ${typeof time === "number" ? formatDuration(time) : shown(time)}`;
    return `routing.mode: route ${shown(args["mode"])}${limit} at ${shown(args["url"])}`;
  },
  byHand: (args, where) => {
    const timeout = args["for"];
    const seconds = typeof timeout === "number" ? timeout / 1000 : timeout;
    const body = { mode: shown(args["mode"]), ...(seconds === undefined ? {} : { timeout: seconds }) };
    return [curlPost(args, path, body, where), curlGet(args, path, where)].join("\n");
  },
  capture: async ({ url }, context) => {
    const now = await modeNow(url, context);
    if (!now.ok) return now;
    const { mode, reverts } = now.value;
    return ok({ mode, reverts_at: reverts?.toISOString() ?? null });
  },
  preview: async (args, context) => {
    const now = await modeNow(args.url, context);
    if (!now.ok) return now;
    const { mode, reverts } = now.value;
    const wanted = wantedOf(args, context.ports.clock.now());
    const back =
      wanted.reverts === undefined
        ? "it stays until somebody changes it"
        : `it goes back to NORMAL by itself at ${wanted.reverts.toISOString()}`;
    const was = reverts === undefined ? "" : ` (until ${reverts.toISOString()})`;
    const lines = [
      `routing ${mode}${was} → ${wanted.mode} on every instance; ${back}`,
      ...(await venueLines(args.url, context)),
    ];
    const binding = { url: args.url, from: mode, to: wanted.mode };
    return ok({ lines, binding, counters: {}, confirm: args.mode });
  },
  happened: async (args, before, _since, context) => {
    const now = await modeNow(args.url, context);
    const old = recorded(before);
    if (!now.ok || old === undefined || old.mode === args.mode) return "unknown";
    if (now.value.mode === args.mode) return "yes";
    return now.value.mode === old.mode ? "no" : "unknown";
  },
  execute: async (args, context) => {
    const old = await modeNow(args.url, context);
    if (!old.ok) return old;
    const now = context.ports.clock.now();
    const { mode, reverts } = wantedOf(args, now);
    const timeout = reverts === undefined ? {} : { timeout: (reverts.getTime() - now.getTime()) / 1000 };
    const told = await tellApi(args, path, { mode, ...timeout }, context);
    if (!told.ok) return told;
    const after = await modeNow(args.url, context);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    if (after.value.mode !== mode) {
      const message = `mode ${mode} was accepted, but reads back as ${after.value.mode}`;
      return fail({
        type: "rejected",
        target: `routing of ${args.url}`,
        code: "NOT_APPLIED",
        message,
        effect: "unknown",
      });
    }
    const until = after.value.reverts === undefined ? {} : { reverts_at: after.value.reverts };
    return ok({ mode: after.value.mode, before: old.value.mode, ...until });
  },
});

interface Mode {
  readonly mode: string;
  readonly reverts: Date | undefined;
}

/** What is asked for, now: a mode whose time is over is NORMAL, and that has none. */
function wantedOf({ mode, for: time, until }: Args, now: Date): Mode {
  const end =
    until === undefined ? (time === undefined ? undefined : now.getTime() + time) : Date.parse(until);
  if (end === undefined || mode === "NORMAL") return { mode, reverts: undefined };
  return end <= now.getTime()
    ? { mode: "NORMAL", reverts: undefined }
    : { mode, reverts: new Date(Math.min(end, now.getTime() + day)) };
}

async function modeNow(url: string, context: KindContext): Promise<Result<Mode>> {
  const reply = await readApi(url, path, context);
  if (!reply.ok) return reply;
  const fields = replyFieldsOf(reply.value);
  const mode = replyName(fields?.["mode"]);
  if (mode === undefined) return fail(unreadable(url, path, "its reply has no mode"));
  return ok({ mode, reverts: timeOf(fields?.["reverts_at"]) });
}

function timeOf(value: unknown): Date | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

function recorded(before: Json): Mode | undefined {
  const fields = replyFieldsOf(before);
  const mode = replyName(fields?.["mode"]);
  return mode === undefined ? undefined : { mode, reverts: timeOf(fields?.["reverts_at"]) };
}

/** Where orders go now. That it cannot be read holds the change up in nothing. */
async function venueLines(url: string, context: KindContext): Promise<readonly string[]> {
  const reply = await readApi(url, "/api/routing/diagnostics", context);
  const told = reply.ok ? replyFieldsOf(reply.value) : undefined;
  const venues = told?.["venues"];
  if (!Array.isArray(venues)) return ["the fill rate of each venue is unknown"];
  // Each instance has seen only its own orders, and routes by these.
  const instance = replyName(told?.["instance"]);
  const whose = instance ?? "the instance that answered";
  const rates = venues.flatMap((one: unknown) => {
    const fields = replyFieldsOf(one);
    const [name, rate] = [replyName(fields?.["venue"]), numberOf(fields?.["success_rate"])];
    if (name === undefined || rate === undefined) return [];
    const off = fields?.["disabled"] === true ? ", disabled" : "";
    const samples = numberOf(fields?.["samples"]) ?? 0;
    const did =
      samples === 0 ? "no recent orders" : `${Math.round(rate * 100)} % of its last ${samples} orders`;
    return [`${name}: ${did}${off}`];
  });
  return rates.length === 0 ? [] : [`each venue by the last orders of ${whose} only:`, ...rates];
}
