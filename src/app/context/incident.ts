import { printable } from "../../base/printable.ts";
import { ok, type Result } from "../../base/result.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import type { Incident } from "../../store/incidents.ts";
import { incidentName, mostSevere, openOnes, type OpenIncident } from "../../store/pick-incident.ts";
import { noJournal } from "../../store/runs.ts";
import { StateFault } from "../../store/state-check.ts";
import { questionsOf } from "./questions.ts";
import { interrupted, refusal, type Refusal } from "./refusal.ts";
import type { Store } from "../../store/store.ts";
import { storeOf } from "./store.ts";
import type { GlobalOptions, World } from "./world.ts";

/**
 * The incident that a command works on: the one named with `--incident`, else the only one that is open, else the
 * only one of the highest severity. Of several that are left a person is asked for one; without one the command
 * is refused with the list.
 * @param careful for a command that must not hit another one by a guess: of several that are open, one is never
 * taken for its severity.
 * @returns undefined when none is open, and none was named.
 */
export async function chooseIncident(
  world: World,
  options: GlobalOptions,
  { careful = false }: { readonly careful?: boolean } = {},
): Promise<Result<string | undefined, Refusal>> {
  const known = await incidentsOf(storeOf(world, options), options.incident);
  if (!known.ok) return known;
  if (options.incident !== undefined) {
    const [named] = known.value;
    return named === undefined ? refusal(`no incident ${options.incident} on this machine`) : ok(named.id);
  }
  sayWhatIsNone(world, known.value);
  const open = openOnes(known.value);
  const left = careful ? open : mostSevere(open);
  return left.length > 1 ? await askWhich(world, options, left) : ok(left[0]?.id);
}

/** All, or the one named. A folder that nobody can judge may be an open incident: nothing is begun beside it. */
async function incidentsOf(
  store: Store,
  named: string | undefined,
): Promise<Result<readonly Incident[], Refusal>> {
  try {
    const all = await (named === undefined ? store.incidents() : namedIn(store, named));
    const unreadable = all.find((one) => one.is === "unreadable");
    return unreadable === undefined ? ok(all) : refusal(noJournal(store.place, unreadable.why), "state");
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return refusal(noJournal(store.place, error.message), "state");
  }
}

async function namedIn(store: Store, named: string): Promise<readonly Incident[]> {
  const found = await store.incident(named);
  return found === undefined ? [] : [found];
}

function sayWhatIsNone({ stderr }: World, incidents: readonly Incident[]): void {
  for (const one of incidents) {
    if (one.is === "none") stderr.write(`${printable(`${one.id} is not an open incident: ${one.why}`)}\n`);
  }
}

async function askWhich(
  world: World,
  options: GlobalOptions,
  several: readonly OpenIncident[],
): Promise<Result<string, Refusal>> {
  const names = several.map(incidentName);
  const settings = questionsOf(world, options);
  const list = `several incidents are open: ${names.join(", ")}; name one with --incident`;
  if (!settings.available) return refusal(list, "state");
  const prompt = createPrompt(settings, new Turn());
  const answer = await prompt.choose("Which incident?", names, world.interruption.stop);
  if (!answer.answered) {
    if (answer.why !== "cancelled") return refusal(list, "state");
    return interrupted(world, "no incident was chosen");
  }
  const chosen = several[names.indexOf(answer.value)];
  return chosen === undefined ? refusal(list, "state") : ok(chosen.id);
}
