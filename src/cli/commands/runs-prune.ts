import { formatDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import type { ListedLine } from "../../events/listed-lines.ts";
import { refuse } from "../../app/context/refuse.ts";
import { storeOf } from "../../app/context/store.ts";
import { tellerFor } from "../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import type { ListedRun } from "../../store/run-list.ts";
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
  const store = storeOf(world, options);
  const old: Old[] = [];
  for (const run of (await store.runs()).toReversed()) {
    const since = run.ended ?? run.began;
    const age = since === undefined ? 0 : Date.now() - since.getTime();
    if (age > limit.value) old.push({ run, age, why: await store.whyKept(run) });
  }
  const text = ({ run, runbook, age_ms: age, outcome, why }: Pruned): void => {
    const because = why === undefined ? "" : `: ${why}`;
    const line = `${pruneWords[outcome]}  ${run}  ${formatDuration(age)}  ${runbook ?? "?"}${because}`;
    world.stdout.write(`${printable(line)}\n`);
  };
  const tell = tellerFor<Pruned>(world, options, { text, line: (row) => row });
  let failed: string | undefined;
  if (own.yes === true) await store.finishRemovals();
  const code = await pruneEach(old, own, {
    mayGo: ({ why }) => why === undefined,
    remove: async ({ run }) => {
      try {
        await store.removeRun(run);
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
  if (old.length === 0) world.stderr.write(`no run in ${store.place} ended more than ${own.olderThan} ago\n`);
  else if (code === 3) world.stderr.write("dry run: nothing was removed; pass --yes to remove them\n");
  return code;
}
