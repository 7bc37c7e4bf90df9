import { formatDuration, writeDuration } from "../../base/duration.ts";
import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../../kinds/kind.ts";
import {
  apiFields,
  checkApi,
  curlGet,
  curlPost,
  endApi,
  replyFieldsOf,
  replyName,
  readApi,
  refused,
  tellApi,
  unreadable,
  type Api,
} from "./service-api.ts";
import { duration, object, oneOf, optional, required, text } from "../../language/shape.ts";
import { shown } from "../../kinds/format.ts";

/** From the most defensive on. */
const regimes = ["RISK_OFF", "CRISIS", "CONTRACTION", "NORMAL_EXPANSION"] as const;
const path = "/api/regime/manual";
const current = "/api/regime/current";
const day = 86_400_000;
/** Milliseconds by which the end that is read back may differ from the one that was asked for. */
const slack = 60_000;

interface Args extends Api {
  readonly regime: (typeof regimes)[number];
  readonly for?: number;
  readonly until?: string;
}

interface Outputs {
  readonly regime: string;
  readonly source: string;
  readonly expires?: Date;
  readonly before: string;
}

export const regimeHold: Kind = defineKind<Args, Outputs>({
  name: "regime.hold",
  summary: "Hold a regime by hand, and read it and its end back",
  doc: [
    "Sets the manual regime of Market Sentinel and reads back that it holds, and until when. It ends by itself after `for` (or at `until`), at most a day from now; then the regime is computed again.",
    "What it replaces is recorded. Its undo ends it where the regime was computed before, and where another one was held by hand it holds that one again, for what is left of its time.",
  ].join("\n\n"),
  effect: "change",
  args: object({
    ...apiFields,
    regime: required(oneOf(...regimes), "The regime; RISK_OFF is the most defensive"),
    for: optional(duration({ min: 1000, max: day }), "How long it is held"),
    until: optional(
      text(),
      "The same as a time: `2026-03-01T12:00:00Z`; one that has passed ends a held regime",
    ),
  }),
  outputs: {
    regime: { type: "string", doc: "The regime now, as it was read back" },
    source: { type: "string", doc: "`manual`, or `auto` when it is computed" },
    expires: { type: "timestamp", doc: "When a held one ends by itself", optional: true },
    before: { type: "string", doc: "The regime before" },
  },
  did: ({ regime, source, before }) => `regime ${before} → ${regime} (${source})`,
  unreachable: "failed",
  retrySafe: "it says what the regime shall be, not how it changes",
  undo: {
    how: "steps",
    steps: ({ url, token }, before) => {
      const old = recorded(before);
      if (old === undefined) return undefined;
      if (old.expires === undefined) return [{ "http.delete": { url: `${url}${path}`, token } }];
      return [{ "regime.hold": { url, token, regime: old.regime, until: old.expires.toISOString() } }];
    },
  },
  check: (args) => {
    const given = ["for", "until"].filter((name) => args[name] !== undefined);
    if (given.length !== 1) return "give either for or until";
    const until = shown(args["until"]);
    const wrong = until !== "" && !until.includes("‹") && Number.isNaN(Date.parse(until));
    return wrong ? `until is a time such as 2026-03-01T12:00:00Z, not ${until}` : checkApi(args);
  },
  plan: ({ regime, url, for: time, until }) => {
    const end = time === undefined ? `until ${shown(until)}` : `for ${lasting(time)}`;
    return `regime.hold: hold ${shown(regime)} ${end} at ${shown(url)}`;
  },
  byHand: (args, where) => {
    const { for: time, until } = args;
    const body = { regime: shown(args["regime"]), duration: time === undefined ? "…" : lasting(time) };
    return [
      ...(time === undefined ? [`# duration: what is left until ${shown(until)}, such as 1800s`] : []),
      curlPost(args, path, body, where),
      curlGet(args, current, where),
    ].join("\n");
  },
  capture: async ({ url }, context) => {
    const now = await regimeNow(url, context);
    if (!now.ok) return now;
    const { regime, expires } = now.value;
    return ok({ regime, expires: expires?.toISOString() ?? null });
  },
  preview: async (args, context) => {
    const now = await regimeNow(args.url, context);
    if (!now.ok) return now;
    const time = context.ports.clock.now();
    const end = endOf(args, time);
    const held = end > time ? `${args.regime}, held until ${end.toISOString()}` : "the computed regime";
    const lines = [
      `regime ${sentenceOf(now.value)} → ${held}`,
      ...(end > time ? ["it then ends by itself, and the regime is computed again"] : []),
    ];
    const binding = { url: args.url, from: now.value.regime, to: args.regime };
    return ok({ lines, binding, counters: {}, confirm: args.regime });
  },
  happened: async (args, before, _since, context) => {
    const now = await regimeNow(args.url, context);
    const old = recorded(before);
    if (!now.ok || old === undefined) return "unknown";
    const { regime, expires } = now.value;
    const same = regime === old.regime && expires?.getTime() === old.expires?.getTime();
    if (same) return "no";
    return regime === args.regime && expires !== undefined ? "yes" : "unknown";
  },
  execute: async (args, context) => {
    const old = await regimeNow(args.url, context);
    if (!old.ok) return old;
    const now = context.ports.clock.now();
    const end = endOf(args, now);
    const holds = end > now;
    const left = `${Math.max(1, Math.round((end.getTime() - now.getTime()) / 1000))}s`;
    const told = holds
      ? await tellApi(args, path, { regime: args.regime, duration: left }, context)
      : await endApi(args, path, context);
    if (!told.ok) return told;
    const after = await regimeNow(args.url, context);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const wrong = wrongWith(after.value, holds ? { regime: args.regime, expires: end } : undefined);
    if (wrong !== undefined) {
      return fail({ ...refused(`regime of ${args.url}`, "NOT_APPLIED", wrong), effect: "unknown" });
    }
    const { regime, expires } = after.value;
    const source = expires === undefined ? "auto" : "manual";
    return ok({ regime, source, before: old.value.regime, ...(expires === undefined ? {} : { expires }) });
  },
});

/** One that is held by hand has an end; a computed one has none. */
interface Regime {
  readonly regime: string;
  readonly expires: Date | undefined;
}

function endOf({ for: time, until }: Args, now: Date): Date {
  const end = until === undefined ? now.getTime() + (time ?? 0) : Date.parse(until);
  return new Date(Math.min(end, now.getTime() + day));
}

async function regimeNow(url: string, context: KindContext): Promise<Result<Regime>> {
  const reply = await readApi(url, current, context);
  if (!reply.ok) return reply;
  const fields = replyFieldsOf(reply.value);
  const [regime, source] = [replyName(fields?.["regime"]), replyName(fields?.["source"])];
  const expires = timeOf(fields?.["expires"]);
  if (regime === undefined || source === undefined) {
    return fail(unreadable(url, current, "its reply lacks the regime or its source"));
  }
  if (source !== "manual") return ok({ regime, expires: undefined });
  if (expires !== undefined) return ok({ regime, expires });
  return fail(unreadable(url, current, "the regime is held by hand, and it does not say until when"));
}

function wrongWith(now: Regime, wanted: Regime | undefined): string | undefined {
  if (wanted === undefined) {
    return now.expires === undefined ? undefined : `the change was accepted, but ${now.regime} is still held`;
  }
  if (now.regime !== wanted.regime || now.expires === undefined) {
    return `${wanted.regime} was accepted, but reads back as ${sentenceOf(now)}`;
  }
  const apart = now.expires.getTime() - (wanted.expires?.getTime() ?? 0);
  if (Math.abs(apart) <= slack) return undefined;
  return `it is held until ${now.expires.toISOString()}, ${formatDuration(Math.abs(apart))} ${apart > 0 ? "later" : "earlier"} than requested`;
}

function sentenceOf({ regime, expires }: Regime): string {
  return expires === undefined ? `${regime} (computed)` : `${regime} (held until ${expires.toISOString()})`;
}

function timeOf(value: unknown): Date | undefined {
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

function recorded(before: Json): Regime | undefined {
  const fields = replyFieldsOf(before);
  const regime = replyName(fields?.["regime"]);
  return regime === undefined ? undefined : { regime, expires: timeOf(fields?.["expires"]) };
}

function lasting(time: unknown): string {
  return typeof time === "number" ? writeDuration(time) : shown(time);
}
