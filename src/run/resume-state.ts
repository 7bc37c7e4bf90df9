import type { Json } from "../base/json.ts";
import type { RungFinished } from "../events/run.ts";
import { restore, restoreOutputs } from "./journal-values.ts";

/** What a journal says of a run that an earlier process began. Only changes matter: reads are read again. */
export interface Past {
  /** Changes that ended, by their key, with what came of them. */
  readonly ended: ReadonlyMap<string, PastOutcome>;
  /** Changes whose intent was written, and whose outcome was not or was itself unknown: to be looked at. */
  readonly open: ReadonlyMap<string, PastIntent>;
  /** Rungs that came to their end, by name, with how. */
  readonly rungs: ReadonlyMap<string, PastRung>;
  /** Lists that were agreed on, by the key of their step. */
  readonly lists: ReadonlyMap<string, PastList>;
  /** Changes that were begun, by their key: the action as it stands in the intent. */
  readonly begun: ReadonlyMap<string, string>;
  /** Changes whose undo was written, or was said to be none, by their key. */
  readonly undone: ReadonlySet<string>;
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
  lists: new Map(),
  begun: new Map(),
  undone: new Set(),
};

/** A record as the journal holds it. */
export interface PastRecord {
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Reads the past of one run out of the journal's records. */
export function pastOf(records: Iterable<PastRecord>, run: string): Past {
  const ended = new Map<string, PastOutcome>();
  const open = new Map<string, PastIntent>();
  const rungs = new Map<string, PastRung>();
  const undone = new Set<string>();
  const lists = new Map<string, PastList>();
  const begun = new Map<string, string>();
  const captured = new Map<string, Json | undefined>();
  for (const { type, time, data } of records) {
    if (data["run"] !== run) continue;
    const key = typeof data["key"] === "string" ? data["key"] : undefined;
    if (type === "step.intent" && key !== undefined) {
      const before = data["exact"] === false ? undefined : (restore(data["before"] ?? null) as Json);
      captured.set(key, before);
      begun.set(key, String(data["action"]));
      open.set(key, { since: new Date(time), before });
      ended.delete(key);
    } else if (type === "step.outcome" && key !== undefined) {
      const status = data["status"] as PastOutcome["status"];
      if (status !== "unknown") open.delete(key);
      const outputs = restoreOutputs(data["outputs"]);
      ended.set(key, { status, outputs, at: new Date(time), before: captured.get(key) });
    } else if (type === "step.list" && key !== undefined && Array.isArray(data["items"])) {
      const leftOut = Array.isArray(data["left_out"]) ? data["left_out"] : [];
      const items = (data["items"] as readonly unknown[]).map(restore);
      lists.set(key, { items, leftOut: new Set(leftOut.map(Number)) });
    } else if (type === "undo" && key !== undefined) {
      undone.add(key);
    } else if (type === "rung.finished" && typeof data["rung"] === "string") {
      const status = data["status"] as RungFinished["status"];
      // One that was skipped, declined or not attempted has changed nothing: a resumed run looks at it anew.
      if (status !== "skipped" && status !== "declined" && status !== "not-attempted")
        rungs.set(data["rung"], status);
    }
  }
  return { ended, open, rungs, lists, begun, undone };
}
