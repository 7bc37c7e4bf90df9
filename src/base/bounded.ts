import { setMaxListeners } from "node:events";

/**
 * Fires with the signal, for its reason, and after `ms` milliseconds at the latest. Any number of calls may listen
 * to it.
 *
 * Not made of AbortSignal.any and AbortSignal.timeout: in Node 20 the garbage collector takes a timeout that
 * only such a signal refers to, which then never fires.
 */
export function bounded(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal, signal);
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    controller.abort(signal.aborted ? signal.reason : undefined);
  };
  // What waits for it holds the process; the timer alone must not.
  const timer = setTimeout(end, ms).unref();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  return controller.signal;
}

/** Looks at the clock this often: a look that is late by more than that is time that this process did not have. */
const looks = 20;

/**
 * The same, for a question to somebody else on a machine that may be in need: milliseconds in which this
 * process itself did not get to run are not taken from who is asked. The signal is the limit that holds.
 */
export function patient(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal, signal);
  const slice = ms / looks;
  let left = looks;
  let timer: NodeJS.Timeout;
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener("abort", end);
    controller.abort(signal.aborted ? signal.reason : undefined);
  };
  // However late a look is, it counts as one.
  const look = (): void => {
    left -= 1;
    if (left < 0) end();
    else timer = setTimeout(look, slice).unref();
  };
  look();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  return controller.signal;
}
