import type { Problems } from "../language/problems.ts";
import type { Node } from "../language/yaml.ts";
import { keyPlace } from "./place.ts";

/** Stores of one kind by their names; one that stands alone is called main. */
export type Stores<S> = Readonly<Record<string, S>>;

/** The store that a step speaks to where it names none. */
export const mainStore = "main";

/** Where an address is from, where that is not the platform file: a variable's name. */
export interface Addressed {
  readonly from?: string;
}

/** The main store; where none is called so, the first. A step then has to name one, a snapshot or a proof cannot. */
export function mainOf<S>(stores: Stores<S>): S {
  const [first] = Object.values(stores);
  const main = Object.hasOwn(stores, mainStore) ? stores[mainStore] : first;
  if (main === undefined) throw new Error("a platform has at least one store of each kind");
  return main;
}

/** The same of each. */
export function eachStore<S, T>(stores: Stores<S>, make: (store: S, name: string) => T): Stores<T> {
  return Object.fromEntries(Object.entries(stores).map(([name, store]) => [name, make(store, name)]));
}

/** The others beside the main one. */
export function othersOf<S>(stores: Stores<S>): readonly (readonly [string, S])[] {
  const main = mainOf(stores);
  return Object.entries(stores).filter(([, store]) => store !== main);
}

/** The variable that goes before a store's address in the file: `DATABASE_URL` is main's, `DATABASE_URL_REPLICA` replica's. */
export function variableOf(base: string, store: string): string {
  return store === mainStore ? base : `${base}_${store.toUpperCase().replaceAll("-", "_")}`;
}

/** The keys at which a store stands: a lone one has no name in the file. */
export function pathOf(family: string, stores: Stores<unknown>, name: string): readonly string[] {
  const lone = name === mainStore && Object.keys(stores).length === 1;
  return lone ? [family] : [family, name];
}

/** A name of a store is a part of a variable's name, and of a file's. */
export function checkStores(
  families: Readonly<Record<string, Stores<unknown>>>,
  root: Node,
  problems: Problems,
): void {
  for (const [family, stores] of Object.entries(families)) {
    for (const name of Object.keys(stores)) {
      if (/^[a-z][a-z0-9-]*$/.test(name)) continue;
      problems.add(
        keyPlace(root, [family], name),
        `${name} is not a valid name of a store`,
        "Small letters, digits and -, beginning with a letter.",
      );
    }
  }
}
