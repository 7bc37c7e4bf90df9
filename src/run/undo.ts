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
  before: Json,
): Promise<void> {
  const { session, step, plan } = running;
  const { undo } = step.kind;
  if (undo.how !== "steps") return;
  const steps = undo.steps(instance.args, before);
  if (steps === undefined || steps.length === 0) return;
  const { stringify } = await import("yaml");
  const name = `${session.run}-undo-${instance.key
    .replaceAll(/[^a-z0-9]+/gi, "-")
    .replaceAll(/^-+|-+$/g, "")}`.toLowerCase();
  const text = stringify({
    runbook: name,
    title: `Undo ${place.step} of ${plan.runbook.id} in ${session.run}`,
    ...(plan.runbook.service === undefined ? {} : { service: plan.runbook.service.name }),
    steps: steps.map(literal),
  });
  if (session.redactor.text(text) !== text) {
    // With the secret it would leak, and with a token in its place it would restore the wrong thing.
    const withheld =
      "what it would put back holds a secret; the plan's own line says what to restore by hand";
    await emit(session, { type: "undo", ...place, withheld });
    return;
  }
  try {
    const path = await session.journal.attach(`${name}.yaml`, text);
    await emit(session, { type: "undo", ...place, path });
  } catch (error) {
    if (error instanceof JournalError) throw error;
    // The change is done and on record; that its undo is missing does not make it less done.
    const withheld = `it could not be written: ${error instanceof Error ? error.message : String(error)}`;
    await emit(session, { type: "undo", ...place, withheld });
  }
}

/** Recorded text is data: a `${` in it must come back as it was, not be evaluated. */
function literal(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("${", "$${");
  if (Array.isArray(value)) return value.map(literal);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, literal(item)]));
}
