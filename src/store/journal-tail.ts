import { newline } from "./chain.ts";
import { longestJournal } from "./layout.ts";
import { StateFault } from "./state-check.ts";
import { openState } from "./state-file.ts";

/**
 * Follows a journal that other processes write to: each reading brings the whole lines that came since the one
 * before. Whether the chain holds is not asked: messages are sent from a damaged journal too, and `verify` says what
 * is wrong with it.
 */
export class JournalTail {
  private readonly path: string;
  private readonly root: string;
  private known = 0;

  /** @param root the state folder */
  constructor(path: string, root: string) {
    this.path = path;
    this.root = root;
  }

  /** @throws StateFault, when it is no file of this user's own, or shorter than it was. */
  async read(): Promise<readonly string[]> {
    const file = await openState(this.path, longestJournal, { root: this.root });
    if (file === undefined) return [];
    try {
      const { size } = await file.stat();
      if (size < this.known) throw new StateFault(`${this.path} was truncated by somebody else`);
      const buffer = Buffer.alloc(size - this.known);
      let length = 0;
      for (let read = -1; read !== 0 && length < buffer.length; length += read) {
        read = (await file.read(buffer, length, buffer.length - length, this.known + length)).bytesRead;
      }
      // What has no end yet is being written, or is torn and will be cut off.
      const end = buffer.subarray(0, length).lastIndexOf(newline) + 1;
      this.known += end;
      return end === 0 ? [] : buffer.toString("utf8", 0, end - 1).split("\n");
    } finally {
      await file.close();
    }
  }
}
