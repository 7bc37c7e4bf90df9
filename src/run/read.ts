import type { Failure } from "../base/failure.ts";
import type { Step } from "../runbook/runbook.ts";
import { within } from "./step-deadline.ts";
import { failed } from "./change.ts";
import { whyEnding } from "./session.ts";
import type { StepInstance, Ran, Running } from "./step-types.ts";

/** Runs one read under its step's deadline. */
export async function runRead(running: Running, instance: StepInstance): Promise<Ran> {
  const { session, step } = running;
  if (session.stop.aborted) {
    const message = `not started: ${whyEnding(session.stop, "the run is ending")}`;
    return failed({ type: "interrupted", target: step.id, message, effect: "none" }, "unknown");
  }
  const result = await within(
    running,
    step.title ?? step.kind.name,
    (context) => step.kind.execute(instance.args, context),
    instance,
  );
  if (result.ok) return { status: "ok", outputs: result.value };
  return failed(result.failure, statusOfRead(step, result.failure));
}

/**
 * A target that does not answer is an answer where availability is the question, and so is one that its
 * instrument does not know. An instrument that cannot be used has measured nothing.
 */
function statusOfRead(step: Step, failure: Failure): "failed" | "unknown" {
  switch (failure.type) {
    case "unreachable":
    case "timeout":
      return failure.instrument === true ? "unknown" : step.unreachable;
    case "missing":
      return step.kind.absent ?? step.unreachable;
    case "declined":
    case "approval-needed":
      return "failed";
    case "denied":
    case "unreadable":
    case "rejected":
    case "exit":
    case "overflow":
    case "expectation":
    case "expression":
    case "argument":
    case "interrupted":
    case "interlock":
      return "unknown";
  }
}
