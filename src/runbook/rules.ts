// What must hold of a whole runbook, a rule a function; each reports and changes nothing, and the order is that of
// the messages. `namesKnown` is the long one: every expression is checked against the names that it can see. The
// table of those is in scope.ts.

import { didYouMean } from "../base/suggest.ts";
import { check, type Expression } from "../language/expression.ts";
import type { ScopeTypes } from "../language/expression-problem.ts";
import type { Problems } from "../language/read.ts";
import { templatesOf, type Value } from "../language/value.ts";
import type { ScalarNode } from "../language/yaml.ts";
import {
  findingIds,
  stepsBeside,
  stepsOf,
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

/** One thing that must hold of a whole runbook. It reports what does not, and changes nothing. */
export type Rule = (runbook: Runbook, problems: Problems) => void;

export const rules: readonly Rule[] = [
  notTooMany,
  uniqueIds,
  uniqueRungs,
  needsExist,
  needsNoCycle,
  readOnlyDiagnosis,
  approvalsStand,
  findingsExist,
  secretsDeclared,
  savesOfOne,
  namesKnown,
];

function allItems(runbook: Runbook): readonly Item[] {
  const rungs = runbook.resolve.flatMap((rung) => [
    ...rung.steps,
    ...(rung.verify.type === "steps" ? rung.verify.steps : []),
  ]);
  return [...runbook.diagnose, ...runbook.steps, ...rungs];
}

/** Files that include each other's includes multiply; a plan nobody can read is none. */
const mostSteps = 2000;

function notTooMany(runbook: Runbook, problems: Problems): void {
  const counted = new Map<readonly Item[], number>();
  const count = (items: readonly Item[]): number => {
    const before = counted.get(items);
    if (before !== undefined) return before;
    const sum = items.reduce((total, item) => total + (item.type === "step" ? 1 : count(item.items)), 0);
    counted.set(items, sum);
    return sum;
  };
  const steps = count(allItems(runbook));
  const [first] = allItems(runbook);
  if (steps <= mostSteps || first === undefined) return;
  problems.add(first.span, `this runbook has ${steps} steps, includes opened; ${mostSteps} are the most`);
}

function uniqueIds(runbook: Runbook, problems: Problems): void {
  const first = new Map<string, Item>();
  for (const item of allItems(runbook)) {
    const earlier = first.get(item.id);
    if (earlier === undefined) first.set(item.id, item);
    else {
      const related = [{ message: "the first one", span: earlier.span }];
      problems.add(item.span, `a second step is called ${item.id}`, "Give one of them another id.", related);
    }
  }
}

function uniqueRungs(runbook: Runbook, problems: Problems): void {
  runbook.resolve.forEach((rung, index) => {
    const earlier = runbook.resolve.slice(0, index).find((candidate) => candidate.id === rung.id);
    if (earlier === undefined) return;
    problems.add(rung.span, `a second rung is called ${rung.id}`, undefined, [
      { message: "the first one", span: earlier.span },
    ]);
  });
}

function sections(runbook: Runbook): readonly (readonly Item[])[] {
  return [
    runbook.diagnose,
    runbook.steps,
    ...runbook.resolve.map((rung) => rung.steps),
    ...runbook.resolve.map((rung) => (rung.verify.type === "steps" ? rung.verify.steps : [])),
  ];
}

function needsExist(runbook: Runbook, problems: Problems): void {
  for (const section of sections(runbook)) {
    const ids = section.map((item) => item.id);
    for (const need of section.flatMap((item) => item.needs)) {
      if (ids.includes(need.id)) continue;
      problems.add(need.span, `no step of this section is called ${need.id}${didYouMean(need.id, ids)}`);
    }
  }
}

function needsNoCycle(runbook: Runbook, problems: Problems): void {
  for (const section of sections(runbook)) {
    const cycle = findCycle(section);
    const [first] = cycle;
    if (first === undefined) continue;
    const way = [...cycle, first].map((item) => item.id).join(" → ");
    problems.add(first.needs[0]?.span ?? first.span, `these steps wait for each other: ${way}`);
  }
}

function findCycle(section: readonly Item[]): readonly Item[] {
  const done = new Set<Item>();
  const visit = (item: Item, path: readonly Item[]): readonly Item[] => {
    if (path.includes(item)) return path.slice(path.indexOf(item));
    if (done.has(item)) return [];
    done.add(item);
    for (const need of item.needs) {
      const next = section.find((candidate) => candidate.id === need.id);
      const cycle = next === undefined ? [] : visit(next, [...path, item]);
      if (cycle.length > 0) return cycle;
    }
    return [];
  };
  for (const item of section) {
    const cycle = visit(item, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function readOnlyDiagnosis(runbook: Runbook, problems: Problems): void {
  const verify = runbook.resolve.flatMap((rung) => (rung.verify.type === "steps" ? rung.verify.steps : []));
  for (const step of stepsOf([...runbook.diagnose, ...verify])) {
    if (step.effect === "read") continue;
    const where = runbook.diagnose.includes(step) ? "diagnose" : "verify";
    problems.add(
      step.span,
      `${step.kind.name} is ${step.effect}; ${where} only reads`,
      "Move it to a rung's steps.",
    );
  }
}

/** The findings that a rung is judged by are steps of the diagnosis, those of an include by GROUP or GROUP.STEP. */
function findingsExist(runbook: Runbook, problems: Problems): void {
  const ids = [...findingIds(runbook.diagnose)];
  for (const { verify } of runbook.resolve) {
    if (verify.type === "steps" || verify.findings === "all") continue;
    for (const { id, span } of verify.findings) {
      if (ids.some((known) => known === id || known.startsWith(`${id}.`))) continue;
      const message = `no step of the diagnosis is called ${id}${didYouMean(id, ids)}`;
      problems.add(span, message, `There is ${ids.join(", ")}.`);
    }
  }
}

/** An approval is good for later steps of the same procedure or rung: nobody agrees to what has been done. */
function approvalsStand(runbook: Runbook, problems: Problems): void {
  for (const step of stepsOf(allItems(runbook))) {
    if (step.approvedWith === undefined || step.approvers === 1) continue;
    const inOrder = stepsBeside(runbook, step);
    const earlier = inOrder.slice(0, Math.max(0, inOrder.indexOf(step)));
    const root = earlier.find(({ id }) => id === step.approvedWith);
    if (root?.approvers === 2 && root.approvedWith === undefined) continue;
    const ids = earlier.filter(({ approvers }) => approvers === 2).map(({ id }) => id);
    const has = ids.length === 0 ? "There is none before it." : `There is ${ids.join(", ")}.`;
    const message = `approved_with: ${step.approvedWith} is no earlier step beside it that takes two people by itself`;
    problems.add(step.span, message, has);
  }
}

/** `vars.NAME` is one value, and a list has as many as it has items. */
function savesOfOne(runbook: Runbook, problems: Problems): void {
  for (const step of stepsOf(allItems(runbook))) {
    const [saved] = Object.values(step.save);
    if (step.foreach === undefined || saved === undefined) continue;
    const hint = `Take them later: steps.${step.id}.items.map(i, ${ofItem(saved.expression, step)}).`;
    problems.add(saved.node.span, "save has one value, and a foreach has many", hint);
  }
}

/** The expression as it reads from an item `i`: its outputs are in there. */
function ofItem({ text, reads }: Expression, { kind }: Step): string {
  let written = text;
  for (const { names, span } of reads.toSorted((a, b) => b.span.start - a.span.start)) {
    const [root = ""] = names;
    const own = root === "item" || Object.hasOwn(kind.outputs, root);
    if (own) written = `${written.slice(0, span.start)}i.${written.slice(span.start)}`;
  }
  return written;
}

/** The run's header names every secret it takes, those of included runbooks too. */
function secretsDeclared(runbook: Runbook, problems: Problems): void {
  const declared = runbook.secrets.map(({ name }) => name);
  for (const item of allItems(runbook)) {
    if (item.type === "step") continue;
    const missing = item.runbook.secrets.map(({ name }) => name).filter((name) => !declared.includes(name));
    if (missing.length === 0) continue;
    const hint = `Declare it here too: secrets: [${[...declared, ...missing].join(", ")}].`;
    problems.add(item.span, `${item.runbook.id} takes the secret ${missing.join(" and ")}`, hint);
  }
}

function namesKnown(runbook: Runbook, problems: Problems): void {
  // An included runbook's vars are its own.
  const steps = allItems(runbook).filter((item) => item.type === "step");
  const saved = new Set(steps.flatMap((step) => Object.keys(step.save)));
  const checker = new NameChecker(runbook, problems, saved);
  for (const placed of placeItems(runbook)) checker.item(placed);
  for (const rung of runbook.resolve) {
    const visible = beforeRung(runbook, rung);
    if (rung.when !== undefined) checker.rungWhen(rung.when, visible);
    if (rung.verify.type === "findings") checker.verify(rung.verify, visible);
  }
}

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

  item({ item, visible }: Placed): void {
    const around = namesAround(this.runbook, visible, this.saved);
    const each = item.type === "group" || item.foreach === undefined ? around : namesWith(around, itemNames);
    this.condition(item.when, each, visible, "bool");
    if (item.type === "group") {
      for (const value of Object.values(item.params)) this.value(value, around, visible);
      return;
    }
    if (item.foreach?.type === "expression") this.condition(item.foreach.condition, around, visible);
    if (item.foreach?.type === "list") this.value(item.foreach.items, around, visible);
    this.value(item.args, each, visible);
    this.after(item, namesAfter(each, item), visible);
  }

  private after(step: Step, names: ScopeTypes, visible: Visible): void {
    this.condition(step.expect, names, visible, "bool");
    this.condition(step.retry?.until, names, visible, "bool");
    for (const saved of Object.values(step.save)) this.condition(saved, names, visible);
    if (step.finding !== undefined) this.text(step.finding, names, visible);
    if (step.label !== undefined) this.text(step.label, names, visible);
  }

  private value(value: Value, names: ScopeTypes, visible: Visible): void {
    const secrets = Object.fromEntries(this.runbook.secrets.map(({ name }) => [name, "string"]));
    for (const { template, shape, node } of templatesOf(value)) {
      const takesSecret = shape.type === "string" && shape.secret === true;
      const seen = takesSecret ? namesWith(names, { secrets }) : names;
      for (const part of template.parts) {
        if (part.type === "expression") this.expression(part.expression, node, part.at, seen, visible);
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
    const misplaced = expression.reads.find(
      (read) => read.names[0] === "secrets" && names["secrets"] === undefined,
    );
    if (misplaced !== undefined) {
      const hint = "A secret may be used in a header, a password or a child's environment.";
      this.problems.within(node, { message: "a secret is not allowed here", span: misplaced.span, hint }, at);
      return;
    }
    const list = expression.reads.find((read) => misreadsList(read.names, visible.steps));
    if (list !== undefined) {
      const id = list.names.slice(0, loopDepth(list.names, visible.steps)).join(".");
      const message = `${id} has a foreach: its items are ${id}.items`;
      this.problems.within(node, { message, span: list.span }, at);
      return;
    }
    const problem = check(expression, names, wanted);
    if (problem !== undefined) {
      this.problems.within(node, this.explain(problem, expression), at);
      return;
    }
    const guarded = new Set(expression.reads.filter((read) => read.guarded).map((read) => read.names[1]));
    for (const read of expression.reads) {
      const [root, id = ""] = read.names;
      if (root !== "steps" || read.guarded || guarded.has(id) || !visible.perhaps.has(id)) continue;
      const message = `steps.${id} may not have run`;
      const hint = `Ask first: has(${read.names.join(".")}) && ….`;
      this.problems.within(node, { message, span: read.span, hint }, at);
    }
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
    if (read === undefined || !allItems(this.runbook).some((item) => item.id === word)) return problem;
    const inDiagnosis = this.runbook.diagnose.some((item) => item.id === word);
    const hint = inDiagnosis
      ? `Add needs: [${word}], so that it has ended by then.`
      : "Steps see those before them.";
    return { ...problem, message: `step ${word} has not ended when this is evaluated`, hint };
  }
}

/** How many names lead to a step with `foreach`: two for `steps.ID`, more through groups. 0 when none does. */
function loopDepth(names: readonly string[], steps: ReadonlyMap<string, Item>): number {
  if (names[0] !== "steps") return 0;
  let item = steps.get(names[1] ?? "");
  let depth = 2;
  while (item?.type === "group") {
    item = item.items.find(({ id }) => id === names[depth]);
    depth++;
  }
  return item?.foreach === undefined ? 0 : depth;
}

/** A list of results read as though it were one result, or as the list itself. */
function misreadsList(names: readonly string[], steps: ReadonlyMap<string, Item>): boolean {
  const depth = loopDepth(names, steps);
  return depth > 0 && !Object.hasOwn(loopTypes, names[depth] ?? "");
}
