import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf, diskFault } from "../base/disk-fault.ts";
import {
  checkFile,
  checkWay,
  StateFault,
  unreadable,
  type FileRule,
  type StatePlace,
} from "./state-check.ts";
import { makeStateFolder, syncFolder } from "./state-folder.ts";

// The one way to what lies under the state folder, and to what is put beside it: no link is followed, nothing
// that could keep an open waiting is waited for, and a file that is not this user's own is not used.

interface Creating extends StatePlace {
  /** Whether it must be on the disk when it is there; true when nothing is said. */
  readonly flush?: boolean;
  /** 0600 when nothing is said. */
  readonly mode?: number;
  /** Beside what another user keeps, in a folder of theirs: it is neither made nor judged. */
  readonly beside?: boolean;
  /** Nobody may find it half written: it gets its name by a hard link, and has two for a moment. */
  readonly whole?: boolean;
}

interface Reading extends StatePlace, Partial<FileRule> {}

const own: FileRule = { owner: "own", links: 1 };
const unfollowed = constants.O_NOFOLLOW | constants.O_NONBLOCK;
const exclusively = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | unfollowed;

/**
 * A file whole.
 * @param limit bytes that it may have.
 * @returns undefined when there is none.
 * @throws StateFault, or what the disk says.
 */
export function readStateSync(path: string, limit: number, reading: Reading = {}): Buffer | undefined {
  try {
    return readWhole(path, limit, reading);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function readWhole(path: string, limit: number, reading: Reading): Buffer | undefined {
  const rule = { ...own, ...reading };
  if (!standsSafely(path, rule, reading.root)) return undefined;
  const fd = openUnlessGone(path);
  if (fd === undefined) return undefined;
  try {
    const stat = fstatSync(fd);
    checkFile(path, stat, rule);
    const buffer = Buffer.allocUnsafe(roomFor(path, stat.size, limit));
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = readSync(fd, buffer, length, buffer.length - length, null);
    }
    return within(path, buffer, length, limit);
  } finally {
    closeSync(fd);
  }
}

/** The same for whoever must not stand still while the disk does. */
export async function readState(
  path: string,
  limit: number,
  reading: Reading = {},
): Promise<Buffer | undefined> {
  return await readWholeSoon(path, limit, reading).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

async function readWholeSoon(path: string, limit: number, reading: Reading): Promise<Buffer | undefined> {
  const file = await openState(path, limit, reading);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const buffer = Buffer.allocUnsafe(roomFor(path, size, limit));
    let length = 0;
    for (let read = -1; read !== 0 && length < buffer.length; length += read) {
      read = (await file.read(buffer, length, buffer.length - length, null)).bytesRead;
    }
    return within(path, buffer, length, limit);
  } finally {
    await file.close();
  }
}

/**
 * Opens a file to read it piece by piece.
 * @param limit bytes that it may have now.
 * @returns undefined when there is none; the caller closes it.
 * @throws StateFault, or what the disk says.
 */
export async function openState(
  path: string,
  limit: number,
  reading: Reading = {},
): Promise<FileHandle | undefined> {
  const rule = { ...own, ...reading };
  let file: FileHandle | undefined;
  try {
    if (!standsSafely(path, rule, reading.root)) return undefined;
    file = await open(path, constants.O_RDONLY | unfollowed).catch(unlessGone);
    if (file === undefined) return undefined;
    const stat = await file.stat();
    checkFile(path, stat, rule);
    if (stat.size > limit) throw tooLong(path, limit);
    return file;
  } catch (error) {
    await file?.close();
    throw unreadable(path, error);
  }
}

/**
 * Opens a file to append to and to read, with its folder made (0700) and itself (0600) where they are not there.
 * @returns the descriptor; the caller closes it.
 * @throws StateFault, or what the disk says.
 */
export function openToAppend(path: string, { root }: StatePlace = {}): number {
  makeStateFolder(dirname(path), { root });
  standsSafely(path, own, root);
  const fd = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | unfollowed, 0o600);
  try {
    const stat = fstatSync(fd);
    checkFile(path, stat, own);
    // Nobody but the operator reads it, even where an older file or another umask allowed it.
    if ((stat.mode & 0o077) !== 0) fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Writes a file where nothing stands yet, and its folder where that is not there.
 * @returns false when something stands there, which is left alone.
 * @throws StateFault, or what the disk says.
 */
export function createState(
  path: string,
  data: string | Buffer,
  { root, flush = true, mode = 0o600, beside = false, whole = false }: Creating = {},
): boolean {
  if (!beside) makeStateFolder(dirname(path), { root });
  if (whole) return linked(path, data, { flush, mode, beside: true });
  let fd: number;
  try {
    fd = openSync(path, exclusively, mode);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
  try {
    const bytes = Buffer.from(data);
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    if (flush) fsyncSync(fd);
  } catch (error) {
    removeState(path);
    throw error;
  } finally {
    closeSync(fd);
  }
  return true;
}

function linked(path: string, data: string | Buffer, creating: Creating): boolean {
  const draft = `${path}.${randomUUID()}`;
  createState(draft, data, creating);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    removeState(draft);
  }
}

/**
 * Puts a file (0600) in its place, whole or not at all; what stood there is replaced, a link itself and not
 * what it leads to.
 * @throws StateFault, or what the disk says.
 */
export function writeStateSync(path: string, data: string | Buffer, creating: Creating = {}): void {
  const draft = `${path}.${randomUUID()}.partial`;
  createState(draft, data, creating);
  try {
    renameSync(draft, path);
    syncFolder(dirname(path));
  } catch (error) {
    removeState(draft);
    throw error;
  }
}

/** Whether there is a file that may be used. @throws StateFault, when there is one that may not be. */
export function hasState(path: string, { root }: StatePlace = {}): boolean {
  try {
    return standsSafely(path, own, root);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Removes a file, or a link itself; none is no fault. */
export function removeState(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  }
}

/** What stood in the way, as it completes "…: ". */
export function stateFault(error: unknown): string {
  return error instanceof StateFault ? error.message : diskFault(error);
}

/** As one that is told, and not taken for a bug, where the disk stood in the way of this. */
export function asStateFault(what: string, error: unknown): Error {
  return codeOf(error) === undefined ? (error as Error) : new StateFault(`${what}: ${diskFault(error)}`);
}

/** Looks before it opens: some devices do something at being opened. What counts is what the descriptor says. */
function standsSafely(path: string, rule: FileRule, root = dirname(path)): boolean {
  if (rule.owner === "own" && !checkWay(dirname(path), root)) return false;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  checkFile(path, stat, rule);
  return true;
}

/** Between the look and the opening another process may have removed it: a lock that is given back. */
function openUnlessGone(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | unfollowed);
  } catch (error) {
    return unlessGone(error);
  }
}

function unlessGone(error: unknown): undefined {
  if (codeOf(error) === "ENOENT") return undefined;
  throw error;
}

function roomFor(path: string, size: number, limit: number): number {
  if (size > limit) throw tooLong(path, limit);
  // One more shows that it grew meanwhile; what calls itself empty may still have something in it.
  return Math.min(limit, Math.max(size, 4096)) + 1;
}

function within(path: string, buffer: Buffer, length: number, limit: number): Buffer {
  if (length > limit) throw tooLong(path, limit);
  return buffer.subarray(0, length);
}

function tooLong(path: string, limit: number): StateFault {
  const text = limit >= 1_048_576 ? `${limit / 1_048_576} MiB` : `${limit} bytes`;
  return new StateFault(`${path} is longer than ${text}, the most that is read`);
}
