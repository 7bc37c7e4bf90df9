import { formatDuration } from "./duration.ts";

/**
 * Why something outside did not do what was asked: one closed union, so that printing, ranking and
 * exit codes are exhaustive switches. `target` is always the thing as an operator would name it
 * (a URL without credentials, `container p-x-1`, `topic market-regime`), never a secret. `instrument`: it is, or may be,
 * what the thing was asked through that does not answer, a proxy; of the thing itself nothing is known then.
 */
export type Failure =
  /** No connection could be made, or it ended before an answer: the target does not answer. */
  | {
      readonly type: "unreachable";
      readonly target: string;
      readonly cause: "refused" | "reset" | "dns" | "closed" | "no-route" | "absent";
      readonly message: string;
      readonly instrument?: true;
      readonly effect?: Happened;
    }
  /** Nothing within the deadline. `after` is in milliseconds. */
  | {
      readonly type: "timeout";
      readonly target: string;
      readonly after: number;
      readonly doing: string;
      readonly instrument?: true;
      readonly effect?: Happened;
    }
  /** The target answered and would not let us in: wrong password, expired token, full of clients. */
  | { readonly type: "denied"; readonly target: string; readonly message: string; readonly effect?: Happened }
  /** The target answered something that could not be read as what it should be. */
  | {
      readonly type: "unreadable";
      readonly target: string;
      readonly message: string;
      readonly sample?: string;
      readonly effect?: Happened;
    }
  /** The target understood and said no. `code` is the target's own (an SQLSTATE, a status). */
  | {
      readonly type: "rejected";
      readonly target: string;
      readonly message: string;
      readonly code?: string;
      readonly effect?: Happened;
    }
  /** The thing named does not exist: a container, a topic, a program. */
  | {
      readonly type: "missing";
      readonly target: string;
      readonly message: string;
      readonly effect?: Happened;
    }
  /** A program ended with a code or a signal. */
  | {
      readonly type: "exit";
      readonly target: string;
      readonly code: number | null;
      readonly signal: string | null;
      readonly stderr: string;
      readonly effect?: Happened;
    }
  /** More came back than may be kept. `limit` is in bytes. */
  | {
      readonly type: "overflow";
      readonly target: string;
      readonly limit: number;
      readonly message: string;
      readonly effect?: Happened;
    }
  /** The step ran, and what it must bring did not hold. */
  | {
      readonly type: "expectation";
      readonly target: string;
      readonly expression: string;
      readonly message: string;
      readonly effect?: Happened;
    }
  /** An expression could not be evaluated on the values that came back. */
  | {
      readonly type: "expression";
      readonly target: string;
      readonly expression: string;
      readonly message: string;
      readonly effect?: Happened;
    }
  /** A rendered argument is not what the kind takes. */
  | {
      readonly type: "argument";
      readonly target: string;
      readonly message: string;
      readonly effect?: Happened;
    }
  /** Consent is needed and there is nobody to ask. `digest` is what `--approve` takes, for a day. */
  | {
      readonly type: "approval-needed";
      readonly target: string;
      readonly digest: string;
      readonly message: string;
      readonly effect?: Happened;
    }
  /** A person said no. `instead`: only to the step, or to all that is left of its rung; the run goes on. */
  | {
      readonly type: "declined";
      readonly target: string;
      readonly message: string;
      readonly instead?: "skip" | "next-rung";
      readonly effect?: Happened;
    }
  /** The operator interrupted. */
  | {
      readonly type: "interrupted";
      readonly target: string;
      readonly message: string;
      readonly effect?: Happened;
    }
  /** An interlock does not hold. `meets` is the command that would meet it. */
  | {
      readonly type: "interlock";
      readonly target: string;
      readonly message: string;
      readonly meets: string;
      readonly effect?: Happened;
    };

/** Whether a change took place: for certain not, or nobody can say. */
export type Happened = "none" | "unknown";

/**
 * Whether the world may have been changed by an attempt that ended in this failure. A driver that
 * knows better says so in `effect`; otherwise what left this machine and was not answered is unknown.
 */
export function effectOf(failure: Failure): Happened {
  if (failure.effect !== undefined) return failure.effect;
  switch (failure.type) {
    case "unreachable":
      return failure.cause === "reset" || failure.cause === "closed" ? "unknown" : "none";
    case "exit":
      // A program that was killed may have been in the middle; one that ended said how it ended.
      return failure.signal === null ? "none" : "unknown";
    case "timeout":
    case "unreadable":
    case "overflow":
    case "expectation":
    case "expression":
    case "interrupted":
      return "unknown";
    case "denied":
    case "rejected":
    case "missing":
    case "argument":
    case "approval-needed":
    case "declined":
    case "interlock":
      return "none";
  }
}

/** One sentence for a person, without a full stop. */
export function failureText(failure: Failure): string {
  switch (failure.type) {
    case "unreachable":
      return `${failure.target} does not answer: ${failure.message}`;
    case "timeout":
      return `${failure.target} timed out after ${formatDuration(failure.after)} (${failure.doing})`;
    case "denied":
      return `${failure.target} refused access: ${failure.message}`;
    case "unreadable":
      return `${failure.target} sent an unreadable reply: ${failure.message}`;
    case "rejected":
      return `${failure.target} rejected the request${failure.code === undefined ? "" : ` (${failure.code})`}: ${failure.message}`;
    case "missing":
      return failure.message;
    case "exit":
      return exitText(failure);
    case "overflow":
      return `${failure.target}: ${failure.message}`;
    case "expectation":
      return failure.message;
    case "expression":
      return `${failure.message} in ${failure.expression}`;
    case "argument":
      return `${failure.target}: ${failure.message}`;
    case "approval-needed":
    case "declined":
    case "interrupted":
      return failure.message;
    case "interlock":
      return `${failure.message}; run ${failure.meets} first`;
  }
}

function exitText(failure: Extract<Failure, { type: "exit" }>): string {
  const how =
    failure.signal === null ? `exited with ${failure.code ?? "no code"}` : `was killed by ${failure.signal}`;
  const last = failure.stderr.trim().split("\n").at(-1) ?? "";
  return `${failure.target} ${how}${last === "" ? "" : `: ${last}`}`;
}
