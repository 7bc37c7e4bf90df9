import { boolean, integer, object, oneOf, optional, required, text } from "../language/shape.ts";
import { milliseconds, type Told } from "./line-shape.ts";

/** Why something outside did not do what was asked, as a line tells it. */
export const failureShape = object({
  type: required(
    oneOf(
      "unreachable",
      "timeout",
      "denied",
      "unreadable",
      "rejected",
      "missing",
      "exit",
      "overflow",
      "expectation",
      "expression",
      "argument",
      "approval-needed",
      "declined",
      "interrupted",
      "interlock",
    ),
    "What went wrong.",
  ),
  target: required(text(), "The target as an operator would name it, without credentials."),
  sentence: required(text(), "All of it in one sentence for a person."),
  message: optional(text(), "What the target said."),
  effect: optional(oneOf("none", "unknown"), "Whether a change took place, where that is known better."),
  cause: optional(
    oneOf("refused", "reset", "dns", "closed", "no-route", "absent"),
    "unreachable: how the connection failed.",
  ),
  instrument: optional(
    boolean(),
    "unreachable, timeout: true where a proxy does not answer, or may be what broke off: nothing is known of the target.",
  ),
  after_ms: optional(milliseconds, "timeout: the deadline."),
  doing: optional(text(), "timeout: what was waited for."),
  sample: optional(text(), "unreadable: the beginning of the reply."),
  code: optional(text(), "rejected: the target's own code, such as an SQLSTATE or a status."),
  exit_code: optional(integer(), "exit: the program's exit code; absent after a signal."),
  signal: optional(text(), "exit: the signal that ended the program."),
  stderr: optional(text(), "exit: the end of its standard error."),
  limit_bytes: optional(integer({ min: 0 }), "overflow: how much may be kept."),
  expression: optional(text(), "expectation, expression: its text."),
  digest: optional(text(), "approval-needed: what --approve takes, for 24h."),
  meets: optional(text(), "interlock: the command that meets it."),
});
export type FailureLine = Told<NonNullable<(typeof failureShape)["type"]>>;
