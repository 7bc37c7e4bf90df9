import { lockHolder } from "../../store/lock.ts";
import { senderLock } from "../../store/layout.ts";

/** Said wherever messages are queued while nobody on this desk sends them. */
export const nobodySends = "NO SENDER RUNS ON THIS DESK: queued pages are not sent; call instead";

/** @returns nothing where somebody sends */
export function noSender(state: string): readonly string[] {
  return lockHolder(senderLock(state)) === undefined ? [nobodySends] : [];
}
