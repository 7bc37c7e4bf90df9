import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
  type Stats,
} from "node:fs";
import { fail, ok, type Result } from "../../base/result.ts";

export interface OpenRule {
  /** Whether a link at the path is followed. */
  readonly links: "follow" | "refuse";
  /** Whether a named pipe will do as well. */
  readonly pipes?: boolean;
}

/** Nothing that stands at a path is waited for at its opening, and no terminal becomes this process's own. */
const unhurried = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * Opens a file to read, at once or not at all; the caller closes it.
 * @returns why it was not opened, in words that complete "…: ".
 */
export function openPlain(
  path: string,
  rule: OpenRule,
): Result<{ readonly fd: number; readonly pipe: boolean }, string> {
  const follow = rule.links === "follow";
  let fd: number | undefined;
  try {
    // Looked at first: some devices do something at being opened. What counts is what was opened.
    const before = unfit(follow ? statSync(path) : lstatSync(path), rule);
    if (before !== undefined) return fail(before);
    fd = openSync(path, follow ? unhurried : unhurried | constants.O_NOFOLLOW);
    const stat = fstatSync(fd);
    const after = unfit(stat, rule);
    if (after === undefined) return ok({ fd, pipe: stat.isFIFO() });
    closeSync(fd);
    return fail(after);
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    return fail(whyNot(error));
  }
}

/**
 * Reads a regular file whole. A named pipe, a device, or a file that has no end keeps nobody waiting.
 * @param limit bytes that it may have
 * @returns why it was not read, in words that complete "…: ".
 */
export function readRegular(path: string, limit: number, rule: OpenRule): Result<Buffer, string> {
  const opened = openPlain(path, { ...rule, pipes: false });
  if (!opened.ok) return opened;
  const { fd } = opened.value;
  try {
    // What calls itself empty (a file of /proc) or grows meanwhile is read up to the same limit.
    const buffer = Buffer.alloc(limit + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(fd, buffer, length, buffer.length - length, null);
    }
    return length > limit ? fail(tooLong(limit)) : ok(buffer.subarray(0, length));
  } catch (error) {
    return fail(whyNot(error));
  } finally {
    closeSync(fd);
  }
}

export function tooLong(limit: number): string {
  return `it is longer than ${limit / 1024} KiB`;
}

function unfit(stat: Stats, { pipes = false }: OpenRule): string | undefined {
  if (stat.isFile() || (pipes && stat.isFIFO())) return undefined;
  return `it is ${kindOf(stat)}, not ${pipes ? "a file or a pipe" : "a regular file"}`;
}

function kindOf(stat: Stats): string {
  if (stat.isSymbolicLink()) return "a link";
  if (stat.isDirectory()) return "a directory";
  if (stat.isFIFO()) return "a named pipe";
  return stat.isSocket() ? "a socket" : "a device";
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is a file",
  EACCES: "this user may not read it",
  EPERM: "this user may not read it",
  ELOOP: "it is a circular link",
  EAGAIN: "nothing can be read from it now",
};

/** An error of the system in words that complete "…: ". */
export function whyNot(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return reasons[code] ?? (error instanceof Error ? error.message : String(error));
}
