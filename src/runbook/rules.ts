// What must hold of a whole runbook, a rule a function; each reports and changes nothing, and the order is that of
// the messages. The long one, `namesKnown`, has a file of its own.

import { didYouMean } from "../base/suggest.ts";
import type { Expression } from "../language/expression.ts";
import type { Problems } from "../language/problems.ts";
import { findingIds, findingsNamed } from "./finding-ids.ts";
import { loopAround, loopsOfGroups } from "./loop-rules.ts";
import { namesKnown } from "./name-rules.ts";
import { Needs } from "./needs.ts";
import { allItems, ownItems, stepsBeside, stepsOf, type Item, type Runbook, type Step } from "./runbook.ts";

/** One thing that must hold of a whole runbook. It reports what does not, and changes nothing. */
export type Rule = (runbook: Runbook, problems: Problems) => void;

export const rules: readonly Rule[] = [
  notTooMany,
  uniqueIds,
  uniqueRungs,
  needsExist,
  needsNoCycle,
  readOnlyDiagnosis,
  tolerateInOrder,
  approvalsStand,
  findingsExist,
  secretsDeclared,
  savesOfOne,
  loopsOfGroups,
  namesKnown,
];

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
  problems.add(first.span, `this runbook has ${steps} steps with its includes; the limit is ${mostSteps}`);
}

function uniqueIds(runbook: Runbook, problems: Problems): void {
  const first = new Map<string, Item>();
  for (const item of ownItems(allItems(runbook))) {
    const earlier = first.get(item.id);
    if (earlier === undefined) first.set(item.id, item);
    else {
      const related = [{ message: "the first one", span: earlier.span }];
      problems.add(item.span, `another step is named ${item.id}`, "Give one of them another id.", related);
    }
  }
}

function uniqueRungs(runbook: Runbook, problems: Problems): void {
  runbook.resolve.forEach((rung, index) => {
    const earlier = runbook.resolve.slice(0, index).find((candidate) => candidate.id === rung.id);
    if (earlier === undefined) return;
    problems.add(rung.span, `another rung is named ${rung.id}`, undefined, [
      { message: "the first one", span: earlier.span },
    ]);
  });
}

function sections(runbook: Runbook): readonly (readonly Item[])[] {
  return [
    runbook.diagnose,
    runbook.steps,
    runbook.after,
    ...runbook.resolve.map((rung) => rung.steps),
    ...runbook.resolve.map((rung) => (rung.verify.type === "steps" ? rung.verify.steps : [])),
  ];
}

function needsExist(runbook: Runbook, problems: Problems): void {
  for (const section of sections(runbook)) {
    const needs = new Needs(section);
    const ids = needs.ids();
    for (const item of ownItems(section)) {
      for (const need of item.needs) {
        const loop = loopAround(section, need.id);
        if (loop !== undefined && !needs.around(item).includes(loop)) {
          const message = `${need.id} is each item's own: ${loop.id} has a foreach`;
          problems.add(need.span, message, `needs: [${loop.id}] waits for all of them.`);
        } else if (!ids.includes(need.id))
          problems.add(need.span, `no step of this section is named ${need.id}${didYouMean(need.id, ids)}`);
      }
    }
  }
}

function needsNoCycle(runbook: Runbook, problems: Problems): void {
  for (const section of sections(runbook)) {
    const needs = new Needs(section);
    const cycle = needs.cycle();
    const [first] = cycle;
    if (first === undefined) continue;
    const way = [...cycle, first].map((item) => item.id).join(" → ");
    const [need] = cycle.flatMap((item) => needs.of(item));
    problems.add(need?.span ?? first.span, `these steps wait for each other: ${way}`);
  }
}

function readOnlyDiagnosis(runbook: Runbook, problems: Problems): void {
  const verify = runbook.resolve.flatMap((rung) => (rung.verify.type === "steps" ? rung.verify.steps : []));
  for (const [where, items] of [["diagnose", runbook.diagnose] as const, ["verify", verify] as const]) {
    for (const { kind, effect, span } of stepsOf(items)) {
      if (effect === "read") continue;
      problems.add(span, `${kind.name} is ${effect}; ${where} only reads`, "Move it to a rung's steps.");
    }
  }
}

/** What is measured is measured whatever comes before it; and a rung's own checks decide it, each of them. */
function tolerateInOrder(runbook: Runbook, problems: Problems): void {
  for (const { tolerate } of ownItems(runbook.diagnose)) {
    if (tolerate === undefined) continue;
    const message = "tolerate changes nothing in diagnose: every step of it runs, whatever another found";
    problems.warn(tolerate.span, message, "Leave it out.");
  }
  for (const { verify } of runbook.resolve) {
    for (const { tolerate } of verify.type === "steps" ? ownItems(verify.steps) : []) {
      if (tolerate === undefined) continue;
      const message = "verify tolerates nothing: what does not hold decides the rung";
      problems.add(tolerate.span, message, "Leave it out, or leave the step out.");
    }
  }
}

/** The findings that a rung is judged by are steps and groups of the diagnosis, those of an include by INCLUDE.STEP too. */
function findingsExist(runbook: Runbook, problems: Problems): void {
  const ids = [...findingIds(runbook.diagnose)];
  for (const { verify } of runbook.resolve) {
    if (verify.type === "steps" || verify.findings === "all") continue;
    for (const { id, span } of verify.findings) {
      const loop = loopAround(runbook.diagnose, id);
      if (loop !== undefined) {
        const message = `${id} is each item's own: ${loop.id} has a foreach`;
        problems.add(span, message, `findings: [${loop.id}] stands for all of them.`);
        continue;
      }
      if (findingsNamed(runbook.diagnose, id).length > 0) continue;
      const message = `no step of the diagnosis is named ${id}${didYouMean(id, ids)}`;
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
    const message = `approved_with: ${step.approvedWith} is not an earlier step beside it that needs two people itself`;
    problems.add(step.span, message, has);
  }
}

/** `vars.NAME` is one value, and a list has as many as it has items. */
function savesOfOne(runbook: Runbook, problems: Problems): void {
  for (const step of stepsOf(allItems(runbook))) {
    const [saved] = Object.values(step.save);
    if (step.foreach === undefined || saved === undefined) continue;
    const hint = `Take them later: steps.${step.id}.items.map(i, ${ofItem(saved.expression, step)}).`;
    problems.add(saved.node.span, "save holds one value, but a foreach gives many", hint);
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
  for (const item of ownItems(allItems(runbook))) {
    if (item.type !== "include") continue;
    const missing = item.runbook.secrets.map(({ name }) => name).filter((name) => !declared.includes(name));
    if (missing.length === 0) continue;
    const hint = `Declare it here too: secrets: [${[...declared, ...missing].join(", ")}].`;
    problems.add(item.span, `${item.runbook.id} needs the secret ${missing.join(" and ")}`, hint);
  }
}
