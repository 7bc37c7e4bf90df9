import type { FileHandle } from "node:fs/promises";
import { fail, ok, type Result } from "../../base/result.ts";
import type { FilePlace, Files, FileStat, OpenFile } from "../../ports/files.ts";
import { messageOf, timedOut } from "../network.ts";
import { openBelow } from "./open.ts";

/** Bytes of a piece, and of the longest line that is kept whole. */
const piece = 256 * 1024;
const newline = 10;

/** Files of this machine, below folders by name. */
export function createFiles(folders: Readonly<Record<string, string>>): Files {
  const openPlace = async (place: FilePlace): Promise<Result<FileHandle>> => {
    const target = nameOf(place);
    const folder = Object.hasOwn(folders, place.root) ? folders[place.root] : undefined;
    if (folder !== undefined) return await openBelow(folder, place.path, target);
    const message = `the platform file has no files.${place.root}`;
    return fail({ type: "argument", target, message, effect: "none" });
  };
  return {
    open: async (place) => {
      const handle = await openPlace(place);
      if (!handle.ok) return handle;
      const { size, mtime, ino, dev } = await handle.value.stat();
      const isStill = async (other: FilePlace): Promise<boolean> => {
        const now = await openPlace(other);
        if (!now.ok) return false;
        const found = await now.value.stat();
        await now.value.close();
        return found.ino === ino && found.dev === dev;
      };
      return ok(new ReadFile(handle.value, nameOf(place), { size, modified: mtime }, isStill));
    },
  };
}

function nameOf({ root, path }: FilePlace): string {
  return `${root}/${path}`;
}

class ReadFile implements OpenFile {
  readonly stat: FileStat;
  readonly isStill: OpenFile["isStill"];
  private readonly handle: FileHandle;
  private readonly target: string;

  constructor(handle: FileHandle, target: string, stat: FileStat, isStill: OpenFile["isStill"]) {
    this.handle = handle;
    this.target = target;
    this.stat = stat;
    this.isStill = isStill;
  }

  async *backwards(signal: AbortSignal): AsyncGenerator<Result<Uint8Array>, void> {
    const started = performance.now();
    const { size } = this.stat;
    // The kernel's own files (below /proc) call themselves empty, and are not.
    if (size === 0) {
      const whole = await this.bytes(0, piece);
      if (!whole.ok || whole.value.length > 0) yield whole;
      return;
    }
    /** The beginning of the line that the piece before this one ends in. */
    let rest: Buffer = Buffer.alloc(0);
    for (let end = size; end > 0;) {
      if (signal.aborted) {
        yield fail(timedOut(this.target, "reading it", started, signal));
        return;
      }
      const from = Math.max(0, end - piece);
      const read = await this.bytes(from, end - from);
      if (!read.ok) {
        yield read;
        return;
      }
      if (read.value.length < end - from) {
        yield fail({
          type: "unreadable",
          target: this.target,
          message: "it became shorter while it was read",
        });
        return;
      }
      const bytes = Buffer.concat([read.value, rest]);
      const first = from === 0 ? 0 : bytes.indexOf(newline) + 1;
      // A line that is longer than a piece comes in parts.
      const cut = first === 0 && from > 0 ? (bytes.length > 4 * piece ? 0 : bytes.length) : first;
      rest = Buffer.from(bytes.subarray(0, cut));
      if (cut < bytes.length) yield ok(bytes.subarray(cut));
      end = from;
    }
    if (rest.length > 0) yield ok(rest);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handle.close();
  }

  private async bytes(from: number, length: number): Promise<Result<Buffer>> {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    try {
      while (filled < length) {
        const { bytesRead } = await this.handle.read(buffer, filled, length - filled, from + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return ok(buffer.subarray(0, filled));
    } catch (error) {
      return fail({ type: "unreadable", target: this.target, message: messageOf(error) });
    }
  }
}
