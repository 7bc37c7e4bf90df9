import { formatDuration } from "../../../base/duration.ts";
import { printable } from "../../../base/printable.ts";
import { ok, type Result } from "../../../base/result.ts";
import { questionsOf } from "../../../app/context/questions.ts";
import { interrupted, refusal, type Refusal } from "../../../app/context/refusal.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import type { Responders } from "../../../app/incident/scene.ts";
import type { Measuring, Trigger, TriggerReading } from "../../../app/incident/triggers.ts";
import { createPrompt, Turn } from "../../../drivers/prompt/prompt.ts";
import type { IncidentPlan } from "../../../platform/incident-plan.ts";
import { ownNames, severities, severityNamed, type Severity } from "../../../platform/severity.ts";
import type { Answer, Prompt } from "../../../ports/ports.ts";

export interface AskedSeverity {
  readonly severity: Severity;
  readonly triggers: readonly TriggerReading[];
}

type Asked = Result<AskedSeverity, Refusal>;

const needs = 'declare needs a severity: lav-ir declare P1 "impact"';

/**
 * Asks for the severity while its triggers are measured. One that is typed at once is declared at once, with what is
 * known by then; Enter alone waits for the rest, asks what only a person knows, and proposes the highest severity that
 * something was found for. The choice is the person's.
 */
export async function askSeverity(
  world: World,
  options: GlobalOptions,
  { plan, platform, text }: Responders,
): Promise<Asked> {
  const settings = questionsOf(world, options);
  if (!settings.available) return refusal(needs);
  const prompt = createPrompt(settings, new Turn());
  const asking: Asking = { world, plan, prompt, text };
  const { hasTriggers, measureTriggers } = await import("../../../app/incident/triggers.ts");
  if (platform === undefined || !hasTriggers(plan)) return await choose(asking, [], undefined);
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, world.interruption.stop]);
  const measuring = measureTriggers(world, options, platform, signal);
  try {
    return await askWhile(asking, measuring);
  } finally {
    over.abort();
  }
}

interface Asking {
  readonly world: World;
  readonly plan: IncidentPlan;
  readonly prompt: Prompt;
  readonly text: Responders["text"];
}

async function askWhile(asking: Asking, measuring: Measuring): Promise<Asked> {
  const { world, plan, prompt } = asking;
  const head = severities.map((severity) => choiceOf(plan, severity)).join("\n");
  for (;;) {
    const question = `${head}\nHow severe is it? Type P0 to P3, or Enter to wait for what is being measured:`;
    const answer = await prompt.text(question, world.interruption.stop);
    if (!answer.answered) return unanswered(world, answer);
    const typed = severityNamed(answer.value.trim(), plan.severityNames);
    if (typed !== undefined) return ok({ severity: typed, triggers: recorded(asking, measuring.soFar()) });
    if (answer.value.trim() === "") break;
  }
  await measuring.done;
  const triggers: Trigger[] = [];
  for (const trigger of measuring.soFar()) {
    const asked = await byPerson(asking, trigger);
    if (!asked.ok) return asked;
    triggers.push(asked.value);
  }
  // A row each: the whole of it is on record, and nothing scrolls.
  const width = (world.stderr.columns ?? 80) - 1;
  const rows = triggers.map((trigger) => oneLine(`  ${trigger.severity} ${triggerText(trigger)}`, width));
  world.stderr.write(rows.map((row) => `${row}\n`).join(""));
  return await choose(
    asking,
    triggers,
    triggers.find(({ outcome }) => outcome === "failed"),
  );
}

/** What only a person knows of a trigger: the answer to its question, or since when it has been so. */
async function byPerson({ world, prompt }: Asking, trigger: Trigger): Promise<Result<Trigger, Refusal>> {
  const { id, ask, askSince, outcome, reading } = trigger;
  if (ask !== undefined) {
    const answer = await prompt.confirm(ask, world.interruption.stop);
    if (!answer.answered) return unanswered(world, answer);
    return ok({ ...trigger, outcome: answer.value ? "failed" : "ok", reading: answer.value ? "yes" : "no" });
  }
  if (askSince === undefined || outcome !== "failed") return ok(trigger);
  const span = formatDuration(askSince);
  const answer = await prompt.confirm(
    `${id}: ${oneLine(reading, 200)}. For more than ${span}?`,
    world.interruption.stop,
  );
  if (!answer.answered) return unanswered(world, answer);
  const since = `${reading}; for ${answer.value ? "more" : "less"} than ${span}`;
  return ok({ ...trigger, outcome: answer.value ? "failed" : "ok", reading: since });
}

async function choose(
  asking: Asking,
  triggers: readonly Trigger[],
  found: Trigger | undefined,
): Promise<Asked> {
  const { world, plan, prompt } = asking;
  const proposal = found === undefined ? "" : `${found.severity} is proposed: ${found.id}\n`;
  // Enter takes the first one.
  const others = severities.filter((severity) => severity !== found?.severity);
  const choices = [...(found === undefined ? [] : [found.severity]), ...others].map((one) =>
    choiceOf(plan, one),
  );
  const answer = await prompt.choose(`${proposal}How severe is it?`, choices, world.interruption.stop);
  if (!answer.answered) return unanswered(world, answer);
  const severity = severityNamed(answer.value.slice(0, 2), ownNames) ?? "P0";
  return ok({ severity, triggers: recorded(asking, triggers) });
}

function choiceOf({ severities: plans }: IncidentPlan, severity: Severity): string {
  const { name, means } = plans[severity];
  return `${severity} ${name}: ${means}`;
}

function oneLine(text: string, width: number): string {
  const line = printable(text);
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

function triggerText({ id, outcome, reading }: TriggerReading): string {
  const found = { ok: "not so", failed: "FOUND", unknown: "unknown" }[outcome];
  return `${id}: ${found} (${reading})`;
}

/** As a record has it: without what belongs to the plan, and without secrets. */
function recorded({ text }: Asking, triggers: readonly Trigger[]): readonly TriggerReading[] {
  return triggers.map(({ id, outcome, reading }) => {
    const clean = text(reading, "the reading");
    return { id, outcome, reading: clean.ok ? clean.value : "" };
  });
}

function unanswered(
  world: World,
  answer: Extract<Answer<unknown>, { answered: false }>,
): Result<never, Refusal> {
  return answer.why === "cancelled" ? interrupted(world, "nothing was declared") : refusal(needs);
}
