import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { formatDuration, parseDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { stateNames } from "../../store/state-file.ts";
import { removeSnapshot, snapshotsIn, type KeptSnapshot } from "../../evidence/bundle/kept-snapshots.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { bytesText } from "../../output/bytes.ts";
import { recordRemoval } from "../../app/snapshot/record.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { incidentIn } from "../../store/incidents.ts";
import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";
import { incidentsFolder, snapshotsFolder } from "../../store/layout.ts";
import { stateFolder } from "../../app/context/state-folder.ts";

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
  if (options.json === true) world.stdout.write(ndjsonHeader(world.version));
  const width = Math.max(0, ...kept.map(({ name }) => name.length));
  for (const one of kept) {
    const age = ageOf(one);
    if (options.json === true) world.stdout.write(ndjsonRow("snapshot.kept", { ...rowOf(one), age_ms: age }));
    else {
      const what = one.sealed ? incidentText(one) : "NOT SEALED: lav-ir snapshot salvage seals it";
      world.stdout.write(
        printable(
          `${one.name.padEnd(width)}  ${formatDuration(age).padStart(7)}  ${bytesText(one.bytes).padStart(8)}  ${what}`,
        ) + "\n",
      );
    }
  }
  if (kept.length === 0 && options.json !== true)
    world.stderr.write(`there is no snapshot in ${resolve(world.cwd, out ?? usual)}\n`);
  return 0;
}

/** `lav-ir snapshot prune`: removes those older than it is told, never one whose incident may still be open. */
export async function prune(
  world: World,
  options: GlobalOptions,
  own: { readonly out: Out; readonly olderThan?: string; readonly yes?: boolean },
): Promise<number> {
  const limit = own.olderThan === undefined ? undefined : parseDuration(own.olderThan);
  if (limit === undefined) {
    const given = own.olderThan === undefined ? "" : `, not ${own.olderThan}`;
    return refuse(
      world,
      options,
      refusal(`prune needs --older-than with a duration such as 90d${given}`).failure,
    );
  }
  const folders = foldersOf(world, options, own.out);
  if (folders.length === 0)
    return refuse(world, options, refusal(`${resolve(world.cwd, own.out ?? usual)} does not exist`).failure);
  const old = (await found(world, options, own.out)).filter((one) => one.sealed && ageOf(one) > limit);
  if (options.json === true) world.stdout.write(ndjsonHeader(world.version));
  let failed = false;
  for (const one of old) {
    const goes = mayGo(one);
    const removed = goes && own.yes === true ? await remove(world, options, one) : undefined;
    failed ||= removed === false;
    const done = removed === true ? "removed" : goes && removed === undefined ? "would remove" : "kept";
    if (options.json === true) world.stdout.write(ndjsonRow("snapshot.pruned", { ...rowOf(one), done }));
    else {
      const line = `${done}  ${one.name}  ${bytesText(one.bytes)}  ${incidentText(one)}`;
      world.stdout.write(`${printable(line)}\n`);
    }
  }
  const asks = old.some(mayGo) && own.yes !== true;
  if (options.json !== true) {
    const where = folders.map(({ path }) => path).join(", ");
    if (old.length === 0) world.stderr.write(`no snapshot in ${where} is older than ${own.olderThan}\n`);
    else if (asks) world.stderr.write("nothing was removed; --yes removes them\n");
  }
  return asks ? 3 : failed ? 1 : 0;
}

/** First the record of it, then the removal: evidence that is gone without a word is no evidence of anything. */
async function remove(world: World, options: GlobalOptions, one: Found): Promise<boolean> {
  const incident = one.state === "closed" ? one.incident : undefined;
  if (!(await recordRemoval(world, options, incident, one))) return false;
  removeSnapshot(one);
  return true;
}

const usual = "snapshots";

function foldersOf(
  world: World,
  options: GlobalOptions,
  out: Out,
): readonly { readonly path: string; readonly by: Found["by"] }[] {
  const chosen = { path: resolve(world.cwd, out ?? usual), by: "operator" as const };
  const state = stateFolder(world, options);
  const ofRuns = [
    snapshotsFolder(state, undefined),
    ...stateNames(incidentsFolder(state), { root: state }).map((name) => snapshotsFolder(state, name)),
  ];
  const others = out === undefined ? ofRuns.filter((path) => path !== chosen.path) : [];
  return [chosen, ...others.map((path) => ({ path, by: "run" as const }))].filter(({ path }) =>
    existsSync(path),
  );
}

async function found(world: World, options: GlobalOptions, out: Out): Promise<readonly Found[]> {
  const state = stateFolder(world, options);
  const kept = foldersOf(world, options, out).flatMap(({ path, by }) =>
    snapshotsIn(path).map((one) => ({ ...one, by })),
  );
  const states = new Map<string | undefined, Found["state"]>();
  for (const incident of new Set(kept.map((one) => one.incident)))
    states.set(incident, await stateOf(state, incident));
  return kept
    .map((one) => ({ ...one, state: states.get(one.incident) ?? "unknown" }))
    .toSorted((a, b) => a.taken.getTime() - b.taken.getTime() || (a.name < b.name ? -1 : 1));
}

function rowOf({ state, ...one }: Found): object {
  return { ...one, incident_is: state };
}

function incidentText({ state, by }: Found): string {
  return `incident ${state}${by === "run" ? ", taken by a run" : ""}`;
}

function ageOf({ taken }: KeptSnapshot): number {
  return Math.max(0, Date.now() - taken.getTime());
}

function mayGo({ state }: Found): boolean {
  return state === "none" || state === "closed";
}

/** Whether its incident is over, as far as this machine knows: one that it has no journal of may be open elsewhere. */
async function stateOf(state: string, incident: string | undefined): Promise<Found["state"]> {
  if (incident === undefined) return "none";
  const { is } = (await incidentIn(state, incident)) ?? { is: "none" };
  return is === "open" || is === "closed" ? is : "unknown";
}
