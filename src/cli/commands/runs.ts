import { formatDuration } from "../../base/duration.ts";
import { printable } from "../../base/printable.ts";
import { storeOf } from "../../app/context/store.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { show } from "../../app/context/telling.ts";
import type { ListedLine } from "../../events/listed-lines.ts";
import { cutLine } from "../../output/wrap.ts";
import { holderText } from "../../store/lock.ts";
import { waitingRuns, type ListedRun } from "../../store/run-list.ts";

/** Ended runs that are listed when nothing is said. */
const few = 20;
/** Columns of a line. */
const width = 80;

/** `lav-ir runs`: what ran, what waits and who is at work, the newest first. */
export async function runsCommand(
  world: World,
  options: GlobalOptions,
  own: { readonly all?: boolean },
): Promise<number> {
  const store = storeOf(world, options);
  const all = await store.runs();
  const shown = own.all === true ? all : chosen(all);
  show(world, options, shown.map(listedLine), () => shown.map(lineOf));
  const waiting = waitingRuns(all).length;
  const say = (text: string): void => void world.stderr.write(`${printable(text)}\n`);
  if (all.length === 0) say(`no runs in ${store.place}`);
  for (const { run, holder } of shown)
    if (holder?.unseen !== undefined)
      say(`${run}: ${holderText(holder, `lav-ir resume ${run} --take-over`)}`);
  if (shown.length < all.length) say(`${all.length - shown.length} older: lav-ir runs --all`);
  if (waiting > 0) say(`next: lav-ir resume${waiting === 1 ? "" : " RUN"}`);
  return 0;
}

/** Everything that somebody may have to do with, and the newest of the rest. */
function chosen(all: readonly ListedRun[]): readonly ListedRun[] {
  let left = few;
  return all.filter((one) => one.holder !== undefined || one.state !== "ended" || left-- > 0);
}

/** A run as `--json` has it. */
export function listedLine({ state, ...run }: ListedRun): Extract<ListedLine, { type: "run" }> {
  return { type: "run", ...run, state: run.holder === undefined ? state : "at_work" };
}

function wordOf({ state, holder, outcome }: ListedRun): string {
  if (holder !== undefined) return "running";
  if (state === "ended") return outcome ?? "never ran";
  return state;
}

/** State, run, how long ago it began, runbook and person, why it waits: as much as the line has room for. */
function lineOf(one: ListedRun): string {
  const { run, runbook, actor, incident, began, state, outcome, message } = one;
  const age = began === undefined ? "?" : formatDuration(Math.max(0, Date.now() - began.getTime()));
  const why = state === "waits" ? (outcome ?? message) : state === "unreadable" ? message : undefined;
  const rest = [runbook ?? "?", actor, why, incident].filter((text) => text !== undefined).join(", ");
  const line = printable(`${wordOf(one).padEnd(10)} ${run}  ${age.padStart(6)}  ${rest}`);
  return cutLine(line, width);
}
