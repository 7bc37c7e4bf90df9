import { join, resolve } from "node:path";
import { existsSync } from "node:fs";
import { formatDuration, parseDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { removeSnapshot, snapshotsIn, type KeptSnapshot } from "../../evidence/kept-snapshots.ts";
import { ndjsonHeader, ndjsonRow } from "../../sinks/ndjson.ts";
import { isOpen } from "../record.ts";
import { bytesText } from "../size.ts";
import { refusal, refuse, stateFolder, type GlobalOptions, type World } from "../world.ts";

/** `lav-ir snapshot list`: the oldest first, with age and size. */
export function list(world: World, options: GlobalOptions, out: string): number {
  const folder = resolve(world.cwd, out);
  const kept = existsSync(folder) ? snapshotsIn(folder) : [];
  if (options.json === true) world.stdout.write(ndjsonHeader(world.version));
  const width = Math.max(0, ...kept.map(({ name }) => name.length));
  for (const one of kept) {
    const age = ageOf(one);
    const incident = stateOf(world, options, one);
    if (options.json === true)
      world.stdout.write(ndjsonRow("snapshot.kept", { ...one, age_ms: age, incident_is: incident }));
    else {
      const what = one.sealed ? `incident ${incident}` : "NOT SEALED: lav-ir snapshot salvage seals it";
      world.stdout.write(
        printable(
          `${one.name.padEnd(width)}  ${formatDuration(age).padStart(7)}  ${bytesText(one.bytes).padStart(8)}  ${what}`,
        ) + "\n",
      );
    }
  }
  if (kept.length === 0 && options.json !== true) world.stderr.write(`there is no snapshot in ${folder}\n`);
  return 0;
}

/** `lav-ir snapshot prune`: removes those older than it is told, never one whose incident may still be open. */
export function prune(
  world: World,
  options: GlobalOptions,
  own: { readonly out: string; readonly olderThan?: string; readonly yes?: boolean },
): number {
  const limit = own.olderThan === undefined ? undefined : parseDuration(own.olderThan);
  if (limit === undefined) {
    return refuse(
      world,
      refusal(
        `prune needs --older-than with a duration such as 90d${own.olderThan === undefined ? "" : `, not ${own.olderThan}`}`,
      ).failure,
    );
  }
  const folder = resolve(world.cwd, own.out);
  if (!existsSync(folder)) return refuse(world, refusal(`${folder} does not exist`).failure);
  const old = snapshotsIn(folder).filter((one) => one.sealed && ageOf(one) > limit);
  const free = old.filter((one) => ["none", "closed"].includes(stateOf(world, options, one)));
  if (options.json === true) world.stdout.write(ndjsonHeader(world.version));
  for (const one of old) {
    const incident = stateOf(world, options, one);
    const goes = free.includes(one);
    if (goes && own.yes === true) removeSnapshot(one);
    const done = !goes ? "kept" : own.yes === true ? "removed" : "would remove";
    if (options.json === true)
      world.stdout.write(ndjsonRow("snapshot.pruned", { ...one, done, incident_is: incident }));
    else
      world.stdout.write(
        printable(`${done}  ${one.name}  ${bytesText(one.bytes)}  incident ${incident}`) + "\n",
      );
  }
  const asks = free.length > 0 && own.yes !== true;
  if (options.json !== true) {
    if (old.length === 0) world.stderr.write(`no snapshot in ${folder} is older than ${own.olderThan}\n`);
    else if (asks) world.stderr.write("nothing was removed; --yes removes them\n");
  }
  return asks ? 3 : 0;
}

function ageOf({ taken }: KeptSnapshot): number {
  return Math.max(0, Date.now() - taken.getTime());
}

/** Whether its incident is over, as far as this machine knows: one that it has no journal of may be open elsewhere. */
function stateOf(
  world: World,
  options: GlobalOptions,
  { incident }: KeptSnapshot,
): "none" | "open" | "closed" | "unknown" {
  if (incident === undefined) return "none";
  const journal = join(stateFolder(world, options), "incidents", incident, "journal.ndjson");
  if (!existsSync(journal)) return "unknown";
  return isOpen(journal) ? "open" : "closed";
}
