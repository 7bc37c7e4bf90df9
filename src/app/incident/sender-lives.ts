import { lockHolder } from "../../store/lock.ts";
import { senderLock } from "../../store/layout.ts";

/** Said wherever messages are queued while nobody on this desk sends them. @returns nothing where somebody does */
export function noSender(state: string): readonly string[] {
  const lives = lockHolder(senderLock(state)) !== undefined;
  return lives ? [] : ["NO SENDER RUNS ON THIS DESK: queued pages are not sent; call instead"];
}
