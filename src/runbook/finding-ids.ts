import { ownItems, type Item } from "./runbook.ts";

/** Of a group with a `foreach`, by its id with those of the includes before it: how many turns it has, once it has. */
export type TurnCount = (group: string) => number | undefined;

/**
 * Ids of what a diagnosis measures, those of an include with its id before them, `INCLUDE.STEP`, and those of a turn
 * with it and its number: `GROUP[2].STEP`.
 */
export function* findingIds(
  items: readonly Item[],
  path = "",
  turns: TurnCount = () => undefined,
): Generator<string> {
  for (const item of items) {
    const count = item.type === "group" ? turns(`${path}${item.id}`) : undefined;
    if (item.type === "step") yield `${path}${item.id}`;
    else if (count === undefined)
      yield* findingIds(item.items, item.type === "group" ? path : `${path}${item.id}.`, turns);
    else
      for (let turn = 0; turn < count; turn++)
        yield* findingIds(item.items, `${path}${item.id}[${turn}].`, turns);
  }
}

/** The findings that an id stands for: a step is one, a group or an include all that is in it. */
export function findingsNamed(
  items: readonly Item[],
  id: string,
  path = "",
  turns?: TurnCount,
): readonly string[] {
  for (const item of ownItems(items))
    if (item.type === "group" && item.id === id) return [...findingIds([item], path, turns)];
  const named = `${path}${id}`;
  return [...findingIds(items, path, turns)].filter((one) => one === named || one.startsWith(`${named}.`));
}
