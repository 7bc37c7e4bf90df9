import type { Faults } from "./faults.ts";
import type { Log } from "./log.ts";
import type { State } from "./state.ts";

const name = "checkpoint";

/**
 * A file that the program needs, in its container's own folder. The fault `corrupt` damages it for
 * good: neither a restart nor the fault's end mends it, only a new container (or `/admin/reset`).
 */
export function keepCheckpoint(state: State, faults: Faults, log: Log) {
  const renew = (): void => state.write(name, { version: 1, made: new Date().toISOString() });
  const check = (): void => void state.read(name);
  if (isMissing(state)) renew();
  faults.watch(() => {
    const corrupt = faults.active("corrupt");
    if (corrupt === undefined || corrupt.set <= state.born) return;
    try {
      check();
    } catch {
      return;
    }
    state.damage(name);
    log("error", "the checkpoint on disk is damaged");
  });
  return { check, renew };
}

function isMissing(state: State): boolean {
  try {
    return state.read(name) === undefined;
  } catch {
    return false;
  }
}
