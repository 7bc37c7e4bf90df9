import type { StepStatus } from "../events/run.ts";
import type { Group, Include, Item } from "../runbook/runbook.ts";
import type { Scope } from "./scope.ts";

/** Puts how a group ended where expressions find it, by what they find of its steps. */
export function settleGroup(group: Group | Include, outer: Scope, inner: Scope): Standing {
  const stand = standingOf(group.items, inner.steps);
  // An include's steps are what its id leads to.
  if (group.type === "include") Object.assign(inner.steps, stand);
  else outer.steps[group.id] = stand;
  return stand;
}

/** A group that something stands in. */
export interface Around {
  /** Puts how it stands where expressions find it. */
  readonly settle: () => void;
  readonly outer: Around | undefined;
}

/** Some groups, the innermost first: one stands as those in it do. */
export function settleAll(groups: Iterable<Around>): void {
  const depth = ({ outer }: Around): number => (outer === undefined ? 0 : 1 + depth(outer));
  for (const group of [...groups].toSorted((a, b) => depth(b) - depth(a))) group.settle();
}

/** How a group stands. */
export interface Standing {
  readonly outcome: StepStatus;
  readonly sentence: string;
}

/** Names in a sentence; each step has a line of its own. */
const mostNamed = 5;

/** How some items stand, by what is found of their steps. */
export function standingOf(items: readonly Item[], steps: Readonly<Record<string, unknown>>): Standing {
  return together([...stands(items, steps)]);
}

/** The worst of some, the sentence counts and names. */
export function together(all: readonly Stand[]): Standing {
  const of = (outcome: StepStatus): readonly Stand[] => all.filter((one) => one.outcome === outcome);
  const [unknown, well, skipped] = [of("unknown"), of("ok"), of("skipped")];
  const bad = all.filter(({ outcome }) => outcome === "unknown" || outcome === "failed");
  const rest = skipped.length === 0 ? "" : `${skipped.length} skipped`;
  if (bad.length > 0) {
    const named = bad.slice(0, mostNamed).map(({ title, sentence }) => `${title}: ${sentence}`);
    if (bad.length > mostNamed) named.push(`and ${bad.length - mostNamed} more`);
    const sentence = [`${bad.length} of ${all.length}: ${named.join("; ")}`, rest].filter(Boolean).join("; ");
    return { outcome: unknown.length > 0 ? "unknown" : "failed", sentence };
  }
  if (well.length === 0) return { outcome: "skipped", sentence: "every step was skipped" };
  return { outcome: "ok", sentence: [`${well.length} of ${all.length} ok`, rest].filter(Boolean).join(", ") };
}

export interface Stand extends Standing {
  readonly title: string;
}

function* stands(items: readonly Item[], steps: Readonly<Record<string, unknown>>): Generator<Stand> {
  for (const item of items) {
    const known = steps[item.id] as (Readonly<Record<string, unknown>> & Partial<Standing>) | undefined;
    if (item.type === "group" && item.foreach === undefined) yield* stands(item.items, steps);
    else if (item.type === "include") yield* stands(item.items, known ?? {});
    else {
      const { outcome = "skipped", sentence = "" } = known ?? {};
      yield { title: item.title ?? item.id, outcome, sentence };
    }
  }
}
