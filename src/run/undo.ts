import { stringify } from "yaml";
import type { Json } from "../base/json.ts";
import type { StepPlace } from "../events/run.ts";
import { storeOf } from "../plan/plan.ts";
import { emit, JournalError } from "./session.ts";
import type { StepInstance, Running, UndoList, UndoSteps } from "./step-types.ts";

/** Steps in one file: a runbook may not have many more. */
const mostInFile = 1000;
/** As many changes of a list as this have their undo on the disk after each of them. */
const writtenEach = 100;

/** Writes the runbook that puts back what a change replaced, where its kind can say how. */
export async function writeUndo(
  running: Running,
  place: StepPlace,
  instance: StepInstance,
  before: Json | undefined,
): Promise<void> {
  const { undo: list, key } = instance;
  if (list !== undefined) {
    addUndo(running, instance, list, before);
    if (list.parts.length <= writtenEach)
      await attach(running, place, list.key, stepsOf(list).slice(0, mostInFile));
    return;
  }
  const made = undoOf(running, instance, before);
  if (made === undefined) return;
  const written = "withheld" in made ? made : await attach(running, place, key, made.steps);
  if (written !== undefined) await emit(running.session, { type: "undo", ...place, key, ...written });
}

/** Remembers one change of a list, whoever made it. */
export function addUndo(
  running: Running,
  instance: StepInstance,
  list: UndoList,
  before: Json | undefined,
): void {
  const made = undoOf(running, instance, before);
  const at = list.parts.findIndex(({ key }) => key === instance.key);
  // Tried again: what it replaced the first time is what is to be put back.
  if (at === -1) list.parts.push({ key: instance.key, made });
}

/** At a list's end: the whole of it in as few files as a runbook's length allows, the last change first. */
export async function finishUndo(running: Running, place: StepPlace, list: UndoList): Promise<void> {
  const { session } = running;
  const steps = stepsOf(list);
  const without = list.parts.flatMap(({ made }) =>
    made !== undefined && "withheld" in made ? [made.withheld] : [],
  );
  const files = Math.ceil(steps.length / mostInFile);
  for (let file = 0; file < files; file++) {
    const key = file === 0 ? list.key : `${list.key}-${file + 1}`;
    const written = await attach(
      running,
      place,
      key,
      steps.slice(file * mostInFile, (file + 1) * mostInFile),
    );
    await emit(session, { type: "undo", ...place, key, ...written });
  }
  const [why] = without;
  if (why === undefined) return;
  const withheld = `${without.length} of ${list.parts.length} have none: ${why}`;
  await emit(session, { type: "undo", ...place, key: `${list.key}-none`, withheld });
}

function stepsOf({ parts }: UndoList): readonly Json[] {
  return parts.toReversed().flatMap(({ made }) => (made !== undefined && "steps" in made ? made.steps : []));
}

function undoOf({ session, step }: Running, instance: StepInstance, before: Json | undefined): UndoSteps {
  const { undo } = step.kind;
  if (undo.how !== "steps") return undefined;
  if (before === undefined)
    return { withheld: "what it replaced was too long to store, or contains a secret" };
  const made = undo.steps(instance.args, before);
  if (made === undefined || made.length === 0) return undefined;
  // What takes back a change speaks to the store that was changed.
  const at = storeOf(step, instance.names);
  const steps = at.ok && at.value !== undefined ? made.map((one) => ({ ...one, at: at.value ?? "" })) : made;
  const text = stringify(steps.map((one) => literal(one, session.secrets, new Set())));
  return session.redactor.text(text) === text ? { steps } : secretWithheld;
}

/** With the secret it would leak, and with a token in its place it would restore the wrong thing. */
const secretWithheld = { withheld: "what it would restore contains a secret" };

/** Writes one undo runbook. @returns where it lies, or why it could not be written. */
async function attach(
  running: Running,
  place: StepPlace,
  key: string,
  steps: readonly Json[],
): Promise<{ readonly path: string } | { readonly withheld: string } | undefined> {
  if (steps.length === 0) return undefined;
  const { session } = running;
  const name = nameOf(session.run, key);
  const text = runbookText(running, place, name, steps);
  if (session.redactor.text(text) !== text) return secretWithheld;
  try {
    return { path: await session.journal.attach(`${name}.yaml`, text) };
  } catch (error) {
    if (error instanceof JournalError) throw error;
    // The change is done and on record; that its undo is missing does not make it less done.
    const why = error instanceof Error ? error.message : String(error);
    return { withheld: `the undo runbook could not be written: ${why}` };
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
