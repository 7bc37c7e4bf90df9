import type { Ref, When } from "../events/incident-record.ts";
import type { Placed } from "./order.ts";

/** What a later record says of an earlier one. Both are kept, and both are shown. */
export interface Correction {
  readonly by: Placed;
  readonly why: string;
  /** What holds instead, by field. */
  readonly at?: number;
  readonly value?: string;
  readonly text?: string;
  readonly withdrawn?: boolean;
}

export type Corrections = ReadonlyMap<Ref, readonly Correction[]>;

/** Corrections that stand, by the record that they correct, in order; one that was withdrawn does not stand. */
export function correctionsIn(all: readonly Placed[]): Corrections {
  const standing = new Map<Ref, Correction[]>();
  // From the end: what withdraws a correction comes after it.
  for (const by of all.toReversed()) {
    if (by.read?.type !== "incident.correct") continue;
    if (standing.get(by.ref)?.some(({ withdrawn }) => withdrawn) === true) continue;
    const { record, field, value, withdraw, why } = by.read.data;
    const correction: Correction = {
      by,
      why,
      ...(withdraw === true ? { withdrawn: true } : {}),
      ...(field === undefined ? {} : fieldOf(field, value)),
    };
    standing.set(record, [correction, ...(standing.get(record) ?? [])]);
  }
  return standing;
}

function fieldOf(field: "at" | "value" | "text", value: unknown): Pick<Correction, "at" | "value" | "text"> {
  if (field !== "at") return typeof value === "string" ? { [field]: value } : {};
  const at = Date.parse(String((value as Partial<When> | null | undefined)?.at));
  return Number.isNaN(at) ? {} : { at };
}

/** A record as it stands after its corrections. */
export interface Corrected {
  /** Milliseconds since 1970: when it was so. */
  readonly at: number;
  readonly value?: string;
  readonly text?: string;
  readonly withdrawn: boolean;
  readonly corrected: boolean;
}

/** @param stated when the record says that it was so, where that is not when it was written */
export function corrected(placed: Placed, corrections: Corrections, stated?: When): Corrected {
  const all = corrections.get(placed.ref) ?? [];
  const own = statedAt(placed, stated);
  const at = all.findLast((one) => one.at !== undefined)?.at ?? own;
  const value = all.findLast((one) => one.value !== undefined)?.value;
  const text = all.findLast((one) => one.text !== undefined)?.text;
  return {
    at,
    ...(value === undefined ? {} : { value }),
    ...(text === undefined ? {} : { text }),
    withdrawn: all.some(({ withdrawn }) => withdrawn),
    corrected: all.length > 0,
  };
}

/** When a record says that it was so, before any correction; by a clock that was ahead, nothing is in the future. */
export function statedAt(placed: Placed, stated?: Pick<When, "at">): number {
  if (stated === undefined) return placed.at;
  const at = Date.parse(stated.at);
  return placed.ahead === true ? Math.min(at, placed.at) : at;
}
