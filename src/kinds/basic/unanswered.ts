import type { Failure } from "../../base/failure.ts";
import type { Answer } from "../../ports/ports.ts";

type Why = Extract<Answer<unknown>, { answered: false }>["why"];

/**
 * What it means that a question was not answered: nobody is there to ask, which is a run that waits for a person, or
 * the person there took it back.
 */
export function unanswered(target: string, question: string, why: Why): Failure {
  if (why === "cancelled") return declined(target, "the question was cancelled");
  const line = question.trim().replaceAll(/\s+/g, " ");
  const message = `"${line}" needs a person's answer and there is no terminal to ask at`;
  return { type: "approval-needed", target, digest: "", message, effect: "none" };
}

export function declined(target: string, message: string): Failure {
  return { type: "declined", target, message, effect: "none" };
}
