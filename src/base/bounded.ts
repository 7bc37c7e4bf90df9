import { setMaxListeners } from "node:events";

/**
 * Fires with the signal, and after `ms` milliseconds at the latest. Any number of calls may listen to it.
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
    controller.abort();
  };
  // What waits for it holds the process; the timer alone must not.
  const timer = setTimeout(end, ms).unref();
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  return controller.signal;
}
