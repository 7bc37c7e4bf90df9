// What an expression sees. Lint checks it here with types, a run gives the values (run/scope.ts): the two must
// agree.
//
//   place                                         around   item, index   own outputs   secrets
//   when of a rung; within, every, hold           yes      -             -             -
//   when of an item; foreach: a CEL list          yes      -             -             -
//     when of an item that has a foreach          yes      yes           -             -
//   arguments (templates)                         yes      in a foreach  -             where the field takes one
//   parameters of an include                      yes      -             -             where the field takes one
//   expect, retry.until, save, finding, label     yes      in a foreach  yes           -
//
//   around: params, service (when the runbook has one), platform, steps.ID.OUTPUT, vars.NAME, now, changed, run
//
// Which steps are in `steps`:
//
//   in diagnose            those that it `needs`, and what those need: the others run at the same time
//   in steps               the whole diagnosis, and the steps before it
//   in a rung              the whole diagnosis; the rungs before it, perhaps; the steps before it
//   in verify's steps      the same, and the rung's own steps
//   in after               the whole diagnosis; all others, perhaps; the steps before it. `run` has its outcome here
//
// "Perhaps" is a step with a `when`, one that is tolerated, and whatever belongs to an earlier rung: it may not have run, and reading its
// outputs asks for has(). A step with a foreach has items, outcome and sentence instead of outputs, a group outcome and
// sentence alone; ids in it are seen as those beside it are, and are "perhaps" where it has a `when`.
// Steps of an include are reached by its id, and have names of their own inside. An output that is called like one of
// these words would hide it: `reserved`, which the contract test holds every kind to.

import { hasChanged, type ScopeTypes } from "../language/expression-problem.ts";
import { Needs } from "./needs.ts";
import {
  allItems,
  outputTypes,
  ownItems,
  seenItems,
  type Group,
  type Item,
  type Param,
  type Rung,
  type Runbook,
  type Step,
} from "./runbook.ts";

/** What an item's expressions and templates can see of the steps around it. */
export interface Visible {
  /** Steps that have ended when it begins. */
  readonly steps: ReadonlyMap<string, Item>;
  /** Those of them that may not have run: reading their outputs asks for `has()`. */
  readonly perhaps: ReadonlySet<string>;
  /** Whose outputs are seen by their bare names. */
  readonly own?: Step;
  /** The run's outcome is known. */
  readonly ended?: true;
}

export interface Placed {
  readonly item: Item;
  readonly visible: Visible;
  /** The groups that it stands in, the innermost first. */
  readonly around: readonly Group[];
}

const nothing: Visible = { steps: new Map(), perhaps: new Set() };

/** Every item of a runbook (those of included runbooks were placed in their own file) with what it sees. */
export function placeItems(runbook: Runbook): readonly Placed[] {
  const placed: Placed[] = [...placeDiagnosis(runbook.diagnose)];
  const afterDiagnosis = seen(runbook.diagnose);
  placed.push(...inOrder(runbook.steps, afterDiagnosis, runbook.tolerate).placed);
  let before = afterDiagnosis;
  for (const rung of runbook.resolve) {
    const { placed: steps, after } = placeRung(rung, before);
    placed.push(...steps);
    before = behindRung(after, afterDiagnosis);
  }
  placed.push(...inOrder(runbook.after, beforeAfter(runbook), runbook.tolerate).placed);
  return placed;
}

/** What comes when the outcome is known sees all there is; but for the diagnosis nobody knows what was reached. */
function beforeAfter(runbook: Runbook): Visible {
  const diagnosis = seen(runbook.diagnose);
  const all = seen(allItems({ ...runbook, after: [] }));
  return { ...behindRung(all, diagnosis), ended: true };
}

/** What a rung's `when` sees: the diagnosis, and earlier rungs perhaps. */
export function beforeRung(runbook: Runbook, rung: Rung): Visible {
  const afterDiagnosis = seen(runbook.diagnose);
  let before = afterDiagnosis;
  for (const earlier of runbook.resolve) {
    if (earlier === rung) break;
    before = behindRung(placeRung(earlier, before).after, afterDiagnosis);
  }
  return before;
}

/** A later rung is only climbed when this one was not enough, or was skipped. */
function behindRung({ steps }: Visible, diagnosis: Visible): Visible {
  const sure = (id: string): boolean => diagnosis.steps.has(id) && !diagnosis.perhaps.has(id);
  return { steps, perhaps: new Set([...steps.keys()].filter((id) => !sure(id))) };
}

function placeRung(rung: Rung, before: Visible): { placed: readonly Placed[]; after: Visible } {
  const steps = inOrder(rung.steps, before, false);
  if (rung.verify.type === "findings") return steps;
  const verify = inOrder(rung.verify.steps, steps.after, false);
  return { placed: [...steps.placed, ...verify.placed], after: verify.after };
}

/** Side by side: each sees those that it needs. */
function* placeDiagnosis(section: readonly Item[]): Generator<Placed> {
  const needs = new Needs(section);
  for (const item of ownItems(section)) {
    const around = needs.around(item);
    let visible = nothing;
    for (const needed of needs.before(item)) {
      // A group that both stand in is entered, when this is read.
      const conditional = needs
        .around(needed)
        .some((group) => isConditional(group) && !around.includes(group));
      visible = plusOne(visible, needed, conditional);
    }
    yield { item, visible, around };
  }
}

function inOrder(
  items: readonly Item[],
  before: Visible,
  tolerated: boolean,
  around: readonly Group[] = [],
): { placed: readonly Placed[]; after: Visible } {
  let visible = before;
  const placed: Placed[] = [];
  for (const item of items) {
    placed.push({ item, visible, around });
    const { value = tolerated } = item.tolerate ?? {};
    if (item.type === "group") placed.push(...inOrder(item.items, visible, value, [item, ...around]).placed);
    visible = plus(visible, item, value);
  }
  return { placed, after: visible };
}

function seen(items: Iterable<Item>): Visible {
  let visible = nothing;
  for (const item of items) visible = plus(visible, item);
  return visible;
}

/** With all that is in it, whose ids are seen from everywhere. */
function plus(visible: Visible, item: Item, conditional = false): Visible {
  let all = plusOne(visible, item, conditional);
  if (item.type !== "group" || item.foreach !== undefined) return all;
  for (const inner of item.items)
    all = plus(all, inner, conditional || isConditional(item) || inner.tolerate?.value === true);
  return all;
}

function plusOne(visible: Visible, item: Item, conditional: boolean): Visible {
  const sure = !conditional && !isConditional(item);
  const perhaps = sure ? visible.perhaps : new Set(visible.perhaps).add(item.id);
  return { ...visible, steps: new Map(visible.steps).set(item.id, item), perhaps };
}

/** Whether it may not run although its turn came. */
function isConditional({ when }: Item): boolean {
  return when !== undefined;
}

const paramTypes = {
  string: "string",
  integer: "int",
  number: "double",
  boolean: "bool",
  duration: "google.protobuf.Duration",
  map: "map<string, dyn>",
} as const satisfies Record<Exclude<Param["type"], "list">, string>;

function paramType({ type, of = "string", unread }: Param): string {
  if (unread === true) return "dyn";
  // Lists of durations have no type that the checker would compare by.
  if (type === "list") return of === "duration" ? "list<dyn>" : `list<${paramTypes[of]}>`;
  return paramTypes[type];
}

/** The names that `when`, `foreach` and templates see, with their types. */
export function namesAround(runbook: Runbook, visible: Visible, saved: Iterable<string>): ScopeTypes {
  return {
    params: Object.fromEntries(runbook.params.map((param) => [param.name, paramType(param)])),
    ...(runbook.service === undefined
      ? {}
      : { service: { name: "string", url: "string", instances: "list<string>" } }),
    platform: { name: "string", environment: "string", production: "bool", services: "map<string, dyn>" },
    run: { ...runTypes, ...(visible.ended === true ? outcomeTypes : {}) },
    steps: stepTypes(visible.steps),
    vars: Object.fromEntries([...saved].map((name) => [name, "dyn"])),
    now: "google.protobuf.Timestamp",
    changed: "google.protobuf.Timestamp",
    [hasChanged]: "bool",
  };
}

const typesSeen = new WeakMap<Visible["steps"], ScopeTypes>();

/** Made out once for all that see the same steps: there may be hundreds, for each of hundreds of expressions. */
function stepTypes(steps: Visible["steps"]): ScopeTypes {
  const known = typesSeen.get(steps);
  if (known !== undefined) return known;
  const types = Object.fromEntries([...steps].map(([id, item]) => [id, itemTypes(item)]));
  typesSeen.set(steps, types);
  return types;
}

const runTypes = { id: "string", operator: "string", incident: "string" } as const;
const outcomeTypes = {
  outcome: "string",
  rung: "string",
  elapsed: "google.protobuf.Duration",
  not_ok: "list<dyn>",
} as const;

const typesByItem = new WeakMap<Item, ScopeTypes | string>();

function itemTypes(item: Item): ScopeTypes | string {
  const types = typesByItem.get(item) ?? typesOf(item);
  typesByItem.set(item, types);
  return types;
}

function typesOf(item: Item): ScopeTypes | string {
  if (item.type === "group") return item.foreach === undefined ? endTypes : loopTypes;
  if (item.type === "include") {
    // A group's ids in there are seen as those of steps are.
    const own = [...seenItems(item.items)].map((inner) => [inner.id, itemTypes(inner)]);
    return { ...(Object.fromEntries(own) as ScopeTypes), ...endTypes };
  }
  if (item.foreach !== undefined) return loopTypes;
  return item.unread === "kind" ? "dyn" : { ...outputTypes(item.kind), ...endTypes };
}

/** How a step or a group ended, which every one has that did. */
const endTypes: ScopeTypes = { outcome: "string", sentence: "string" };

/** What `steps.ID` of a step with `foreach` holds. */
export const loopTypes: ScopeTypes = { items: "list<dyn>", ...endTypes };

/** What is seen of the list inside a `foreach`. */
export const itemNames: ScopeTypes = { item: "dyn", index: "int" };

/** Everything around, and the step's own outputs by their bare names. */
export function namesAfter(around: ScopeTypes, step: Step): ScopeTypes {
  return namesWith(around, outputTypes(step.kind));
}

export function namesWith(around: ScopeTypes, more: ScopeTypes): ScopeTypes {
  return { ...around, ...more };
}

/** Words that no output may be called: an expression would not know which is meant. */
export const reserved = [
  "params",
  "service",
  "platform",
  "steps",
  "vars",
  "item",
  "index",
  "items",
  "outcome",
  "sentence",
  "run",
  "now",
  "changed",
  hasChanged,
  "secrets",
  // Names of types: to an expression they are values of their own.
  "bool",
  "bytes",
  "double",
  "int",
  "list",
  "map",
  "null_type",
  "string",
  "type",
  "uint",
] as const;
