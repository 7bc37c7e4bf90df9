import { failureText, type Failure } from "../base/failure.ts";
import { hasChanged } from "../language/expression-problem.ts";
import { missingIn } from "../language/gap.ts";
import { tellSentence, valueText } from "../language/template.ts";
import type { Names } from "../language/value.ts";
import { expectationText, type Condition, type Expectation, type Step } from "../runbook/runbook.ts";
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
  if (ran.status !== "ok") {
    const { status, failure, message } = ran;
    return {
      status,
      ...(failure === undefined ? {} : { failure }),
      ...(message === undefined ? {} : { message }),
    };
  }
  const until = step.retry?.until;
  const goal = step.expect ?? (until === undefined ? [] : [{ name: undefined, condition: until }]);
  const verdicts = goal.map((part) => ({ part, verdict: judge(part.condition, names) }));
  const failed = verdicts.filter(({ verdict }) => verdict === false).map(({ part }) => part);
  const own = ownUnmet(step, ran);
  if (own !== undefined || failed.length > 0) return notMet(step, own, goal, failed, names);
  const [unknown] = verdicts.filter(({ verdict }) => verdict !== true);
  if (unknown === undefined) return { status: "ok" };
  const { part, verdict } = unknown;
  const why = whyMissing(step, ran, part.condition);
  const message = `${part.name === undefined ? "" : `${part.name}: `}${why ?? verdict}`;
  const expression = part.condition.expression.text;
  const failure: Failure = { type: "expression", target: step.id, expression, message };
  return { status: "unknown", failure, message: why === undefined ? failureText(failure) : message };
}

/** What its kind expects by itself and these outputs do not hold; undefined where they hold all of it. */
export function ownUnmet({ kind }: Step, { outputs }: Ran): string | undefined {
  return kind.expects?.unmet?.(outputs);
}

/** Why an output that the condition reads is not there, where its kind can say more than that. */
function whyMissing({ kind }: Step, { outputs }: Ran, { expression }: Condition): string | undefined {
  const lacking = expression.reads.filter(
    ({ names: path }) => Object.hasOwn(kind.outputs, path[0] ?? "") && missingIn(outputs, path) !== undefined,
  );
  const [why] = lacking.flatMap(({ names: path }) => kind.missing?.(path, outputs) ?? []);
  return why === undefined ? undefined : `not measured: ${why}`;
}

/** One says what was expected; of several, those that do not hold are named. The kind's own comes first. */
function notMet(
  step: Step,
  own: string | undefined,
  goal: Expectation,
  failed: Expectation,
  names: Names,
): Judged {
  const parts = own === undefined ? [] : [own];
  const texts = own === undefined ? [] : [step.kind.expects?.that ?? own];
  const [first] = goal;
  if (failed.length > 0 && first !== undefined) {
    parts.push(
      first.name === undefined
        ? `expected ${first.condition.expression.text}`
        : `${failed.length} of ${goal.length} failed: ${failed.map(({ name }) => name).join(", ")}`,
      ...readings(failed, names),
    );
    texts.push(expectationText(failed));
  }
  const message = parts.join("; ");
  const failure: Failure = {
    type: "expectation",
    target: step.id,
    expression: texts.join("; "),
    message,
  };
  return { status: "failed", failure, message };
}

/** True, false, or a sentence why it cannot be said. */
export function judge(condition: Condition, names: Names): boolean | string {
  const value = condition.expression.evaluate(names);
  if (!value.ok) return value.failure.message;
  return typeof value.value === "boolean" ? value.value : `${brief(value.value)} is neither true nor false`;
}

/** The values an expectation looked at: `status is 503, elapsed is 12ms`. */
export function readings(parts: Expectation, names: Names): readonly string[] {
  const seen = new Map<string, string>();
  for (const { names: path } of parts.flatMap(({ condition }) => condition.expression.reads)) {
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

/** What a change did, where its kind says so and all that it says it from is there. */
function didIn({ kind }: Step, { status }: Judged, outputs: Ran["outputs"]): string | undefined {
  const whole = Object.entries(kind.outputs).every(
    ([name, { optional }]) => optional === true || outputs[name] !== undefined,
  );
  return status === "ok" && whole ? kind.did?.(outputs) : undefined;
}

/** A step's end in one sentence: the author's own, what its kind says, or its title. @param outputs of the step alone */
export function sentenceOf(
  step: Step,
  judged: Judged,
  names: Names,
  title: string,
  outputs: Ran["outputs"] = {},
): string {
  if (step.finding !== undefined && (judged.status === "ok" || judged.failure?.type === "expectation")) {
    const told = tellSentence(step.finding.template, names);
    if (told.trim() !== "") return cutText(told);
  }
  const told = judged.message ?? didIn(step, judged, outputs);
  return told === undefined ? title : cutText(told);
}
