// A group with a `foreach` runs as a group of groups: one a turn, for one item each, under the same rules as any other
// list. What is a turn's own is its scope (`item`, `index`, and the ids in the group) and its place in journals and
// events, `GROUP[n]`, by which a resumed run finds what was done for each item.
//
// The list is on the disk before the first turn begins, where any step in it changes something: a resumption works on
// that list, whatever the expression would give by then.

import type { Json } from "../base/json.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { GroupPlace, StepStatus } from "../events/run.ts";
import type { Names } from "../language/value.ts";
import { mostItems, stepsOf, type Foreach, type Group } from "../runbook/runbook.ts";
import { itemsOf, keptItems } from "./foreach.ts";
import { labelOf } from "./label.ts";
import type { Progress } from "./progress.ts";
import { groupKey } from "./resume-state.ts";
import { notReached, type Scope } from "./scope.ts";
import { record } from "./session.ts";
import { together, type Standing } from "./standing.ts";

/** A group for one item of a list. */
export interface Turn extends Group {
  readonly turn: {
    readonly here: Names;
    readonly label: string;
    /** What `steps.GROUP.items[n]` holds. */
    readonly seen: Record<string, unknown>;
  };
}

export function isTurn(group: object): group is Turn {
  return "turn" in group;
}

/** The turns of a group; a failure is why there are none. */
export async function turnsOf(
  group: Group,
  foreach: Foreach,
  scope: Scope,
  here: GroupPlace,
  progress: Progress,
): Promise<Result<readonly Turn[], { readonly empty: boolean; readonly message: string }>> {
  const { session } = progress;
  const key = groupKey(here);
  const past = session.past.lists.get(key);
  const wrong = (message: string, empty = false): Result<never, { empty: boolean; message: string }> =>
    fail({ empty, message });
  const over = past === undefined ? itemsOf(foreach, scope.names()) : ok(past.items);
  if (!over.ok) return wrong(over.failure);
  const items = over.value;
  if (!Array.isArray(items)) return wrong(`foreach needs a list, but ${foreach.text} is none`);
  if (items.length === 0) return wrong(`${foreach.text} is empty`, true);
  if (items.length > mostItems)
    return wrong(`foreach takes at most ${mostItems} items, but ${foreach.text} has ${items.length}`);
  const changes = [...stepsOf(group.items)].some(({ effect }) => effect !== "read");
  if (changes && past === undefined && !session.rehearsal) {
    const kept = keptItems(session, foreach, items);
    if (!kept.ok) return wrong(kept.failure.message);
    await record(session, "group.list", { ...here, key, items: kept.value as readonly Json[] });
  }
  return ok(items.map((item: unknown, index) => turnOf(group, item, index, items.length)));
}

function turnOf(group: Group, item: unknown, index: number, all: number): Turn {
  const here = { item, index: BigInt(index) };
  const label = labelOf(group, here, index);
  return {
    ...group,
    id: `${group.id}[${index}]`,
    title: `${index + 1} of ${all}: ${label}`,
    when: readsItem(group) ? group.when : undefined,
    needs: [],
    tolerate: undefined,
    timeout: undefined,
    foreach: undefined,
    turn: { here, label, seen: { item, outcome: "skipped", sentence: "not begun" } },
  };
}

/** Whether its condition is asked for each item, and not once. */
export function readsItem({ when }: Group): boolean {
  return when?.expression.reads.some(({ names: [root] }) => root === "item" || root === "index") === true;
}

/** The scope of a turn, in which its steps have not been reached. */
export function scopeOfTurn({ items, turn }: Turn, around: Scope): Scope {
  const scope = around.item(turn.here);
  for (const [id, step] of notReached(items)) scope.steps[id] = step;
  return scope;
}

/** Puts how a turn ended, and what its steps came to, where expressions find it. */
export function settleTurn({ turn }: Turn, stand: Standing, steps: Names = {}): Standing {
  Object.assign(turn.seen, steps, stand);
  return stand;
}

/** How the whole list stands: the worst, counted and named. */
export function settleTurns(group: Group, turns: readonly Turn[], scope: Scope): Standing {
  const stand = together(
    turns.map(({ turn: { label, seen } }) => ({
      title: label,
      outcome: seen["outcome"] as StepStatus,
      sentence: String(seen["sentence"]),
    })),
  );
  scope.steps[group.id] = { items: turns.map(({ turn }) => turn.seen), ...stand };
  return stand;
}
