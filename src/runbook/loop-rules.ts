import type { Problems } from "../language/problems.ts";
import { ownItems, allItems, type Group, type Item, type Runbook } from "./runbook.ts";

/** What an item of the list has beside the ids of the steps that ran for it. */
const taken = ["item", "items", "index", "outcome", "sentence", "run"];

/** What a group with a `foreach` cannot have in it: whatever would be one thing for many items. */
export function loopsOfGroups(runbook: Runbook, problems: Problems): void {
  for (const group of loopsIn(allItems(runbook))) {
    for (const item of ownItems(group.items)) checkInside(item, group, problems);
  }
}

/** What is asked for from outside, a step or a finding of an include, is each item's own. */
export function loopAround(items: readonly Item[], id: string): Group | undefined {
  const [first = id, ...rest] = id.split(".");
  for (const item of ownItems(items)) {
    if (item.type === "include" && item.id === first && rest.length > 0)
      return loopAround(item.items, rest.join("."));
    if (item.type !== "group" || item.foreach === undefined) continue;
    if ([...ownItems(item.items)].some((inner) => inner.id === first)) return item;
  }
  return undefined;
}

function* loopsIn(items: readonly Item[]): Generator<Group> {
  for (const item of ownItems(items)) if (item.type === "group" && item.foreach !== undefined) yield item;
}

function checkInside(item: Item, group: Group, problems: Problems): void {
  if (taken.includes(item.id))
    problems.add(
      item.span,
      `in the foreach of ${group.id}, ${item.id} cannot be an id`,
      "Give it another id.",
    );
  if (item.type === "include") return;
  if (item.foreach !== undefined) {
    const hint = "Make one list of it, or leave one of them out.";
    problems.add(item.span, `${item.id} has a foreach in the foreach of ${group.id}`, hint);
  }
  if (item.type === "group") return;
  const [saved] = Object.values(item.save);
  if (saved !== undefined) {
    const hint = `Take them later: steps.${group.id}.items.map(i, i.${item.id}).`;
    problems.add(saved.node.span, "save holds one value, but a foreach gives many", hint);
  }
  if (item.approvedWith !== undefined) {
    const hint = "Each of them takes an approval of its own: approvers: 2.";
    problems.add(item.span, "approved_with names one step, but a foreach has many", hint);
  }
}
