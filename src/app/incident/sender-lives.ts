import { lockHolder } from "../../store/lock.ts";
import { senderLock } from "../../store/layout.ts";
import { StateFault } from "../../store/state-check.ts";

/** The process that sends for this desk; or that none does, and why none can where that is known. */
export type Sending = { readonly pid: number } | { readonly nobody: true; readonly why?: string };

/** Never throws: what stands in the lock's place keeps pages from being sent, and no command from saying so. */
export function sendingAt(state: string): Sending {
  try {
    const holder = lockHolder(senderLock(state));
    return holder === undefined ? { nobody: true } : { pid: holder.pid };
  } catch (error) {
    if (error instanceof StateFault) return { nobody: true, why: error.message };
    throw error;
  }
}

/** Said wherever messages are queued while nobody on this desk sends them. @returns nothing where somebody sends */
export function nobodySends(sending: Sending): readonly string[] {
  if ("pid" in sending) return [];
  const why = sending.why === undefined ? "" : ` (${sending.why})`;
  return [`NO SENDER RUNS ON THIS DESK: queued pages are not sent; call instead${why}`];
}

/**
 * Said of an open incident that has paged somebody while nobody on this desk goes on with it: nothing waits to be sent,
 * and still the next person is not paged. @returns nothing where somebody does
 */
export function nobodyFollows(sending: Sending): readonly string[] {
  if ("pid" in sending) return [];
  return ["NO SENDER RUNS ON THIS DESK: no clock pages, no answer is read; lav-ir sender"];
}
