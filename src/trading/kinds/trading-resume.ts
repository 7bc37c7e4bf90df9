import { effectOf, failureText, type Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Ports } from "../../ports/ports.ts";
import { resumeStages, type InstanceState, type ResumeStage, type VenueState } from "../../ports/trading.ts";
import { defineKind, type Kind } from "../../kinds/kind.ts";
import { object, oneOf, optional, required, text } from "../../language/shape.ts";
import { counted, shown } from "../../kinds/format.ts";
import { failuresIn, look, instanceName, lookedSentence, type Look, type Looked } from "../proof/look.ts";
import { reconcile } from "../proof/reconcile.ts";
import { curlPost, instanceUrls } from "./service-api.ts";

interface Args {
  readonly stage: ResumeStage;
  readonly venue?: string;
  readonly token: string;
}

interface Outputs {
  readonly stage: string;
  readonly since: Date;
  readonly instances: readonly string[];
}

const target = "trading.resume";
/** Milliseconds between two looks whether every instance is there. */
const pause = 200;

export const tradingResume: Kind = defineKind<Args, Outputs>({
  name: "trading.resume",
  summary: "Resume trading at every instance, one stage further",
  doc: [
    "Stages in their order: `reduce-only` (orders that reduce a position), `venue` (all orders at one venue), `all`. It takes two people, and never happens by a timer.",
    "Every instance must answer, those found by label too, and be where the stage before left it. Afterwards each is asked until it says that it is there: one that is not makes the step unknown, and names who is where.",
  ].join("\n\n"),
  effect: "destructive",
  approvers: 2,
  args: object(
    {
      stage: required(oneOf(...resumeStages), "reduce-only, venue or all"),
      venue: optional(text(), "For the stage venue: which one"),
      token: required(text({ secret: true }), "The emergency token"),
    },
    { primary: "stage" },
  ),
  outputs: {
    stage: { type: "string", doc: "The stage that every instance says it is in" },
    since: { type: "timestamp", doc: "Just before the first request, by the platform's clock" },
    instances: { type: "list<string>", doc: "A sentence for each instance" },
  },
  did: ({ stage, instances }) => `${counted(instances.length, "instance")} in stage ${stage}`,
  unreachable: "unknown",
  retrySafe: "an instance that is in the stage already is not told again",
  undo: { how: "irreversible", why: "trades made in between are not reversed; lav-ir halt-all halts again" },
  check: ({ stage, venue }) => {
    if (stage === "venue" && (venue === undefined || venue === ""))
      return "the stage venue needs venue: NAME";
    return stage !== "venue" && venue !== undefined ? `the stage ${shown(stage)} takes no venue` : undefined;
  },
  plan: ({ stage, venue }, { trading }) =>
    `trading.resume: ${stageText(shown(stage), shown(venue))} at every instance of ${trading}`,
  byHand: ({ stage, venue, token }, where) => {
    const body = {
      halt_id: "HALT_ID",
      stage: shown(stage),
      ...(venue === undefined ? {} : { venues: [shown(venue)] }),
      approvals: ["FIRST", "SECOND"],
    };
    const lines = instanceUrls(where).map((url) =>
      curlPost({ url, token }, "/api/emergency/resume", body, where),
    );
    return lines.join("\n") || "# no instance is configured";
  },
  preview: async (args, { ports, signal }) => {
    const [seen, { different, unknown }] = await Promise.all([look(ports, signal), reconcile(ports, signal)]);
    const ready = readyFor(args, seen);
    if (!ready.ok) return ready;
    const halts = ready.value.map(({ state }) => [state.instance, state.haltId ?? "", state.stage]);
    const lines = [
      `${stageText(args.stage, args.venue)} at ${ready.value.length} of ${ready.value.length} instances`,
      ...seen.states.map(lookedSentence),
      ...new Set(ready.value.flatMap(({ state }) => whyHalted(state))),
      ...(seen.venues.ok
        ? [
            `open orders at the venues: ${seen.venues.value.reduce((sum, one) => sum + one.openOrders, 0)}`,
            ...closedVenues(seen.venues.value),
          ]
        : []),
      ...(different.length + unknown.length === 0
        ? ["positions are reconciled with every venue"]
        : [...different, ...unknown].map((line) => `NOT RECONCILED: ${line}`)),
    ];
    return ok({
      lines,
      binding: { halts, different, unknown },
      counters: {},
      confirm: args.venue ?? args.stage,
    });
  },
  happened: async (args, _before, _since, { ports, signal }) => {
    const seen = await look(ports, signal);
    if (seen.states.length === 0 || seen.instances.unseen !== undefined) return "unknown";
    if (seen.states.every((one) => isThere(args, one))) return "yes";
    const untouched = readyFor(args, seen);
    return untouched.ok && seen.states.every((one) => !isThere(args, one)) ? "no" : "unknown";
  },
  execute: async (args, { ports, signal, people }) => {
    if (people === undefined) return fail(refused("it needs two people, and only one is known"));
    if (args.token.trim() === "")
      return fail(refused(`the token is empty; nothing was sent. ${ports.trading.tokenHelp}`));
    const ready = readyFor(args, await look(ports, signal));
    if (!ready.ok) return ready;
    const since = platformTime(ready.value) ?? ports.clock.now();
    const told = ready.value.filter(({ looked }) => !isThere(args, looked));
    const replies = await Promise.all(
      told.map(async ({ looked: { instance }, state }) => {
        const { stage, venue, token } = args;
        const venues = venue === undefined ? [] : [venue];
        const request = { haltId: state.haltId ?? "", stage, venues, approvals: people, token };
        return { instance, reply: await ports.trading.resume(instance, request, signal) };
      }),
    );
    const failed = replies.flatMap(({ instance, reply }) => (reply.ok ? [] : [{ instance, ...reply }]));
    const nothing =
      failed.length === told.length && failed.every(({ failure }) => effectOf(failure) === "none");
    const [first] = failed;
    if (first !== undefined && nothing) return fail(first.failure);
    return await arrived(
      args,
      ports,
      since,
      signal,
      failed.map(({ instance, failure }) => `${instanceName(instance)}: ${failureText(failure)}`),
    );
  },
});

/**
 * What time it is where orders are dated, the earliest that an instance says: what was accepted since is asked of the
 * platform, and this machine's clock may be another. Nothing was let through before the look that told it.
 */
function platformTime(ready: readonly Ready[]): Date | undefined {
  const times = ready.flatMap(({ state: { answeredAt } }) => answeredAt?.getTime() ?? []);
  return times.length === 0 ? undefined : new Date(Math.min(...times));
}

interface Ready {
  readonly looked: Looked;
  readonly state: InstanceState;
}

/** Every instance, each where the stage before this one left it; or why this stage cannot begin. */
function readyFor(args: Pick<Args, "stage" | "venue">, seen: Look): Result<readonly Ready[]> {
  const [blind] = failuresIn({ ...seen, venues: seen.venues });
  if (blind !== undefined) return fail({ ...blind, effect: "none" });
  const ready: Ready[] = [];
  for (const looked of seen.states) {
    const { state } = looked;
    if (!state.ok) continue;
    ready.push({ looked, state: state.value });
  }
  if (ready.length === 0) return fail(refused("no instance is configured, and none was discovered"));
  const before = { "reduce-only": ["halted"], venue: ["reduce-only", "venue"], all: ["venue"] }[args.stage];
  const wrong = ready.filter(({ looked, state }) => !isThere(args, looked) && !before.includes(state.stage));
  const at = wrong.map(({ looked, state }) => `${instanceName(looked.instance)} is ${state.stage}`);
  if (at.length === 0) return ok(ready);
  return fail(refused(`${args.stage} comes after ${before.join(" or ")}, and ${at.join(", ")}`));
}

function isThere({ stage, venue }: Pick<Args, "stage" | "venue">, { state }: Looked): boolean {
  if (!state.ok) return false;
  if (stage === "all") return !state.value.halted;
  return state.value.stage === stage && (venue === undefined || state.value.resumed.includes(venue));
}

/** Asked until every instance says it is there; what the instances say is no proof, and the next steps look on. */
async function arrived(
  args: Args,
  ports: Ports,
  since: Date,
  signal: AbortSignal,
  failed: readonly string[],
): Promise<Result<Outputs>> {
  const until = ports.clock.monotonic() + ports.trading.deadline;
  for (;;) {
    const seen = await look(ports, signal);
    const missing = seen.states.filter((one) => !isThere(args, one));
    if (missing.length === 0 && seen.states.length > 0) {
      return ok({ stage: args.stage, since, instances: seen.states.map(lookedSentence) });
    }
    if (signal.aborted || failed.length > 0 || ports.clock.monotonic() > until) {
      const where = seen.states.map(lookedSentence).join("; ");
      const why = failed.length === 0 ? "" : `; ${failed.join("; ")}`;
      const message = `not every instance is in ${args.stage}: ${where}${why}`;
      return fail({ type: "rejected", target, message, effect: "unknown" });
    }
    await ports.clock.sleep(pause, signal);
  }
}

/** Where no order goes through, whatever the instances send. */
function closedVenues(venues: readonly VenueState[]): readonly string[] {
  const closed = venues.filter(({ halted, market }) => halted || market === "closed");
  if (closed.length === 0) return [];
  const why = closed.map(({ venue, halted }) =>
    halted ? `${venue} is closed to orders` : `${venue}'s market is closed`,
  );
  return [`${closed.length} of ${venues.length} venues take no orders: ${why.join(", ")}`];
}

function whyHalted({ haltId, operator, reason, incident }: InstanceState): readonly string[] {
  if (haltId === undefined) return [];
  return [`halted by ${operator ?? "?"}, incident ${incident ?? "?"}: ${reason ?? "no reason given"}`];
}

function stageText(stage: string, venue: string | undefined): string {
  switch (stage) {
    case "reduce-only":
      return "lets orders through that reduce a position";
    case "venue":
      return `lets all orders through to ${venue ?? "?"}`;
    case "all":
      return "lets all orders through, everywhere";
    default:
      return `goes to the stage ${stage}`;
  }
}

function refused(message: string): Failure {
  return { type: "rejected", target, message, effect: "none" };
}
