import { object, oneOf, required, text } from "../language/shape.ts";

/** One of what a run leaves that is not ok, in its events and its records. */
export const notOkShape = object({
  title: required(text(), "The title of the step or finding."),
  outcome: required(
    oneOf("failed", "unknown", "waits"),
    "waits: for a person who was not there, or who passed it over.",
  ),
  sentence: required(text(), "Why, in one sentence."),
});

/** A step that did not end well, and did not end the run; or a finding that does not hold. */
export interface NotOk {
  readonly title: string;
  /** waits: for a person who was not there, or who passed it over. */
  readonly outcome: "failed" | "unknown" | "waits";
  readonly sentence: string;
}
