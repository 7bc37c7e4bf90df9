import { statsIn } from "../../../app/incident/stats.ts";
import { refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { storeOf } from "../../../app/context/store.ts";
import { show } from "../../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { parseDuration } from "../../../base/duration.ts";
import { dayOf } from "../../../incident/review-date.ts";
import type { FigureStats } from "../../../incident/stats.ts";
import { statsLines } from "../../../output/incident-stats.ts";
import { StateFault } from "../../../store/state-check.ts";

/** `lav-ir stats`: figures over the incidents of this machine, and of which they are not known. */
export async function stats(
  world: World,
  options: GlobalOptions,
  { since: typed }: { readonly since?: string },
): Promise<number> {
  const since = typed === undefined ? undefined : sinceOf(typed, Date.now());
  if (typed !== undefined && since === undefined)
    return refuse(
      world,
      options,
      refusal(`--since ${typed} is neither a day nor a duration: write 2026-10-01 or 90d`).failure,
    );
  try {
    const all = await statsIn(storeOf(world, options), since);
    const { counted, drills, cancelled, unreadable, damaged, figures } = all;
    const of = (these: readonly { readonly incident: string }[]) => these.map(({ incident }) => incident);
    const head = { type: "incident.stats" as const, counted, drills, cancelled };
    const rows = [{ ...head, unreadable: of(unreadable), damaged: of(damaged) }, ...figures.map(rowOf)];
    show(world, options, rows, () => statsLines(all));
    return 0;
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return refuse(world, options, refusal(error.message, "state").failure);
  }
}

function sinceOf(typed: string, now: number): number | undefined {
  const span = parseDuration(typed);
  if (span !== undefined) return now - span;
  const day = dayOf(typed);
  return day === undefined ? undefined : Date.parse(`${day}T00:00:00Z`);
}

function rowOf({ name, mean, median, worst, objective, bound, ...rest }: FigureStats) {
  return {
    type: "incident.figure" as const,
    figure: name,
    ...rest,
    bound: bound === undefined ? undefined : bound === "at least" ? ("lower" as const) : ("upper" as const),
    mean_ms: mean,
    median_ms: median,
    worst_ms: worst?.ms,
    worst: worst?.incident,
    objective_ms: objective,
  };
}
