import type { Failure } from "../base/failure.ts";

type Cause = Extract<Failure, { type: "unreachable" }>["cause"];

const causes: Readonly<Record<string, { readonly cause: Cause; readonly says: string }>> = {
  ECONNREFUSED: { cause: "refused", says: "connection refused" },
  ECONNRESET: { cause: "reset", says: "connection reset" },
  EPIPE: { cause: "reset", says: "connection reset" },
  ENOTFOUND: { cause: "dns", says: "no such host" },
  EAI_AGAIN: { cause: "dns", says: "its name cannot be resolved" },
  EHOSTUNREACH: { cause: "no-route", says: "no route to host" },
  ENETUNREACH: { cause: "no-route", says: "network unreachable" },
  ETIMEDOUT: { cause: "no-route", says: "connection attempt timed out" },
  ENOENT: { cause: "absent", says: "no such socket" },
};

/** The failure an error of the network stands for; undefined when it is not one. */
export function networkFailure(target: string, error: unknown): Failure | undefined {
  const code = errorCode(error);
  if (code === "EACCES" || code === "EPERM") {
    return { type: "denied", target, message: "permission denied" };
  }
  const known = code === undefined ? undefined : causes[code];
  if (known === undefined) return undefined;
  return { type: "unreachable", target, cause: known.cause, message: known.says };
}

/** The `code` of an error, or of the first error of an aggregate (a name with several addresses). */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Thrown inside a driver where a Failure is known and must travel up to the driver's edge. */
export class FailureError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.type);
    this.failure = failure;
  }
}

/**
 * What the signal's end means: nothing came back in the milliseconds since `started` (performance.now()).
 *
 * @param signal where it is given and its reason is a text, somebody interrupted, and it was not the clock
 */
export function timedOut(target: string, doing: string, started: number, signal?: AbortSignal): Failure {
  const reason: unknown = signal?.reason;
  if (typeof reason === "string")
    return { type: "interrupted", target, message: `${target}: ${reason} while ${doing}` };
  return { type: "timeout", target, after: Math.round(performance.now() - started), doing };
}

/**
 * The work's own end, or a rejection as soon as the signal fires, after `stop` (which must close every
 * socket that the work holds). What the work does later is ignored.
 */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  stop: () => void,
): Promise<T> {
  if (signal.aborted) throw new Aborted();
  let listener = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    listener = () => {
      stop();
      reject(new Aborted());
    };
  });
  signal.addEventListener("abort", listener, { once: true });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}

export class Aborted extends Error {}
