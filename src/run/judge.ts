import { failureText, type Failure } from "../base/failure.ts";
import { hasChanged } from "../language/expression-problem.ts";
import { fillSentence, valueText } from "../language/template.ts";
import type { Names } from "../language/value.ts";
import type { Condition, Step } from "../runbook/runbook.ts";
import type { StepStatus } from "../events/run.ts";
import { brief } from "./session.ts";
import { cutText } from "./truncate.ts";
import type { Ran } from "./step-types.ts";

/** A step's result in the light of what it must bring. */
export interface Judged {
  readonly status: Exclude<StepStatus, "skipped">;
  readonly failure?: Failure;
  readonly message?: string;
}

export function judgeOutcome(step: Step, ran: Ran, names: Names): Judged {
  const goal = step.expect ?? step.retry?.until;
  if (ran.status !== "ok" || goal === undefined) {
    const { status, failure, message } = ran;
    return {
      status,
      ...(failure === undefined ? {} : { failure }),
      ...(message === undefined ? {} : { message }),
    };
  }
  const { text } = goal.expression;
  const verdict = judge(goal, names);
  if (verdict === true) return { status: "ok" };
  if (verdict === false) {
    const message = [`expected ${text}`, ...readings(goal, names)].join("; ");
    return {
      status: "failed",
      failure: { type: "expectation", target: step.id, expression: text, message },
      message,
    };
  }
  const failure: Failure = { type: "expression", target: step.id, expression: text, message: verdict };
  return { status: "unknown", failure, message: failureText(failure) };
}

/** True, false, or a sentence why it cannot be said. */
export function judge(condition: Condition, names: Names): boolean | string {
  const value = condition.expression.evaluate(names);
  if (!value.ok) return value.failure.message;
  return typeof value.value === "boolean" ? value.value : `${brief(value.value)} is neither true nor false`;
}

/** The values an expectation looked at: `status is 503, elapsed is 12ms`. */
function readings(condition: Condition, names: Names): readonly string[] {
  const seen = new Map<string, string>();
  for (const { names: path } of condition.expression.reads) {
    if (path[0] === hasChanged) continue;
    let value: unknown = names;
    for (const name of path) {
      value = typeof value === "object" && value !== null ? (value as Names)[name] : undefined;
    }
    if (value !== undefined && typeof value !== "function") seen.set(path.join("."), brief(valueText(value)));
  }
  return seen.size === 0 ? [] : [[...seen].map(([name, value]) => `${name} is ${value}`).join(", ")];
}

/** A condition as one line of a sentence; the runbook and its plan have it whole. */
export function conditionText(text: string): string {
  return text.length > 80 ? "its condition" : text;
}

export function sentenceOf(step: Step, judged: Judged, names: Names, title: string): string {
  if (step.finding !== undefined && (judged.status === "ok" || judged.failure?.type === "expectation")) {
    const filled = fillSentence(step.finding.template, names);
    if (filled.ok) return cutText(filled.value);
  }
  return judged.message === undefined ? title : cutText(judged.message);
}
