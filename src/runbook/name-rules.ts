// Whether every name in a runbook is known where it is read, and what it leads to is there by then. The table of what
// can be seen is in scope.ts.

import { check, type Expression } from "../language/expression.ts";
import type { ScopeTypes } from "../language/expression-problem.ts";
import type { Problems } from "../language/problems.ts";
import { secretOf, templatesOf, type Value } from "../language/value.ts";
import type { ScalarNode } from "../language/yaml.ts";
import { unknownKeyRead } from "./closed-keys.ts";
import { neverEqual } from "./closed-values.ts";
import { loopAround } from "./loop-rules.ts";
import { lacksArgument } from "./output-argument.ts";
import {
  allItems,
  ownItems,
  type Condition,
  type Item,
  type Runbook,
  type Step,
  type Text,
  type VerifyFindings,
} from "./runbook.ts";
import {
  beforeRung,
  itemNames,
  loopTypes,
  namesAfter,
  namesAround,
  namesWith,
  placeItems,
  type Placed,
  type Visible,
} from "./scope.ts";

/** Every expression, with what can be seen where it stands. */
export function namesKnown(runbook: Runbook, problems: Problems): void {
  // An included runbook's vars are its own.
  const steps = [...ownItems(allItems(runbook))].filter((item) => item.type === "step");
  const saved = new Set(steps.flatMap((step) => Object.keys(step.save)));
  const checker = new NameChecker(runbook, problems, saved);
  for (const placed of placeItems(runbook)) checker.item(placed);
  for (const rung of runbook.resolve) {
    const visible = beforeRung(runbook, rung);
    if (rung.when !== undefined) checker.rungWhen(rung.when, visible);
    if (rung.verify.type === "findings") checker.verify(rung.verify, visible);
  }
}

const wholeHint = "A URL may be a secret as a whole: ${secrets.NAME}, with nothing beside it.";

class NameChecker {
  private readonly runbook: Runbook;
  private readonly problems: Problems;
  private readonly saved: ReadonlySet<string>;

  constructor(runbook: Runbook, problems: Problems, saved: ReadonlySet<string>) {
    this.runbook = runbook;
    this.problems = problems;
    this.saved = saved;
  }

  rungWhen(when: Condition, visible: Visible): void {
    this.condition(when, namesAround(this.runbook, visible, this.saved), visible, "bool");
  }

  verify({ within, every, hold }: VerifyFindings, visible: Visible): void {
    const names = namesAround(this.runbook, visible, this.saved);
    for (const value of [within, every, hold]) this.value(value, names, visible);
  }

  item({ item, visible, around: groups }: Placed): void {
    const around = namesAround(this.runbook, visible, this.saved);
    const inLoop = groups.some(({ foreach }) => foreach !== undefined);
    const outside = inLoop ? namesWith(around, itemNames) : around;
    const own = item.type !== "include" && item.foreach !== undefined;
    const each = own ? namesWith(around, itemNames) : outside;
    // A `when` that asks guards the whole step, and all that stands in its group.
    const entered = guarded(
      visible,
      groups.map(({ when }) => when),
    );
    this.condition(item.when, each, entered, "bool");
    const here = guarded(entered, [item.when]);
    if (item.type === "include") {
      for (const value of Object.values(item.params)) this.value(value, outside, here);
      return;
    }
    if (item.foreach?.type === "expression") this.condition(item.foreach.condition, outside, here);
    if (item.foreach?.type === "list") this.value(item.foreach.items, outside, here);
    if (item.type === "group") {
      if (item.label !== undefined) this.text(item.label, each, { ...here, perhaps: new Set() });
      return;
    }
    this.value(item.args, each, here);
    if (item.at !== undefined) this.value(item.at, each, here);
    // What a step of no known kind has of its own is not known either.
    if (item.unread !== "kind") this.after(item, namesAfter(each, item), { ...here, own: item });
  }

  private after(step: Step, names: ScopeTypes, visible: Visible): void {
    this.condition(step.retry?.until, names, visible, "bool");
    for (const saved of Object.values(step.save)) this.condition(saved, names, visible);
    for (const { condition } of step.expect ?? []) {
      if (!this.misnamed(step, condition, names)) this.condition(condition, names, visible, "bool");
    }
    // A sentence shows a gap where something is missing.
    const shown = { ...visible, perhaps: new Set<string>() };
    if (step.finding !== undefined) this.text(step.finding, names, shown);
    if (step.label !== undefined) this.text(step.label, names, shown);
  }

  /** `outcome` is how a step ended, and was the name of an output. */
  private misnamed({ kind }: Step, { expression, node }: Condition, names: ScopeTypes): boolean {
    const read = expression.reads.find(({ names: [root] }) => root === "outcome");
    if (read === undefined || names["outcome"] !== undefined) return false;
    const now = Object.hasOwn(kind.outputs, "verdict") ? "It is called verdict now; " : "";
    const hint = `${now}outcome is how a step ended: steps.ID.outcome, in the steps behind it.`;
    this.problems.within(node, { message: `${kind.name} has no output outcome`, span: read.span, hint });
    return true;
  }

  private value(value: Value, names: ScopeTypes, visible: Visible): void {
    const secrets = Object.fromEntries(this.runbook.secrets.map(({ name }) => [name, "string"]));
    for (const { template, shape, node } of templatesOf(value)) {
      const { secret } = shape.type === "string" ? shape : {};
      const takesSecret = secret === true || secretOf({ template, shape }) !== undefined;
      const seen = takesSecret ? namesWith(names, { secrets }) : names;
      for (const part of template.parts) {
        if (part.type !== "expression") continue;
        if (secret !== "whole" || !this.misplaced(part.expression, node, part.at, seen, wholeHint))
          this.expression(part.expression, node, part.at, seen, visible);
      }
    }
  }

  private text({ template, node }: Text, names: ScopeTypes, visible: Visible): void {
    for (const part of template.parts) {
      if (part.type === "expression") this.expression(part.expression, node, part.at, names, visible);
    }
  }

  private condition(
    condition: Condition | undefined,
    names: ScopeTypes,
    visible: Visible,
    wanted?: "bool",
  ): void {
    if (condition === undefined) return;
    this.expression(condition.expression, condition.node, 0, names, visible, wanted);
  }

  private expression(
    expression: Expression,
    node: ScalarNode,
    at: number,
    names: ScopeTypes,
    visible: Visible,
    wanted?: "bool",
  ): void {
    if (this.misplaced(expression, node, at, names)) return;
    const list = expression.reads.find((read) => misreadsList(read.names, visible.steps));
    if (list !== undefined) {
      const id = list.names.slice(0, loopDepth(list.names, visible.steps)).join(".");
      const message = `${id} has a foreach: its items are ${id}.items`;
      const { start } = list.span;
      // `steps["a"]` is written otherwise, and is left to its author.
      const plain = expression.text.slice(start, start + id.length) === id;
      const end = { start: start + id.length, end: start + id.length };
      const fix = plain ? { fix: { span: end, text: ".items" } } : {};
      this.problems.within(node, { message, span: list.span, ...fix }, at);
      return;
    }
    const problem =
      check(expression, names, wanted) ??
      neverEqual(expression, this.runbook, visible) ??
      lacksArgument(expression, visible) ??
      unknownKeyRead(expression, visible);
    if (problem !== undefined) {
      this.problems.within(
        node,
        this.inGroup(problem, expression, visible) ?? this.explain(problem, expression),
        at,
      );
      return;
    }
    if (visible.perhaps.size === 0) return;
    const asked = askedBy({ expression, node });
    for (const { names: path, span } of expression.reads) {
      const [root, id = ""] = path;
      if (root !== "steps" || asked.has(id) || !visible.perhaps.has(id)) continue;
      const message = `steps.${id} may not have run`;
      const output = path.slice(2).join(".");
      const hint = `when: steps.${id}.outcome == "ok", or write steps.${id}.?${output}.orValue(…).`;
      this.problems.within(node, { message, span, hint }, at);
    }
  }

  private misplaced(
    { reads }: Expression,
    node: ScalarNode,
    at: number,
    names: ScopeTypes,
    hint = "A secret may be used in a header, a password or a child's environment.",
  ): boolean {
    const read = reads.find(({ names: [root] }) => root === "secrets" && names["secrets"] === undefined);
    if (read !== undefined)
      this.problems.within(node, { message: "a secret is not allowed here", span: read.span, hint }, at);
    return read !== undefined;
  }

  /** What stands in a group is no part of what the group came to. */
  private inGroup<P extends { message: string; span: { start: number }; hint?: string }>(
    problem: P,
    { text, reads }: Expression,
    { steps }: Visible,
  ): P | undefined {
    const read = reads.find(({ names: [root, id = "", inner = ""] }) => {
      const group = root === "steps" ? steps.get(id) : undefined;
      const within = group?.type === "group" && [...ownItems(group.items)].some((item) => item.id === inner);
      return within && text.startsWith(inner, problem.span.start);
    });
    const [, id = "", inner = ""] = read?.names ?? [];
    if (read === undefined) return undefined;
    const message = `steps.${id} has no ${inner}: it has outcome and sentence`;
    return { ...problem, message, hint: `Ids in a group are seen from everywhere: steps.${inner}.` };
  }

  /** A step that exists but cannot be seen from here gets a better sentence than "not known". */
  private explain<P extends { message: string; span: { start: number; end: number }; hint?: string }>(
    problem: P,
    expression: Expression,
  ): P {
    const word = expression.text.slice(problem.span.start, problem.span.end);
    const read = expression.reads.find(
      (candidate) => candidate.names[0] === "steps" && candidate.names[1] === word,
    );
    const loop = loopAround(allItems(this.runbook), word);
    if (read !== undefined && loop !== undefined) {
      const hint = `steps.${loop.id}.items.map(i, i.${word}) has that of each.`;
      return { ...problem, message: `steps.${word} is each item's own: ${loop.id} has a foreach`, hint };
    }
    const known = (items: readonly Item[]): boolean => [...ownItems(items)].some(({ id }) => id === word);
    if (read === undefined || !known(allItems(this.runbook))) return problem;
    const inDiagnosis = known(this.runbook.diagnose);
    const hint = inDiagnosis
      ? `Add needs: [${word}], so that it has ended by then.`
      : "Steps see those before them.";
    return { ...problem, message: `step ${word} has not ended when this is evaluated`, hint };
  }
}

/** What is seen behind conditions that hold: the steps that they ask about are there. */
function guarded(visible: Visible, conditions: readonly (Condition | undefined)[]): Visible {
  const asked = new Set(conditions.flatMap((condition) => [...askedBy(condition)]));
  return { ...visible, perhaps: new Set([...visible.perhaps].filter((id) => !asked.has(id))) };
}

/** Steps that an expression asks about before it reads them: by `has`, `.?` or how they ended. */
function askedBy(condition: Condition | undefined): ReadonlySet<string> {
  const reads = condition?.expression.reads ?? [];
  const asks = reads.filter(({ names: [root, , end], guarded }) => {
    return root === "steps" && (guarded || end === "outcome" || end === "sentence");
  });
  return new Set(asks.map(({ names: [, id = ""] }) => id));
}

/** How many names lead to a step with `foreach`: two for `steps.ID`, more through includes. 0 when none does. */
function loopDepth(names: readonly string[], steps: ReadonlyMap<string, Item>): number {
  if (names[0] !== "steps") return 0;
  let item = steps.get(names[1] ?? "");
  let depth = 2;
  while (item?.type === "include") {
    item = [...ownItems(item.items)].find(({ id }) => id === names[depth]);
    depth++;
  }
  return item?.foreach === undefined ? 0 : depth;
}

/** A list of results read as though it were one result, or as the list itself. */
function misreadsList(names: readonly string[], steps: ReadonlyMap<string, Item>): boolean {
  const depth = loopDepth(names, steps);
  return depth > 0 && !Object.hasOwn(loopTypes, names[depth] ?? "");
}
