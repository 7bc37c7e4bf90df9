import { failureText, type Failure } from "../base/failure.ts";
import { durationMs } from "../language/expression.ts";
import type { Names } from "../language/value.ts";
import { titleOf } from "../plan/print.ts";
import { changeAll, readAll, type Changed, type Ended } from "./attempt.ts";
import type { StepPlace, StepStatus } from "../events/run.ts";
import type { Loop, LoopEntry } from "./foreach.ts";
import { judgeOutcome, sentenceOf } from "./judge.ts";
import { labelOf } from "./label.ts";
import { celOutputs } from "./scope.ts";
import { record, whyEnding } from "./session.ts";
import { finishUndo } from "./undo.ts";
import type { Running } from "./step-types.ts";

/** One item at its end. */
interface ItemEnd {
  readonly label: string;
  readonly outcome: StepStatus;
  readonly sentence: string;
  /** The sentence is the author's own. */
  readonly told: boolean;
  readonly failure: Failure | undefined;
  /** As `steps.ID.items` has it: the item, how it ended, its outputs. */
  readonly seen: Names;
  /** The same for events: durations in milliseconds, as outputs have them. */
  readonly shown: Names;
  readonly attempts: number;
}

/** A whole list at its end. */
export interface Looped {
  readonly status: StepStatus;
  /** Counts and names. */
  readonly sentence: string;
  readonly failure?: Failure;
  readonly items: readonly Names[];
  /** The items for events. */
  readonly shown: readonly Names[];
  /** The most that one item took. */
  readonly attempts: number;
}

/** Runs a list to its end: reads side by side, changes in order, each judged by itself. */
export async function runLoop(running: Running, place: StepPlace, loop: Loop): Promise<Looped> {
  const instances = loop.entries.flatMap(({ what }) => (what.type === "run" ? [what.instance] : []));
  const reads = running.step.effect === "read";
  const changed: Changed = reads
    ? { ended: await readAll(running, instances), refused: undefined, stopped: false }
    : await changeAll(running, place, instances, (digest) => writeDown(running, place, loop, digest));
  if (!reads) await finishUndo(running, place, loop.undo);
  const byKey = new Map(changed.ended.map((ended) => [ended.instance.key, ended]));
  const ends = loop.entries.map((entry) =>
    itemEnd(running, entry, entry.what.type === "run" ? byKey.get(entry.what.instance.key) : undefined),
  );
  return together(running, ends, changed);
}

/** What was agreed to, on the disk before the first of it begins: a resumption works on this list. */
async function writeDown(running: Running, place: StepPlace, loop: Loop, digest: string): Promise<void> {
  if (loop.written) return;
  const items = loop.entries.map(({ kept }) => kept ?? null);
  const leftOut = loop.entries.flatMap(({ index, what }) => (what.type === "left-out" ? [index] : []));
  await record(running.session, "step.list", { key: loop.key, ...place, items, left_out: leftOut, digest });
}

function itemEnd(running: Running, entry: LoopEntry, ended: Ended | undefined): ItemEnd {
  const { step, plan } = running;
  const { what, item, index } = entry;
  if (ended?.ran === undefined) {
    const unmade = what.type === "unmade";
    const sentence = unmade ? what.message : what.type === "run" ? "not begun" : "its condition is false";
    const outcome = unmade ? "unknown" : "skipped";
    const failure: Failure | undefined = unmade
      ? { type: "argument", target: step.id, message: what.message, effect: "none" }
      : undefined;
    const seen = { item, outcome, sentence };
    const shown = { ...seen, item: plainItem(item) };
    return { label: entry.label, outcome, sentence, told: false, failure, seen, shown, attempts: 0 };
  }
  const { ran, names, attempts } = ended;
  const judged = judgeOutcome(step, ran, names);
  const title = titleOf(step, { ...plan, names: { ...plan.names, ...names } });
  const sentence = sentenceOf(step, judged, names, title, ran.outputs);
  const { status: outcome } = judged;
  return {
    label: labelOf(step, names, index),
    outcome,
    sentence,
    told: step.finding !== undefined && sentence !== title && sentence !== judged.message,
    failure: judged.failure,
    seen: { ...celOutputs(step.kind, ran.outputs), item, outcome, sentence },
    shown: { ...ran.outputs, item: plainItem(item), outcome, sentence },
    attempts,
  };
}

/** An item as events have it: plain data, a duration in milliseconds. */
function plainItem(item: unknown): unknown {
  const ms = durationMs(item);
  if (ms !== undefined) return ms;
  if (Array.isArray(item)) return item.map(plainItem);
  const plain = typeof item === "object" && item !== null && Object.getPrototypeOf(item) === Object.prototype;
  if (!plain) return item;
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainItem(value)]));
}

/** Names in a sentence; the list in `steps.ID.items` has all. */
const named = 5;

/** The outcome is the worst; the sentence counts and names. */
function together(
  { session, step }: Running,
  ends: readonly ItemEnd[],
  { refused, stopped }: Changed,
): Looped {
  const items = ends.map(({ seen }) => seen);
  const shown = ends.map((end) => end.shown);
  const attempts = Math.max(0, ...ends.map((end) => end.attempts));
  const of = (...outcomes: readonly StepStatus[]): readonly ItemEnd[] =>
    ends.filter(({ outcome }) => outcomes.includes(outcome));
  const bad = of("unknown", "failed");
  const [worst] = [...of("unknown"), ...of("failed")];
  const skipped = of("skipped").length;
  if (worst !== undefined) {
    const rest = skipped === 0 ? "" : `; ${skipped} skipped`;
    const sentence = `${bad.length} of ${ends.length}: ${namedIn(bad)}${rest}`;
    const { failure } = worst;
    return {
      status: worst.outcome,
      sentence,
      ...(failure === undefined ? {} : { failure }),
      items,
      shown,
      attempts,
    };
  }
  const well = of("ok");
  if (refused !== undefined || stopped) {
    const message = `${skipped} of ${ends.length} not started: ${whyEnding(session.stop, "the run is ending")}`;
    const failure: Failure = refused ?? { type: "interrupted", target: step.id, message, effect: "none" };
    const done = well.length === 0 ? "" : `; ${well.length} of ${ends.length} were done before`;
    const sentence = `${failureText(failure)}${refused === undefined ? "" : done}`;
    return { status: "failed", sentence, failure, items, shown, attempts };
  }
  if (well.length === 0) {
    const sentence = `the condition is false for all ${ends.length} items`;
    return { status: "skipped", sentence, items, shown, attempts };
  }
  const told = well.filter((end) => end.told);
  const counted = `${well.length} of ${ends.length} ok${skipped === 0 ? "" : `, ${skipped} skipped`}`;
  const sentence = told.length === 0 ? counted : `${counted}: ${namedIn(told)}`;
  return { status: "ok", sentence, items, shown, attempts };
}

function namedIn(ends: readonly ItemEnd[]): string {
  const parts = ends
    .slice(0, named)
    .map(({ label, sentence, told }) => (told ? `${label} ${sentence}` : `${label}: ${sentence}`));
  return [...parts, ...(ends.length > named ? [`and ${ends.length - named} more`] : [])].join("; ");
}
