import { randomUUID } from "node:crypto";
import { badRequest, conflict } from "../shared/reply.ts";
import type { State } from "../shared/state.ts";
import type { Order } from "../trading/order.ts";

/** What a halt covers. `all` covers everything; else orders of these venues or of these strategies. */
export interface Scope {
  readonly all: boolean;
  readonly venues: readonly string[];
  readonly strategies: readonly string[];
}

export const stages = ["reduce-only", "venue", "all"] as const;
export type Stage = (typeof stages)[number];

/** A halt from its beginning to the last stage of resuming. It outlives a restart, not its container. */
export interface Halt {
  readonly halt_id: string;
  readonly since: string;
  readonly incident_id: string;
  readonly operator: string;
  readonly reason: string;
  readonly scope: Scope;
  readonly stage: "halted" | "reduce-only" | "venue";
  /** Where trading is on again, in the stage `venue`. */
  readonly resumed: readonly string[];
  /** Venues that are closed themselves. */
  readonly killed: readonly string[];
}

export type HaltRequest = Pick<Halt, "incident_id" | "operator" | "reason" | "scope"> & {
  readonly kill: readonly string[];
};

/** This instance's halt. Every change is on disk before it is answered, where the disk takes it. */
export function createHalts(state: State, forgets: boolean) {
  let current = forgets ? undefined : readHalt(state);
  let persisted = true;
  const set = (next: Halt | undefined): void => {
    // In force first: a disk that is full must not keep trading on.
    current = next;
    try {
      if (next === undefined) state.remove("halt");
      else state.write("halt", next);
      persisted = true;
    } catch {
      persisted = false;
    }
  };
  return {
    current: (): Halt | undefined => current,
    /** False when the disk did not take the last change: a restart would forget it. */
    persisted: (): boolean => persisted,
    /** Begins or widens the halt; `changed` is false when it covered all of this before. */
    halt(request: HaltRequest, instance: string): { halt: Halt; changed: boolean } {
      const { kill, ...rest } = request;
      const before = current;
      if (before === undefined) {
        const id = `HALT-${instance}-${randomUUID().slice(0, 8)}`;
        const since = new Date().toISOString();
        const halt: Halt = { halt_id: id, since, ...rest, stage: "halted", resumed: [], killed: kill };
        set(halt);
        return { halt, changed: true };
      }
      const scope = union(before.scope, request.scope);
      const killed = [...new Set([...before.killed, ...kill])];
      const same = JSON.stringify([scope, killed]) === JSON.stringify([before.scope, before.killed]);
      if (same && before.stage === "halted") return { halt: before, changed: false };
      const halt: Halt = { ...before, scope, killed, stage: "halted", resumed: [] };
      set(halt);
      return { halt, changed: true };
    },
    /** One stage further; throws a Refusal when the id or the order of the stages is wrong. */
    resume(id: string, stage: Stage, venues: readonly string[]): Halt | undefined {
      if (current === undefined) throw conflict("not_halted", "this instance is not halted");
      if (current.halt_id !== id) throw conflict("other_halt", `the halt here is ${current.halt_id}`);
      if (stage === "venue" && venues.length === 0) throw badRequest("the stage venue needs venues");
      if (stage === "venue" && current.stage === "halted") {
        throw conflict("stage_order", "reduce-only comes before a venue");
      }
      if (stage === "all" && current.stage !== "venue")
        throw conflict("stage_order", "a venue comes before all");
      if (stage === "all") set(undefined);
      else {
        const resumed = stage === "venue" ? [...new Set([...current.resumed, ...venues])] : [];
        const killed = current.killed.filter((venue) => !resumed.includes(venue));
        set({ ...current, stage, resumed, killed });
      }
      return current;
    },
    clear: (): void => set(undefined),
  };
}

/** Why the halt keeps this order from this venue; undefined when it does not. */
export function haltRefusal(halt: Halt | undefined, order: Order, venue: string): string | undefined {
  if (halt === undefined) return undefined;
  const { scope } = halt;
  if (!scope.all && !scope.venues.includes(venue) && !scope.strategies.includes(order.strategy))
    return undefined;
  if (halt.stage !== "halted" && order.reduce_only) return undefined;
  if (halt.stage === "venue" && halt.resumed.includes(venue)) return undefined;
  return halt.stage === "halted" ? `halted by ${halt.halt_id}` : `only reducing orders under ${halt.halt_id}`;
}

/** `"all"`, `"venue:ATLAS"`, `"strategy:momentum"`, `{venues: […]}` or `{strategies: […]}`. */
export function scopeOf(value: unknown, venues: readonly string[]): Scope {
  const none: Scope = { all: false, venues: [], strategies: [] };
  if (value === undefined || value === "all") return { ...none, all: true };
  const [, kind, name = ""] = /^(venue|strategy):(.+)$/.exec(typeof value === "string" ? value : "") ?? [];
  let scope: Scope | undefined;
  if (kind === "venue") scope = { ...none, venues: [name] };
  else if (kind === "strategy") scope = { ...none, strategies: [name] };
  else if (typeof value === "object" && value !== null) {
    const given = value as Record<string, unknown>;
    const known = Object.keys(given).every((key) => key === "venues" || key === "strategies");
    const lists = [given["venues"] ?? [], given["strategies"] ?? []].map((list) =>
      Array.isArray(list) ? list.map(String) : [],
    );
    const [venueList = [], strategyList = []] = lists;
    if (known && venueList.length + strategyList.length > 0) {
      scope = { ...none, venues: venueList.toSorted(), strategies: strategyList.toSorted() };
    }
  }
  if (scope === undefined) {
    throw badRequest('scope is "all", "venue:ID", "strategy:NAME", {"venues": […]} or {"strategies": […]}');
  }
  const unknown = scope.venues.find((venue) => !venues.includes(venue));
  if (unknown !== undefined) throw badRequest(`there is no venue ${unknown}`);
  return scope;
}

function union(a: Scope, b: Scope): Scope {
  if (a.all || b.all) return { all: true, venues: [], strategies: [] };
  const both = (left: readonly string[], right: readonly string[]): string[] =>
    [...new Set([...left, ...right])].toSorted();
  return { all: false, venues: both(a.venues, b.venues), strategies: both(a.strategies, b.strategies) };
}

function readHalt(state: State): Halt | undefined {
  try {
    return state.read("halt") as Halt | undefined;
  } catch {
    // A halt that cannot be read is still a halt.
    const since = new Date().toISOString();
    const scope: Scope = { all: true, venues: [], strategies: [] };
    const unknown = { incident_id: "unknown", operator: "unknown", reason: "the halt on disk is damaged" };
    return { halt_id: "HALT-damaged", since, ...unknown, scope, stage: "halted", resumed: [], killed: [] };
  }
}
