import { ownItems, type Group, type Item, type Need } from "./runbook.ts";

/**
 * What of one section waits for what: an item for those that it `needs` and that a group around it needs, a group's end
 * for all that is in it.
 */
export class Needs {
  private readonly byId: ReadonlyMap<string, Item>;
  private readonly parents = new Map<Item, Group>();

  constructor(section: readonly Item[]) {
    this.byId = new Map([...ownItems(section)].map((item) => [item.id, item]));
    for (const item of this.byId.values())
      if (item.type === "group") for (const inner of item.items) this.parents.set(inner, item);
  }

  ids(): readonly string[] {
    return [...this.byId.keys()];
  }

  /** The groups around an item, the innermost first. */
  around(item: Item): readonly Group[] {
    const parent = this.parents.get(item);
    return parent === undefined ? [] : [parent, ...this.around(parent)];
  }

  /** Its own needs, and those of the groups around it. */
  of(item: Item): readonly Need[] {
    return [item, ...this.around(item)].flatMap(({ needs }) => needs);
  }

  /** Every item that has ended when this one begins, but for what is each item's own of a list that it is not in. */
  before(item: Item): ReadonlySet<Item> {
    const seen = new Set<Item>();
    const visit = (one: Item): void => {
      if (seen.has(one)) return;
      seen.add(one);
      for (const next of this.next(one)) visit(next);
    };
    for (const { id } of this.of(item)) {
      const found = this.byId.get(id);
      if (found !== undefined) visit(found);
    }
    const around = this.around(item);
    const own = (one: Item): boolean =>
      this.around(one).every((group) => group.foreach === undefined || around.includes(group));
    return new Set([...seen].filter(own));
  }

  /** Items that wait for each other, in the order in which they do; empty when none do. */
  cycle(): readonly Item[] {
    const done = new Set<Item>();
    const visit = (item: Item, path: readonly Item[]): readonly Item[] => {
      if (path.includes(item)) return path.slice(path.indexOf(item));
      if (done.has(item)) return [];
      done.add(item);
      for (const next of this.next(item)) {
        const found = visit(next, [...path, item]);
        if (found.length > 0) return found;
      }
      return [];
    };
    for (const item of this.byId.values()) {
      const found = visit(item, []);
      if (found.length > 0) return found;
    }
    return [];
  }

  private next(item: Item): readonly Item[] {
    const needed = this.of(item).flatMap(({ id }) => this.byId.get(id) ?? []);
    return item.type === "group" ? [...needed, ...item.items] : needed;
  }
}
