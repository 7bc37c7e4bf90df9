import { jsonText, type Json } from "../base/json.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { celData } from "../language/expression.ts";
import { render, type Names } from "../language/value.ts";
import { actionOf } from "../plan/plan.ts";
import { mostItems, type Foreach } from "../runbook/runbook.ts";
import type { StepPlace } from "../events/run.ts";
import { conditionText, judge } from "./judge.ts";
import { keepExactly } from "./journal-values.ts";
import { labelOf } from "./label.ts";
import { brief, type Session } from "./session.ts";
import { keyOf } from "./resume-state.ts";
import type { StepInstance, Running, UndoList } from "./step-types.ts";

/** The list of a `foreach`, and what is to be run of it. */
export interface Loop {
  /** The same in every process that works on this run. */
  readonly key: string;
  readonly entries: readonly LoopEntry[];
  /** An earlier process of this run has written the list down: it is that one, whatever it would be now. */
  readonly written: boolean;
  readonly undo: UndoList;
}

export interface LoopEntry {
  readonly item: unknown;
  readonly index: number;
  readonly label: string;
  /** As the journal keeps it; undefined in a list of reads, which is not kept. */
  readonly kept: Json | undefined;
  readonly what:
    | { readonly type: "run"; readonly instance: StepInstance }
    /** Its `when` is false. */
    | { readonly type: "left-out" }
    /** A read whose condition or arguments cannot be made out. */
    | { readonly type: "unmade"; readonly message: string };
}

/** Why there is no loop: nothing was run. */
export interface NoLoop {
  readonly status: "failed" | "unknown" | "skipped";
  readonly message: string;
}

/** Characters of JSON that a list may take in the journal. */
const longestList = 4 * 1024 * 1024;

/** Makes out the list: the one an earlier process of this run agreed on, else what it is now. */
export function loopOf(running: Running, place: StepPlace, foreach: Foreach): Result<Loop, NoLoop> {
  const { session, step, scope } = running;
  const changes = step.effect !== "read";
  const wrong = changes ? "failed" : "unknown";
  const key = keyOf(place);
  const before = changes ? session.past.lists.get(key) : undefined;
  const over = before === undefined ? itemsOf(foreach, scope.names()) : ok(before.items);
  if (!over.ok) return fail({ status: "unknown", message: over.failure });
  const items = over.value;
  if (!Array.isArray(items)) {
    const what = typeof items === "object" && items !== null ? "a map" : brief(items);
    return fail({ status: wrong, message: `foreach needs a list, but ${foreach.text} is ${what}` });
  }
  if (items.length > mostItems) {
    const message = `foreach takes at most ${mostItems} items, but ${foreach.text} has ${items.length}`;
    return fail({ status: wrong, message });
  }
  if (items.length === 0) {
    const judges = place.section === "diagnose" || place.section === "verify";
    return fail({ status: judges ? "unknown" : "skipped", message: `${foreach.text} is empty` });
  }
  const kept = changes ? keptItems(session, foreach, items) : ok(undefined);
  if (!kept.ok) return kept;
  const undo: UndoList = { key, parts: [] };
  const entries: LoopEntry[] = [];
  for (const [index, item] of items.entries()) {
    const here = { item: item as unknown, index: BigInt(index) };
    const label = labelOf(step, here, index);
    const agreed = before === undefined ? undefined : !before.leftOut.has(index);
    const what = madeOf(running, `${key}[${index}]`, here, agreed);
    if (what.type === "unmade" && changes)
      return fail({ status: what.status, message: `${label}: ${what.message}` });
    const own = kept.value?.[index];
    const more = { undo, ...(own === undefined ? {} : { item: own }) };
    const entry = { item: item as unknown, index, label, kept: own };
    entries.push({
      ...entry,
      what: what.type === "run" ? { ...what, instance: { ...what.instance, ...more } } : what,
    });
  }
  const loop: Loop = { key, entries, written: before !== undefined, undo };
  return changes && before === undefined ? sameAsBegun(running, loop) : ok(loop);
}

/** What a `foreach` goes over now. */
export function itemsOf(foreach: Foreach, names: Names): Result<unknown, string> {
  if (foreach.type === "list") {
    const list = render(foreach.items, names);
    return list.ok ? ok(celData(list.value)) : fail(list.failure.message);
  }
  const value = foreach.condition.expression.evaluate(names);
  return value.ok ? value : fail(`${value.failure.message} in ${foreach.text}`);
}

/** The items as the journal keeps them: a resumption has nothing else to go by. */
export function keptItems(
  session: Session,
  { text }: Foreach,
  items: readonly unknown[],
): Result<readonly Json[], NoLoop> {
  const kept: Json[] = [];
  let length = 0;
  for (const [index, item] of items.entries()) {
    const written = keepExactly(item, session.redactor);
    length += written === undefined ? 0 : jsonText(written).length;
    if (written !== undefined && length <= longestList) {
      kept.push(written);
      continue;
    }
    const why = written === undefined ? "it contains a secret, or is too long" : "the list is too long";
    const what = `item ${index} of ${text} cannot be recorded for a resume: ${why}`;
    const message = `${what}. Take only what the step needs, such as ${text}.map(i, i.id)`;
    return fail({ status: "failed", message });
  }
  return ok(kept);
}

type Made =
  | Exclude<LoopEntry["what"], { type: "unmade" }>
  | { readonly type: "unmade"; readonly status: "failed" | "unknown"; readonly message: string };

/** @param agreed whether an earlier process took it in, when one has decided that. */
function madeOf({ step, scope }: Running, key: string, here: Names, agreed: boolean | undefined): Made {
  const names = scope.names(here);
  const condition = agreed ?? (step.when === undefined ? true : judge(step.when, names));
  if (condition === false) return { type: "left-out" };
  if (typeof condition === "string") {
    const text = conditionText(step.when?.expression.text ?? "");
    return { type: "unmade", status: "unknown", message: `cannot evaluate ${text}: ${condition}` };
  }
  const args = render(step.args, scope.withSecrets(here));
  return args.ok
    ? { type: "run", instance: { key, args: args.value as StepInstance["args"], here, names } }
    : { type: "unmade", status: "failed", message: args.failure.message };
}

/**
 * An older lav-ir began changes of a list and did not write it down. Its intents say what was done for
 * each number: when one of them is something else now, nobody knows which items are done.
 */
function sameAsBegun({ session, step, plan }: Running, loop: Loop): Result<Loop, NoLoop> {
  for (const [key, action] of session.past.begun) {
    if (!key.startsWith(`${loop.key}[`)) continue;
    const now = loop.entries.find(({ what }) => what.type === "run" && what.instance.key === key)?.what;
    const same =
      now?.type === "run" && session.redactor.text(actionOf(step, plan, now.instance.names)) === action;
    if (same) continue;
    const message = `the list was not recorded when the run started, and has changed since: it started with ${action}. Check which items are done, and start a new run for the rest`;
    return fail({ status: "unknown", message });
  }
  return ok(loop);
}
