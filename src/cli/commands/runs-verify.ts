import { refuse } from "../../app/context/refuse.ts";
import { show } from "../../app/context/telling.ts";
import { storeOf } from "../../app/context/store.ts";
import { journalOfRun } from "../../store/store.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { namedRun } from "../../app/run/pick-run.ts";
import { verdictCodes, verdictLines } from "./verified.ts";

/**
 * `lav-ir runs verify RUN`: whether the journal of a run is what was written, from its files and the desk's key.
 * @returns 0 when it holds, 1 when it was changed, cut or rewritten, 4 when that cannot be said.
 */
export async function verifyRun(world: World, options: GlobalOptions, id: string): Promise<number> {
  const store = storeOf(world, options);
  const run = await namedRun(store, id);
  if (!run.ok) return refuse(world, options, run.failure);
  const { incident } = run.value;
  const { path, ...rest } = await store.verify(journalOfRun(run.value));
  const row = { type: "run.verified", run: id, journal: path, ...rest, incident } as const;
  show(world, options, [row], () => verdictLines(id, { path, ...rest }));
  return verdictCodes[rest.verdict];
}
