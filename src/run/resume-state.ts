import type { Json } from "../base/json.ts";
import type { Tick } from "../kinds/kind.ts";
import type { NotOk } from "../events/not-ok.ts";
import type { GroupPlace, RunFinished, RungFinished, StepPlace } from "../events/run.ts";
import type { RunRecord } from "../events/run-record.ts";
import { restore, restoreOutputs } from "./journal-values.ts";

/** What a journal says of a run that an earlier process began. Only changes matter: reads are read again. */
export interface Past {
  /** Changes that ended, by their key, with what came of them. */
  readonly ended: ReadonlyMap<string, PastOutcome>;
  /** Changes whose intent was written, and whose outcome was not or was itself unknown: to be looked at. */
  readonly open: ReadonlyMap<string, PastIntent>;
  /** Rungs that came to their end, by name, with how. */
  readonly rungs: ReadonlyMap<string, PastRung>;
  /** Groups that were entered, by their key. */
  readonly groups: ReadonlySet<string>;
  /** How the run ended, where it was at what comes after that. */
  readonly end: PastEnd | undefined;
  /** Lists that were agreed on, by the key of their step, or of their group. */
  readonly lists: ReadonlyMap<string, PastList>;
  /** Changes that were begun, by their key: the action as it stands in the intent. */
  readonly begun: ReadonlyMap<string, string>;
  /** Changes whose undo was written, or was said to be none, by their key. */
  readonly undone: ReadonlySet<string>;
  /** What a person ticked off, by the key of the step, in the order of the ticks. */
  readonly ticks: ReadonlyMap<string, readonly Tick[]>;
  /** Steps that ended badly when they ended last, by their key. */
  readonly notOk: ReadonlySet<string>;
  /** Reads that ended well and were followed by a change in the same list, by their key: what it needed held then. */
  readonly settled: ReadonlySet<string>;
}

/** A run whose outcome is known, and what the steps behind it read. */
export interface PastEnd {
  readonly end: Pick<RunFinished, "outcome" | "message" | "rung"> & { readonly notOk?: readonly NotOk[] };
  /** Milliseconds. */
  readonly elapsed: number;
  readonly steps: Readonly<Record<string, unknown>>;
  readonly vars: Readonly<Record<string, unknown>>;
}

export type PastRung = Exclude<RungFinished["status"], "skipped" | "declined" | "not-attempted">;

export interface PastOutcome {
  readonly status: "ok" | "failed" | "unknown";
  readonly outputs: Readonly<Record<string, unknown>>;
  /** When the outcome was written. */
  readonly at: Date;
  /** What the kind's `capture` had recorded; undefined when that could not be kept exactly. */
  readonly before: Json | undefined;
}

export interface PastIntent {
  /** When the intent was written. */
  readonly since: Date;
  /** What the kind's `capture` had recorded; undefined when that could not be kept exactly. */
  readonly before: Json | undefined;
}

/** What a `foreach` over changes goes over. */
export interface PastList {
  readonly items: readonly unknown[];
  /** Numbers of those whose `when` was false. */
  readonly leftOut: ReadonlySet<number>;
}

export const noPast: Past = {
  ended: new Map(),
  open: new Map(),
  rungs: new Map(),
  groups: new Set(),
  end: undefined,
  lists: new Map(),
  begun: new Map(),
  undone: new Set(),
  ticks: new Map(),
  notOk: new Set(),
  settled: new Set(),
};

/** The key of a group. */
export function groupKey({ section, rung, group }: Omit<GroupPlace, "groups">): string {
  return [section, rung ?? "", group].join("/");
}

/** The key of a step, and of its list. */
export function keyOf({ section, rung, step }: Pick<StepPlace, "section" | "rung" | "step">): string {
  return [section, rung ?? "", step].join("/");
}

/** A record of the run, and when it was written. */
export type PastRecord = RunRecord & { readonly time: string };

/** What the records of one run say of its past (`recordsOf` picks them out of a journal). */
export function pastOf(records: Iterable<PastRecord>): Past {
  const ended = new Map<string, PastOutcome>();
  const open = new Map<string, PastIntent>();
  const rungs = new Map<string, PastRung>();
  const groups = new Set<string>();
  let end: PastEnd | undefined;
  const undone = new Set<string>();
  const lists = new Map<string, PastList>();
  const begun = new Map<string, string>();
  const ticks = new Map<string, readonly Tick[]>();
  const captured = new Map<string, Json | undefined>();
  const held = new Set<string>();
  const notOk = new Set<string>();
  const settled = new Set<string>();
  for (const { type, time, data } of records) {
    switch (type) {
      case "step.intent": {
        const { key, exact, action } = data;
        const before = exact === false ? undefined : (restore(data.before ?? null) as Json);
        captured.set(key, before);
        begun.set(key, action);
        for (const read of held) if (listOf(read) === listOf(key)) settled.add(read);
        open.set(key, { since: new Date(time), before });
        ended.delete(key);
        break;
      }
      case "step.outcome": {
        const { key, status } = data;
        if (status !== "unknown") open.delete(key);
        const outputs = restoreOutputs(data.outputs);
        ended.set(key, { status, outputs, at: new Date(time), before: captured.get(key) });
        break;
      }
      case "step.list":
        lists.set(data.key, { items: data.items.map(restore), leftOut: new Set(data.left_out) });
        break;
      case "group.list":
        lists.set(data.key, { items: data.items.map(restore), leftOut: new Set() });
        break;
      case "step.ticked": {
        const { key, heading, tick, by } = data;
        ticks.set(key, [...(ticks.get(key) ?? []), { heading, tick, by, at: new Date(time) }]);
        notOk.delete(keyOf(data));
        break;
      }
      case "undo":
        undone.add(data.key);
        break;
      case "run.outcome": {
        const { outcome, message, rung, elapsed_ms: elapsed, not_ok: notOk, steps, vars } = data;
        const how = {
          outcome,
          message,
          ...(rung === undefined ? {} : { rung }),
          ...(notOk === undefined ? {} : { notOk }),
        };
        end = { end: how, elapsed, steps: restoreOutputs(steps), vars: restoreOutputs(vars) };
        break;
      }
      case "group.started":
        groups.add(groupKey(data));
        break;
      case "rung.finished": {
        const { rung, status } = data;
        // One that was skipped, declined or not attempted has changed nothing: a resumed run looks at it anew.
        if (status !== "skipped" && status !== "declined" && status !== "not-attempted")
          rungs.set(rung, status);
        break;
      }
      case "step.finished":
        if (data.effect === "read" && data.status === "ok") held.add(keyOf(data));
        else held.delete(keyOf(data));
        if (data.status === "ok") notOk.delete(keyOf(data));
        else notOk.add(keyOf(data));
        break;
      // Reads are read again, but for what a person ticked off or answered, and what was shown is shown anew.
      case "run.kept":
      case "run.started":
      case "group.finished":
      case "step.started":
      case "finding":
      case "preview":
      case "approval.requested":
      case "approval":
      case "interlock":
      case "evidence.skipped":
      case "evidence.captured":
      case "evidence.sealed":
      case "evidence.failed":
      case "rung.started":
      case "verification":
      case "run.finished":
        break;
    }
  }
  return { ended, open, rungs, groups, end, lists, begun, undone, ticks, notOk, settled };
}

/** The list that a step is of: its section, and its rung. */
function listOf(key: string): string {
  return key.split("/").slice(0, 2).join("/");
}
