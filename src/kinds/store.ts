import { fail, ok, type Result } from "../base/result.ts";
import type { Ports, StoreKind } from "../ports/ports.ts";
import type { Where } from "./kind.ts";

/** The ports of a step that names a store: that one stands where the main one does. */
export function portsAt(ports: Ports, kind: StoreKind, name: string): Result<Ports, string> {
  const { [kind]: stores } = ports.stores;
  const store = Object.hasOwn(stores, name) ? stores[name] : undefined;
  return store === undefined
    ? fail(noStore(kind, name, Object.keys(stores)))
    : ok({ ...ports, [kind]: store });
}

export function noStore(kind: StoreKind, name: string, known: readonly string[]): string {
  return `this platform has no ${kind} called ${name}; it has ${known.join(", ")}`;
}

/** The same of what a plan knows. */
export function whereAt(where: Where, kind: StoreKind, name: string): Where {
  const { [kind]: stores } = where.stores;
  const target = Object.hasOwn(stores, name) ? stores[name] : undefined;
  const access = { ...where.access, [kind]: where.accesses?.[kind]?.[name] ?? {} };
  // An item that is not known yet stands there as it is written.
  return { ...where, access, [kind]: target ?? (name.includes("‹") ? name : `‹${kind} ${name}›`) };
}
