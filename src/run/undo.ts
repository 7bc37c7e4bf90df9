import { stringify } from "yaml";
import type { Json } from "../base/json.ts";
import type { StepPlace } from "./event.ts";
import type { Instance } from "./change.ts";
import { emit, JournalError } from "./session.ts";
import type { Running } from "./step.ts";

/** Writes the runbook that puts back what a change replaced, where its kind can say how. */
export async function writeUndo(
  running: Running,
  place: StepPlace,
  instance: Instance,
  before: Json | undefined,
): Promise<void> {
  const { session, step } = running;
  const { undo } = step.kind;
  if (undo.how !== "steps") return;
  if (before === undefined) {
    const withheld = "what it replaced was too long to keep, or holds a secret";
    await emit(session, { type: "undo", ...place, key: instance.key, withheld });
    return;
  }
  const steps = undo.steps(instance.args, before);
  if (steps === undefined || steps.length === 0) return;
  const name = nameOf(session.run, instance.key);
  const text = runbookText(running, place, name, steps);
  if (session.redactor.text(text) !== text) {
    // With the secret it would leak, and with a token in its place it would restore the wrong thing.
    const withheld = "what it would put back holds a secret";
    await emit(session, { type: "undo", ...place, key: instance.key, withheld });
    return;
  }
  try {
    const path = await session.journal.attach(`${name}.yaml`, text);
    await emit(session, { type: "undo", ...place, key: instance.key, path });
  } catch (error) {
    if (error instanceof JournalError) throw error;
    // The change is done and on record; that its undo is missing does not make it less done.
    const withheld = `it could not be written: ${error instanceof Error ? error.message : String(error)}`;
    await emit(session, { type: "undo", ...place, key: instance.key, withheld });
  }
}

function nameOf(run: string, key: string): string {
  const place = key.replaceAll(/[^a-z0-9]+/gi, "-").replaceAll(/^-+|-+$/g, "");
  return `${run}-undo-${place}`.toLowerCase();
}

function runbookText(
  { session, plan }: Running,
  place: StepPlace,
  name: string,
  steps: readonly Json[],
): string {
  const used = new Set<string>();
  const written = steps.map((one) => literal(one, session.secrets, used));
  return stringify({
    runbook: name,
    title: `Undo ${place.step} of ${plan.runbook.id} in ${session.run}`,
    ...(plan.runbook.service === undefined ? {} : { service: plan.runbook.service.name }),
    ...(used.size === 0 ? {} : { secrets: [...used] }),
    steps: written,
  });
}

/**
 * Recorded text is data: a `${` in it must come back as it was, not be evaluated. A secret that the run
 * was given becomes its name again, to be given anew.
 */
function literal(value: Json, secrets: Readonly<Record<string, string>>, used: Set<string>): Json {
  if (typeof value === "string") {
    return Object.entries(secrets).reduce(
      (text, [name, secret]) => {
        if (!text.includes(secret)) return text;
        used.add(name);
        return text.replaceAll(secret, `\${secrets.${name}}`);
      },
      value.replaceAll("${", () => "$${"),
    );
  }
  if (Array.isArray(value)) return value.map((item) => literal(item, secrets, used));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, literal(item, secrets, used)]),
  );
}
