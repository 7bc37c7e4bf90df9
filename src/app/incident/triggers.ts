// What the platform file says speaks for a severity, measured while a person decides. A trigger is a read with an
// expectation, or a question: the reads run side by side as the diagnosis of a runbook does, by the same engine, with
// no journal and no consent to give. One that cannot be read as a step is unknown, and keeps no other from being read.

import { fail, type Result } from "../../base/result.ts";
import { createClock } from "../../drivers/clock.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import type { IncidentData } from "../../events/incident-record.ts";
import type { RunEvent } from "../../events/run.ts";
import type { Diagnostic } from "../../language/diagnostic.ts";
import { loadEngines } from "../../language/functions/others.ts";
import type { Source } from "../../language/source.ts";
import type { MapNode, Node } from "../../language/yaml.ts";
import { fixedNames } from "../../plan/names.ts";
import { makePlan, type Plan } from "../../plan/plan.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import { entriesOf } from "../../platform/place.ts";
import type { Platform } from "../../platform/platform.ts";
import { severities, type Severity } from "../../platform/severity.ts";
import { readings } from "../../run/judge.ts";
import { noPast } from "../../run/resume-state.ts";
import { run } from "../../run/run.ts";
import { celOutputs } from "../../run/scope.ts";
import type { Session } from "../../run/session.ts";
import { parseRunbook } from "../../runbook/parse.ts";
import type { Item, Runbook, Step } from "../../runbook/runbook.ts";
import { createRedactor } from "../../secrets/redactor.ts";
import { newRunId, noRecord } from "../../store/runs.ts";
import { interlockNames } from "../../trading/interlocks.ts";
import { loadPlatform } from "../context/platform.ts";
import { questionsOf } from "../context/questions.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { kindsByName } from "../wiring/kinds.ts";
import { createPorts, whereOf } from "../wiring/ports.ts";
import { knownSecrets, passwordsOf } from "../wiring/secrets.ts";

export type TriggerReading = IncidentData<"incident.declared">["triggers"][number];

/** A trigger and what is known of it. */
export interface Trigger extends TriggerReading {
  readonly severity: Severity;
  /** It counts only when it has been so for longer than these milliseconds, which a person has to say. */
  readonly askSince?: number;
  /** A question for a person instead of a read. */
  readonly ask?: string;
}

export interface Measuring {
  /** All that is known by now, in the order of the platform file. */
  soFar(): readonly Trigger[];
  /** Every read has its end, or the signal has fired. It never rejects. */
  readonly done: Promise<void>;
}

/** Milliseconds that one read may take where the platform file says nothing: somebody waits at a question. */
const readTimeout = "5s";

interface Written {
  readonly id: string;
  readonly severity: Severity;
  readonly askSince?: number;
  readonly node: MapNode;
}

export function hasTriggers({ severities: plans }: IncidentPlan): boolean {
  return severities.some((severity) => plans[severity].triggers.length > 0);
}

/** Every problem of the triggers, as lint shows it. @param source the platform file */
export async function triggerProblems(platform: Platform, source: Source): Promise<readonly Diagnostic[]> {
  await loadEngines(source.text);
  return writtenIn(platform.incident).flatMap((written) => {
    if (askOf(written) !== undefined) return [];
    const parsed = runbookOf(written, source);
    const plan = parsed.ok ? planOf(parsed.value, platform) : parsed;
    return plan.ok ? [] : plan.failure;
  });
}

function planOf(runbook: Runbook, platform: Platform): Result<Plan, readonly Diagnostic[]> {
  const names = fixedNames(runbook, platform, {});
  return makePlan({ runbook, platform, params: {}, names, where: whereOf(platform) });
}

/**
 * Begins to read all of them.
 * @param platform whose servers' logins are read now: whoever declares waits for none of them
 * @param signal ends what is still being read
 */
export function measureTriggers(
  world: World,
  options: GlobalOptions,
  platform: Platform,
  signal: AbortSignal,
): Measuring {
  const source = { path: platform.path, text: "" };
  const known = new Map<string, TriggerReading>();
  const written = writtenIn(platform.incident);
  const books: Runbook[] = [];
  const read = async (): Promise<void> => {
    for (const one of written) {
      if (askOf(one) !== undefined) continue;
      await loadEngines(
        JSON.stringify(one.node, (_, value: unknown) => (typeof value === "bigint" ? "" : value)),
      );
      const parsed = runbookOf(one, source);
      if (parsed.ok) books.push(parsed.value);
      else known.set(stepId(one.id), unknown(one.id, parsed.failure[0]?.message ?? "it cannot be read"));
    }
    const [first] = books;
    if (first === undefined) return;
    const diagnose = books.flatMap((book) => book.diagnose);
    const where = { ...options, config: platform.path };
    const whole = await loadPlatform(world, where, { command: "declare", untrusted: "refuse" });
    if (!whole.ok) throw new Error(whole.failure.message);
    await measure(world, options, whole.value, { ...first, diagnose }, signal, (event) => {
      const reading = readingIn(event, diagnose);
      if (reading !== undefined) known.set(reading.id, reading);
    });
  };
  const done = read().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    for (const { id } of written) if (!known.has(stepId(id))) known.set(stepId(id), unknown(id, why));
  });
  const soFar = (): readonly Trigger[] =>
    written.flatMap((one): readonly Trigger[] => {
      const { id, severity, askSince } = one;
      const since = askSince === undefined ? {} : { askSince };
      const ask = askOf(one);
      if (ask !== undefined) return [{ ...unknown(id, "nobody was asked"), severity, ask, ...since }];
      const reading = known.get(stepId(id));
      return reading === undefined ? [] : [{ ...reading, id, severity, ...since }];
    });
  return { soFar, done };
}

function unknown(id: string, reading: string): TriggerReading {
  return { id, outcome: "unknown", reading };
}

function writtenIn(plan: IncidentPlan): readonly Written[] {
  return severities.flatMap((severity) =>
    plan.severities[severity].triggers.flatMap(({ id, askSince, step }): readonly Written[] =>
      step.type === "map"
        ? [{ id, severity, node: step, ...(askSince === undefined ? {} : { askSince }) }]
        : [],
    ),
  );
}

function askOf({ node }: Written): string | undefined {
  const asked = entriesOf(node).find(({ key }) => key === "ask")?.value;
  return asked?.type === "scalar" ? String(asked.value) : undefined;
}

/** A runbook of this one step: its places are those of the platform file. */
function runbookOf({ id, node }: Written, source: Source): Result<Runbook, readonly Diagnostic[]> {
  const { span } = node;
  const scalar = (value: string): Node => ({ type: "scalar", value, span, inner: undefined });
  const entry = (key: string, value: Node) => ({ key, keySpan: span, value });
  const own = node.entries
    .filter(({ key }) => key !== "ask_since")
    .map((one) => (one.key === "id" ? { ...one, value: scalar(stepId(id)) } : one));
  const timed = own.some(({ key }) => key === "timeout") ? [] : [entry("timeout", scalar(readTimeout))];
  const step: Node = { ...node, entries: [...own, ...timed] };
  const root: Node = {
    type: "map",
    span,
    entries: [entry("runbook", scalar("triggers")), entry("diagnose", { type: "list", items: [step], span })],
  };
  const words = { kinds: kindsByName, interlocks: interlockNames };
  const read = parseRunbook(root, source, words, new Map(), []);
  return read.ok ? read : fail(read.failure.diagnostics);
}

/** A step's id has no hyphen. */
function stepId(id: string): string {
  return id.replaceAll("-", "_");
}

async function measure(
  world: World,
  options: GlobalOptions,
  platform: Platform,
  runbook: Runbook,
  signal: AbortSignal,
  sink: (event: RunEvent) => void,
): Promise<void> {
  const plan = planOf(runbook, platform);
  if (!plan.ok) throw new Error(plan.failure[0]?.message ?? "they cannot be planned");
  const clock = createClock();
  const id = newRunId(clock.now());
  const prompt = createPrompt(questionsOf(world, options, false), new Turn());
  const session: Session = {
    run: id,
    resume: "",
    plan: plan.value,
    ports: createPorts(world, platform, prompt, options),
    journal: noRecord(id).journal,
    journalPath: "",
    operator: world.user,
    incident: undefined,
    atWork: [],
    rehearsal: true,
    resumed: false,
    redactor: createRedactor([...knownSecrets(world, {}), ...passwordsOf(platform, world.env)]),
    consent: { yes: false, approve: [] },
    secrets: {},
    past: noPast,
    kill: signal,
    stop: signal,
    sink,
  };
  await run(session, { renderer: "silent", rendererOptions: {}, promptIn: () => prompt }, () => 130);
}

/** What the end of a read says of its trigger: the values that its expectation looked at, or why there are none. */
function readingIn(event: RunEvent, items: readonly Item[]): TriggerReading | undefined {
  if (event.type !== "step.finished" || event.status === "skipped") return undefined;
  const step = items.find((item): item is Step => item.type === "step" && item.id === event.step);
  if (step === undefined) return undefined;
  const seen =
    step.expect === undefined ? [] : readings(step.expect, celOutputs(step.kind, event.outputs ?? {}));
  const reading = [...seen, event.message ?? event.title][0] ?? "";
  const outcome = event.status;
  return { id: step.id, outcome, reading: outcome === "unknown" ? (event.message ?? reading) : reading };
}
