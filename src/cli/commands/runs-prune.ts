import { formatDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { createClock } from "../../drivers/clock.ts";
import type { ListedLine } from "../../events/listed-lines.ts";
import { refuse } from "../../app/context/refuse.ts";
import { stateFolder } from "../../app/context/state-folder.ts";
import { tellerFor } from "../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { clearLeaving, removeRun, whyKept } from "../../store/removed-runs.ts";
import { listedRuns, type ListedRun } from "../../store/run-list.ts";
import { olderThan, pruneEach, pruneWords, type PruneOptions } from "./prune.ts";

interface Old {
  readonly run: ListedRun;
  readonly age: number;
  readonly why: string | undefined;
}

type Pruned = Extract<ListedLine, { readonly type: "run.pruned" }>;

/**
 * `lav-ir runs prune`: removes runs outside of incidents that ended long ago, each after a signed record that it was
 * there; never one that can go on, or whose journal does not hold.
 */
export async function pruneRuns(world: World, options: GlobalOptions, own: PruneOptions): Promise<number> {
  const limit = olderThan(own);
  if (!limit.ok) return refuse(world, options, limit.failure);
  const state = stateFolder(world, options);
  const keeper = { state, actor: world.user, host: world.host };
  const all = (await listedRuns(state)).toReversed();
  const old = all.flatMap((run): readonly Old[] => {
    const since = run.ended ?? run.began;
    const age = since === undefined ? 0 : Date.now() - since.getTime();
    return age > limit.value ? [{ run, age, why: whyKept(state, run) }] : [];
  });
  const text = ({ run, runbook, age_ms: age, outcome, why }: Pruned): void => {
    const because = why === undefined ? "" : `: ${why}`;
    const line = `${pruneWords[outcome]}  ${run}  ${formatDuration(age)}  ${runbook ?? "?"}${because}`;
    world.stdout.write(`${printable(line)}\n`);
  };
  const tell = tellerFor<Pruned>(world, options, { text, line: (row) => row });
  let failed: string | undefined;
  if (own.yes === true) clearLeaving(state);
  const code = await pruneEach(old, own, {
    mayGo: ({ why }) => why === undefined,
    remove: async ({ run }) => {
      try {
        await removeRun(keeper, createClock(), run);
        return true;
      } catch (error) {
        failed = error instanceof Error ? error.message : String(error);
        return false;
      }
    },
    tell: ({ run, age, why }, outcome) =>
      tell({
        type: "run.pruned",
        run: run.run,
        incident: run.incident,
        runbook: run.runbook,
        ended: run.ended,
        age_ms: age,
        outcome,
        why: outcome === "failed" ? failed : why,
      }),
  });
  if (old.length === 0) world.stderr.write(`no run in ${state} ended more than ${own.olderThan} ago\n`);
  else if (code === 3) world.stderr.write("nothing was removed; --yes removes them\n");
  return code;
}
