import type { Json } from "../base/json.ts";
import type { StepPlace } from "./event.ts";
import type { Instance } from "./change.ts";
import { emit } from "./session.ts";
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
  const name = `undo-${instance.key
    .replaceAll(/[^a-z0-9]+/gi, "-")
    .replaceAll(/^-+|-+$/g, "")
    .toLowerCase()}`;
  const text = stringify({
    runbook: name,
    title: `Undo ${place.step} of ${plan.runbook.id} in ${session.run}`,
    ...(plan.runbook.service === undefined ? {} : { service: plan.runbook.service.name }),
    steps: steps.map(literal),
  });
  const path = await session.journal.attach(`${name}.yaml`, session.redactor.text(text));
  await emit(session, { type: "undo", ...place, path });
}

/** Recorded text is data: a `${` in it must come back as it was, not be evaluated. */
function literal(value: Json): Json {
  if (typeof value === "string") return value.replaceAll("${", "$${");
  if (Array.isArray(value)) return value.map(literal);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, literal(item)]));
}
