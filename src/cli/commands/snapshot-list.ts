import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { formatDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { removeSnapshot, snapshotsIn, type KeptSnapshot } from "../../evidence/bundle/kept-snapshots.ts";
import type { SnapshotLine } from "../../events/snapshot-lines.ts";
import { bytesText } from "../../output/bytes.ts";
import { recordRemoval } from "../../app/snapshot/record.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refusal } from "../../app/context/refusal.ts";
import { show, tellerFor } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";
import { storeOf } from "../../app/context/store.ts";
import type { Store } from "../../store/store.ts";
import { olderThan, pruneEach, pruneWords, type PruneOptions } from "./prune.ts";

/** Where snapshots are looked for: in one folder, or without it in `snapshots` and where runs put theirs. */
type Out = string | undefined;

interface Found extends KeptSnapshot {
  /** Taken by a run: before a change, or by a step. */
  readonly by: "operator" | "run";
  readonly state: "none" | "open" | "closed" | "unknown";
}

/** `lav-ir snapshot list`: the oldest first, with age and size. */
export async function snapshotListCommand(world: World, options: GlobalOptions, out: Out): Promise<number> {
  const kept = await found(world, options, out);
  const width = Math.max(0, ...kept.map(({ name }) => name.length));
  const rows = kept.map((one) => ({ type: "snapshot.kept" as const, ...rowOf(one) }));
  show(world, options, rows, () =>
    kept.map((one) => {
      const what = one.sealed ? incidentText(one) : "NOT SEALED; seal it: lav-ir snapshot salvage";
      const age = formatDuration(ageOf(one)).padStart(7);
      return `${one.name.padEnd(width)}  ${age}  ${bytesText(one.bytes).padStart(8)}  ${what}`;
    }),
  );
  if (kept.length === 0) world.stderr.write(`no snapshots in ${resolve(world.cwd, out ?? usual)}\n`);
  return 0;
}

/** `lav-ir snapshot prune`: removes those older than it is told, never one whose incident may still be open. */
export async function prune(
  world: World,
  options: GlobalOptions,
  own: PruneOptions & { readonly out: Out },
): Promise<number> {
  const limit = olderThan(own);
  if (!limit.ok) return refuse(world, options, limit.failure);
  const folders = await foldersOf(world, options, own.out);
  if (folders.length === 0)
    return refuse(world, options, refusal(`${resolve(world.cwd, own.out ?? usual)} does not exist`).failure);
  const all = await found(world, options, own.out);
  const old = all.filter((one) => one.sealed && ageOf(one) > limit.value);
  const text = ({ snapshot, bytes, incident_state: state, by, outcome }: Pruned): void => {
    const line = `${pruneWords[outcome]}  ${snapshot}  ${bytesText(bytes)}  ${incidentText({ state, by })}`;
    world.stdout.write(`${printable(line)}\n`);
  };
  const tell = tellerFor<Pruned>(world, options, { text, line: (row) => row });
  const code = await pruneEach(old, own, {
    mayGo,
    remove: async (one) => await remove(world, options, one),
    tell: (one, outcome) => tell({ type: "snapshot.pruned", ...rowOf(one), outcome }),
  });
  const where = folders.map(({ path }) => path).join(", ");
  if (old.length === 0) world.stderr.write(`no snapshot in ${where} is older than ${own.olderThan}\n`);
  else if (code === 3) world.stderr.write("dry run: nothing was removed; pass --yes to remove them\n");
  return code;
}

type Pruned = Extract<SnapshotLine, { readonly type: "snapshot.pruned" }>;

/** First the record of it, then the removal: evidence that is gone without a word is no evidence of anything. */
async function remove(world: World, options: GlobalOptions, one: Found): Promise<boolean> {
  const incident = one.state === "closed" ? one.incident : undefined;
  if (!(await recordRemoval(world, options, incident, one))) return false;
  removeSnapshot(one);
  return true;
}

const usual = "snapshots";

async function foldersOf(
  world: World,
  options: GlobalOptions,
  out: Out,
): Promise<readonly { readonly path: string; readonly by: Found["by"] }[]> {
  const chosen = { path: resolve(world.cwd, out ?? usual), by: "operator" as const };
  const ofRuns = out === undefined ? await storeOf(world, options).snapshotFolders() : [];
  const others = ofRuns.filter((path) => path !== chosen.path);
  return [chosen, ...others.map((path) => ({ path, by: "run" as const }))].filter(({ path }) =>
    existsSync(path),
  );
}

async function found(world: World, options: GlobalOptions, out: Out): Promise<readonly Found[]> {
  const store = storeOf(world, options);
  const kept = (await foldersOf(world, options, out)).flatMap(({ path, by }) =>
    snapshotsIn(path).map((one) => ({ ...one, by })),
  );
  const states = new Map<string | undefined, Found["state"]>();
  for (const incident of new Set(kept.map((one) => one.incident)))
    states.set(incident, await stateOf(store, incident));
  return kept
    .map((one) => ({ ...one, state: states.get(one.incident) ?? "unknown" }))
    .toSorted((a, b) => a.taken.getTime() - b.taken.getTime() || (a.name < b.name ? -1 : 1));
}

function rowOf(one: Found) {
  const { name: snapshot, taken: taken_at, state: incident_state, ...rest } = one;
  return { snapshot, taken_at, incident_state, ...rest, age_ms: ageOf(one) };
}

function incidentText({ state, by }: Pick<Found, "state" | "by">): string {
  return `incident ${state}${by === "run" ? ", taken by a run" : ""}`;
}

function ageOf({ taken }: KeptSnapshot): number {
  return Math.max(0, Date.now() - taken.getTime());
}

function mayGo({ state }: Found): boolean {
  return state === "none" || state === "closed";
}

/** Whether its incident is over, as far as this machine knows: one that it has no journal of may be open elsewhere. */
async function stateOf(store: Store, incident: string | undefined): Promise<Found["state"]> {
  if (incident === undefined) return "none";
  const { is } = (await store.incident(incident)) ?? { is: "none" };
  return is === "open" || is === "closed" ? is : "unknown";
}
