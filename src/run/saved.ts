import type { Names } from "../language/value.ts";
import type { Step } from "../runbook/runbook.ts";
import type { Judged } from "./judge.ts";

/** What came of a step's `save`. */
interface Saved {
  /** The names given, with `vars` of this step too. */
  readonly names: Names;
  /** Those of this step alone. */
  readonly vars: Names;
  /** Why one could not be made; those after it were not tried. */
  readonly problem?: Judged;
}

/** Evaluates what a step saves of its outputs, from top to bottom: each sees those before it. */
export function savedIn(step: Step, given: Names): Saved {
  let names = given;
  const vars: Record<string, unknown> = {};
  for (const [name, { expression }] of Object.entries(step.save)) {
    const value = expression.evaluate(names);
    if (!value.ok)
      return { names, vars, problem: notSaved(step, name, expression.text, value.failure.message) };
    vars[name] = value.value;
    names = { ...names, vars: { ...(given["vars"] as Names | undefined), ...vars } };
  }
  return { names, vars };
}

/** A change has taken place by then; what was to be kept of it is what failed. */
function notSaved(step: Step, name: string, expression: string, why: string): Judged {
  const message = `cannot save ${name}: ${why}`;
  const failure = { type: "expression", target: step.id, expression, message } as const;
  return { status: step.effect === "read" ? "unknown" : "failed", failure, message };
}
