import type { Json } from "../../base/json.ts";
import { shellLiteral } from "../../base/quote.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { IncidentDesk, Said, Saying } from "../../ports/incident.ts";
import type { Ports } from "../../ports/ports.ts";
import type { KindContext, KindDefinition, Preview } from "../kind.ts";

/** What the kinds that say something in an incident have in common. */

export type SaidOutputs = Said;

export const saidOutputs: KindDefinition<object, SaidOutputs>["outputs"] = {
  incident: { type: "string", doc: "The incident's number" },
  ref: { type: "string", doc: "The record, such as `ny1-42`" },
  again: { type: "bool", doc: "It was on record already, and nobody was reached a second time" },
  reaches: { type: "list<string>", doc: "Whom it was queued for: `war-room`, `sms (rosa)`" },
  call: { type: "list<string>", doc: "Ids of people whom only a telephone reaches" },
  text: { type: "string", doc: "What was put on record and queued, in one sentence" },
  clocks: {
    type: "map<string, string>",
    doc: "Clocks in force by name, each with its state: `4m left of 15m`, `met in 2s`, `MISSED 3m ago`",
  },
};

/** What every one of them says of itself. */
export const inAnIncident =
  "It goes to the incident of the run, else in the only open one; without one the step fails with the command that opens one.";

/** The typed command, whose words hold no secret: a `$` in them is one. */
export function typed(words: readonly string[]): string {
  return ["lav-ir", ...words.map(shellLiteral)].join(" ");
}

type Acts =
  | "effect"
  | "reaches"
  | "outputs"
  | "did"
  | "unreachable"
  | "absent"
  | "capture"
  | "preview"
  | "happened"
  | "execute";

/**
 * A kind that reaches people: the question names them, and the step's own key on record says whether it took place.
 */
export function reaching<A>(saying: (args: A) => Saying): Pick<KindDefinition<A, SaidOutputs>, Acts> {
  return {
    effect: "change",
    reaches: "nothing",
    outputs: saidOutputs,
    did: ({ text }) => text,
    unreachable: "unknown",
    absent: "failed",
    capture: async (args, context) => await captureOf(saying(args), context),
    preview: async (args, context) => await previewOf(saying(args), context),
    happened: async (_args, before, _since, context) => await happenedIn(before, context),
    execute: async (args, context) => await say(saying(args), context),
  };
}

/** One that sends messages: a step that is run again finds its own, and nothing takes one back. */
export function sending<A>(saying: (args: A) => Saying, why: string) {
  return {
    ...reaching(saying),
    retrySafe: "a message that is on record under this step is not queued again",
    undo: { how: "irreversible", why },
  } as const satisfies Partial<KindDefinition<A, SaidOutputs>>;
}

/** @returns why nobody can speak to an incident here */
export function deskIn({ incident }: Pick<Ports, "incident">): Result<IncidentDesk> {
  if (incident !== undefined) return ok(incident);
  const message = "no incident can be spoken to here";
  return fail({ type: "missing", target: "incident", message, effect: "none" });
}

/** Puts it on record in the incident that was agreed to, under the step's own key. */
export async function say(
  saying: Saying,
  { ports, idempotencyKey, consented }: KindContext,
): Promise<Result<SaidOutputs>> {
  const desk = deskIn(ports);
  return desk.ok ? await desk.value.say(saying, idempotencyKey, incidentIn(consented)) : desk;
}

/** Who is reached, and by which way, before anybody is. */
async function previewOf(saying: Saying, { ports }: KindContext): Promise<Result<Preview>> {
  const desk = deskIn(ports);
  if (!desk.ok) return desk;
  const foreseen = await desk.value.foresee(saying);
  if (!foreseen.ok) return foreseen;
  const { incident, severity, reaches, call, lines } = foreseen.value;
  const binding = { incident, severity, reaches: [...reaches], call: [...call] };
  return ok({ lines, binding, counters: {}, confirm: incident });
}

/** The incident that it is said in, and its severity before. */
async function captureOf(saying: Saying, { ports }: KindContext): Promise<Result<Json>> {
  const desk = deskIn(ports);
  if (!desk.ok) return desk;
  const foreseen = await desk.value.foresee(saying);
  if (!foreseen.ok) return foreseen;
  const { incident, severity } = foreseen.value;
  return ok({ incident, severity });
}

/** Whether the step's key is on record in that incident. */
async function happenedIn(
  before: Json,
  { ports, idempotencyKey }: KindContext,
): Promise<"yes" | "no" | "unknown"> {
  const desk = deskIn(ports);
  const incident = incidentIn(before);
  if (!desk.ok || incident === undefined) return "unknown";
  return await desk.value.said(idempotencyKey, incident);
}

function incidentIn(value: Json | undefined): string | undefined {
  return textIn(value, "incident");
}

export function textIn(value: Json | undefined, name: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const text = (value as Readonly<Record<string, unknown>>)[name];
  return typeof text === "string" ? text : undefined;
}
