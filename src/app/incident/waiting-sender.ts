// A sender that was started before there is anything to send. A pipe is all there is between the two: a word on it means
// that messages are on the disk, its end without one that nothing was queued. So whatever becomes of the command that
// started it, the sender hears of it, and never outlives that command without work.
import type { ChildProcess } from "node:child_process";
import { read } from "node:fs";
import { Socket } from "node:net";
import { promisify } from "node:util";

/** Of `lav-ir sender`: it waits for the word on its stdin. */
export const toldArgument = "--when-told";

/** As seen by who started it. */
export interface WaitingSender {
  readonly pid: number;
  /**
   * Messages are queued.
   * @param lost called where nobody was there to read it
   * @returns false where it is known by now to have ended
   */
  tell(lost: () => void): boolean;
  /** Nothing comes any more; after `tell` this means nothing. */
  dismiss(): void;
}

const word = "queued\n";

/** @param child started with a pipe as its stdin */
export function waitingFor(child: ChildProcess): WaitingSender | undefined {
  const { pid, stdin } = child;
  if (pid === undefined || stdin === null) return undefined;
  // It may have ended: then nobody reads.
  stdin.on("error", () => {});
  if (stdin instanceof Socket) stdin.unref();
  return {
    pid,
    tell: (lost) => {
      if (child.exitCode !== null || child.signalCode !== null || stdin.destroyed) return false;
      // This process hears of an end some time after it: the pipe knows at once.
      stdin.once("error", lost);
      stdin.end(word);
      return true;
    },
    dismiss: () => void stdin.end(),
  };
}

/** As seen by the sender. @returns whether there is something to send. */
export async function wasTold(): Promise<boolean> {
  const { bytesRead } = await promisify(read)(0, Buffer.alloc(word.length), 0, word.length, null);
  return bytesRead > 0;
}
