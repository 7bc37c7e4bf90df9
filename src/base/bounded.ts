import { setMaxListeners } from "node:events";

/** Fires with the signal, and after `ms` milliseconds at the latest. Any number of calls may listen to it. */
export function bounded(signal: AbortSignal, ms: number): AbortSignal {
  const both = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  setMaxListeners(0, both);
  return both;
}
