import type { Failure } from "../base/failure.ts";
import { fail, type Result } from "../base/result.ts";

/**
 * How long a driver may take to come back after its signal fired, in milliseconds: it may have a
 * process group to end, or a query to cancel on the server. Then the step ends without it.
 */
const grace = 2000;

export interface Deadline {
  /** Milliseconds. */
  readonly within: number;
  readonly target: string;
  readonly doing: string;
  /** Fires when the operator kills the run, or its own deadline does; a text as reason is shown. */
  readonly signal: AbortSignal;
}

/**
 * Runs something with a deadline that holds whether or not the thing itself keeps it.
 * What comes back after the deadline is a timeout, with the driver's own word on whether anything happened.
 */
export async function withDeadline<T>(
  deadline: Deadline,
  run: (signal: AbortSignal) => Promise<Result<T>>,
): Promise<Result<T>> {
  const controller = new AbortController();
  let ended: Failure | undefined;
  const end = (failure: Failure): void => {
    ended ??= failure;
    controller.abort();
  };
  const { within, target, doing, signal } = deadline;
  const onKill = (): void => {
    const why = typeof signal.reason === "string" ? signal.reason : "interrupted";
    end({ type: "interrupted", target, message: `${why} while ${doing}` });
  };
  if (signal.aborted) onKill();
  signal.addEventListener("abort", onKill, { once: true });
  const cancelTimer = afterArrivals(within, () => end({ type: "timeout", target, after: within, doing }));
  let graceTimer: NodeJS.Timeout | undefined;
  const abandoned = new Promise<undefined>((resolve) => {
    controller.signal.addEventListener("abort", () => {
      graceTimer = setTimeout(() => resolve(undefined), grace);
    });
    if (controller.signal.aborted) graceTimer = setTimeout(() => resolve(undefined), grace);
  });
  try {
    const result = await Promise.race([run(controller.signal), abandoned]);
    if (ended === undefined) return result ?? fail({ type: "timeout", target, after: within, doing });
    // It came back whole just as the time ran out: what was measured is worth more than the clock.
    if (result?.ok === true) return result;
    const effect = result?.failure.effect;
    return fail(effect === undefined ? ended : { ...ended, effect });
  } finally {
    cancelTimer();
    clearTimeout(graceTimer);
    signal.removeEventListener("abort", onKill);
  }
}

/** Turns of the event loop in which what has arrived is read: a reply, its end, the end of a program. */
const turns = 3;

/**
 * Acts after `ms` milliseconds, and after what had arrived by then was read. A process that was stopped (Ctrl-Z)
 * finds its timers over before it has looked at its connections: an answer that is there counts.
 * @returns cancels it
 */
export function afterArrivals(ms: number, act: () => void): () => void {
  let immediate: NodeJS.Immediate | undefined;
  const wait = (left: number): void => {
    immediate = setImmediate(() => (left === 0 ? act() : wait(left - 1)));
  };
  const timer = setTimeout(() => wait(turns), ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(immediate);
  };
}
