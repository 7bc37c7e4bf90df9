import type { Effect, Kind, OutputType } from "../kinds/kind.ts";
import type { ShapeSpec } from "../language/shape.ts";
import type { Expression } from "../language/expression.ts";
import type { ScopeTypes } from "../language/expression-problem.ts";
import type { Diagnostic } from "../language/diagnostic.ts";
import type { Source, Span } from "../language/source.ts";
import type { Template } from "../language/template.ts";
import type { Value } from "../language/value.ts";
import type { ScalarNode } from "../language/yaml.ts";

/** A validated runbook: every name in it resolves, every expression has been checked. */
export interface Runbook {
  readonly id: string;
  /** Where its name stands. */
  readonly named: Span;
  readonly title: string;
  /** P0 to P3, or another name that the platform file has for one of them. */
  readonly severity: { readonly name: string; readonly span: Span } | undefined;
  /** The platform service it is about; `service.*` in expressions. */
  readonly service: { readonly name: string; readonly span: Span } | undefined;
  /** Who looks after it. */
  readonly owner: string | undefined;
  /** Ids of the alerts that it answers. */
  readonly alerts: readonly string[];
  readonly links: readonly string[];
  /** The day on which somebody last read it: `2026-11-30`. */
  readonly reviewed: string | undefined;
  readonly symptoms: readonly string[];
  readonly params: readonly Param[];
  /** Names of the environment variables it takes secrets from. */
  readonly secrets: readonly { readonly name: string; readonly span: Span }[];
  /** Deadline of the whole run, in milliseconds. */
  readonly timeout: number | undefined;
  /** What does not end well among its `steps` does not end them. */
  readonly tolerate: boolean;
  readonly diagnose: readonly Item[];
  /** A plain procedure, in order; a runbook has this, or a ladder, or both. */
  readonly steps: readonly Item[];
  readonly resolve: readonly Rung[];
  /** What is done when the outcome is known, in order. */
  readonly after: readonly Item[];
  readonly prevent: readonly string[];
  /** What lint says of it without refusing it. */
  readonly warnings: readonly Diagnostic[];
  readonly source: Source;
  /** SHA-256 of the text of this file and of every file it includes. */
  readonly digest: string;
}

export interface Param {
  readonly name: string;
  readonly shape: ShapeSpec;
  readonly type: "string" | "integer" | "number" | "boolean" | "duration" | "list" | "map";
  /** What the items of a list are. */
  readonly of?: "string" | "integer" | "number" | "duration";
  readonly default: unknown;
  /** The question a person is asked for it. */
  readonly ask: string | undefined;
  readonly span: Span;
  /** It could not be read: only its name is known. */
  readonly unread?: true;
}

export interface Rung {
  readonly id: string;
  readonly title: string;
  readonly why: string | undefined;
  readonly when: Condition | undefined;
  readonly steps: readonly Item[];
  readonly verify: Verify;
  readonly span: Span;
}

export type Verify = VerifyFindings | { readonly type: "steps"; readonly steps: readonly Item[] };

/** All findings are measured again; those named must begin to hold within a time, and hold for another. */
export interface VerifyFindings {
  readonly type: "findings";
  /** Steps of the diagnosis; the id of a group or an include is all of it. */
  readonly findings: "all" | readonly Need[];
  /** Durations, in milliseconds once rendered. */
  readonly within: Value;
  readonly every: Value;
  readonly hold: Value;
}

export type Item = Step | Group | Include;

export interface Step {
  readonly type: "step";
  readonly id: string;
  readonly title: string | undefined;
  readonly why: string | undefined;
  readonly kind: Kind;
  readonly args: Value;
  /** The kind's, or what the author raised it to. */
  readonly effect: Effect;
  readonly expect: Expectation | undefined;
  readonly finding: Text | undefined;
  readonly retry: Retry | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly when: Condition | undefined;
  readonly needs: readonly Need[];
  readonly tolerate: Tolerate | undefined;
  /** Interlocks that must hold before it changes anything. */
  readonly requires: readonly string[];
  readonly save: Readonly<Record<string, Condition>>;
  readonly foreach: Foreach | undefined;
  /** What an item of `foreach` is called in a sentence. */
  readonly label: Text | undefined;
  /** The name of the store that it speaks to; undefined for the main one. */
  readonly at: Value | undefined;
  readonly unreachable: "failed" | "unknown";
  /** People who must agree before it changes anything: the operator, and with 2 one more. */
  readonly approvers: 1 | 2;
  /** The earlier step whose second person's approval is good for this one too. */
  readonly approvedWith: string | undefined;
  /** Milliseconds that the second person's approval holds. */
  readonly expires: number;
  readonly span: Span;
  /** What of it could not be read, in a runbook that is refused: its arguments, or which kind it is. */
  readonly unread?: "args" | "kind";
}

/** What steps under one title have, wherever they come from. */
interface Grouped {
  readonly id: string;
  readonly title: string | undefined;
  readonly why: string | undefined;
  readonly when: Condition | undefined;
  readonly needs: readonly Need[];
  readonly tolerate: Tolerate | undefined;
  readonly items: readonly Item[];
  readonly span: Span;
}

/** Steps of this file under one title: their ids are seen from everywhere in it. */
export interface Group extends Grouped {
  readonly type: "group";
  /** Milliseconds, after which nothing more of it begins. */
  readonly timeout: number | undefined;
  /** All of it runs for each item; its ids are then the item's own: `steps.GROUP.items[n].ID`. */
  readonly foreach: Foreach | undefined;
  readonly label: Text | undefined;
}

/** Another runbook's section, brought in under a name, with parameters and names of its own. */
export interface Include extends Grouped {
  readonly type: "include";
  readonly params: Readonly<Record<string, Value>>;
  readonly runbook: Runbook;
}

/** Whether its list carries on when it does not end well. The nearest counts: a step, its group, the runbook. */
export interface Tolerate {
  readonly value: boolean;
  readonly span: Span;
}

export interface Need {
  readonly id: string;
  readonly span: Span;
}

/** An expression and where it stands, for problems found after parsing. */
export interface Condition {
  readonly expression: Expression;
  readonly node: ScalarNode;
}

/** What must be true of a step's outputs: one expression, or several by their names. */
export type Expectation = readonly Expected[];

export interface Expected {
  /** What it is called in a sentence; one that stands alone has none. */
  readonly name: string | undefined;
  readonly condition: Condition;
}

/** An expectation in one line: `status == 200`, or `Drawdown: drawdown < 0.2; Leverage: leverage < 3`. */
export function expectationText(expectation: Expectation): string {
  return expectation
    .map(({ name, condition }) => `${name === undefined ? "" : `${name}: `}${condition.expression.text}`)
    .join("; ");
}

export interface Text {
  readonly template: Template;
  readonly node: ScalarNode;
}

export interface Retry {
  readonly until: Condition | undefined;
  /** Milliseconds. */
  readonly every: number;
  readonly within: number;
}

/** Items that a `foreach` takes at most. */
export const mostItems = 10_000;

/** What a step runs for each item of: an expression, or a list written out. */
export type Foreach =
  | { readonly type: "expression"; readonly condition: Condition; readonly text: string }
  | { readonly type: "list"; readonly items: Value; readonly text: string };

/** Whether a step judges something, by its own words or its kind's; every other one only informs. */
export function judges({ kind, expect, retry }: Step): boolean {
  return expect !== undefined || retry?.until !== undefined || kind.expects !== undefined;
}

const typesByKind = new WeakMap<Kind, ScopeTypes>();

/** CEL types of a step's outputs by their bare names. */
export function outputTypes(kind: Kind): ScopeTypes {
  const known = typesByKind.get(kind);
  if (known !== undefined) return known;
  const types = Object.fromEntries(
    Object.entries(kind.outputs).map(([name, { type }]) => [name, celType(type)]),
  );
  typesByKind.set(kind, types);
  return types;
}

function celType(type: OutputType): string {
  switch (type) {
    case "duration":
      return "google.protobuf.Duration";
    case "timestamp":
      return "google.protobuf.Timestamp";
    case "int":
    case "double":
    case "string":
    case "bool":
    case "dyn":
    case "list<dyn>":
    case "list<string>":
    case "map<string, dyn>":
    case "map<string, string>":
      return type;
  }
}

/** The items of every section, those of rungs and their verifications too, in the order in which they run. */
export function allItems(runbook: Runbook): readonly Item[] {
  const rungs = runbook.resolve.flatMap((rung) => [
    ...rung.steps,
    ...(rung.verify.type === "steps" ? rung.verify.steps : []),
  ]);
  return [...runbook.diagnose, ...runbook.steps, ...rungs, ...runbook.after];
}

/** Every step of a list, groups opened, in the order they are written. */
export function* stepsOf(items: readonly Item[]): Generator<Step> {
  for (const item of items) {
    if (item.type === "step") yield item;
    else yield* stepsOf(item.items);
  }
}

/** The steps among which a step stands: the procedure's, or those of its rung, in order. */
export function stepsBeside({ steps, resolve, after }: Runbook, step: Step): readonly Step[] {
  const lists = [steps, ...resolve.map((rung) => rung.steps), after].map((items) => [...stepsOf(items)]);
  return lists.find((list) => list.includes(step)) ?? [];
}

/** The items that a file has itself, groups opened; what an include brings in has names of its own. */
export function* ownItems(items: readonly Item[]): Generator<Item> {
  for (const item of items) {
    yield item;
    if (item.type === "group") yield* ownItems(item.items);
  }
}

/** The items whose ids are seen from outside: what stands in a group with a `foreach` is each item's own. */
export function* seenItems(items: readonly Item[]): Generator<Item> {
  for (const item of items) {
    yield item;
    if (item.type === "group" && item.foreach === undefined) yield* seenItems(item.items);
  }
}
