import { failureText, type Failure } from "../base/failure.ts";
import type { FailureLine } from "../events/failure-line.ts";

/** A failure in the names and units of the lines. */
export function failureLine(failure: Failure): FailureLine {
  return { ...fieldsOf(failure), sentence: failureText(failure) };
}

function fieldsOf(failure: Failure): Omit<FailureLine, "sentence"> {
  switch (failure.type) {
    case "timeout": {
      const { after, ...rest } = failure;
      return { ...rest, after_ms: Math.round(after) };
    }
    case "overflow": {
      const { limit, ...rest } = failure;
      return { ...rest, limit_bytes: limit };
    }
    case "exit": {
      const { code, signal, ...rest } = failure;
      return { ...rest, exit_code: code ?? undefined, signal: signal ?? undefined };
    }
    case "unreachable":
    case "denied":
    case "unreadable":
    case "rejected":
    case "missing":
    case "expectation":
    case "expression":
    case "argument":
    case "approval-needed":
    case "declined":
    case "interrupted":
    case "interlock":
      return failure;
  }
}
