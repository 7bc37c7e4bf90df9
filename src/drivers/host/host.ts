import { closeSync, constants, openSync, readSync } from "node:fs";
import { open, readdir, readlink, statfs, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Machine } from "../../ports/evidence.ts";
import { errorCode, messageOf } from "../network.ts";

/** A record of the kernel's ring is never longer. */
const longestRecord = 8192;
/** Bytes. */
const firstRead = 8192;

/** @param root the folder that stands for `/`. */
export function createMachine(root = "/"): Machine {
  const place = (path: string): string => join(root, path);
  return {
    host: hostname(),
    text: (path, maxBytes) =>
      attempt(path, async () => {
        // A pipe that somebody put there would keep an ordinary open waiting for ever.
        const handle = await open(place(path), constants.O_RDONLY | constants.O_NONBLOCK);
        try {
          return await upTo(handle, maxBytes);
        } finally {
          await handle.close();
        }
      }),
    names: (folder) => attempt(folder, async () => (await readdir(place(folder))).toSorted()),
    link: (path) => attempt(path, async () => await readlink(place(path))),
    space: (path) =>
      attempt(path, async () => {
        const { bsize, blocks, bavail, files, ffree } = await statfs(place(path), { bigint: true });
        return { bytes: bsize * blocks, freeBytes: bsize * bavail, inodes: files, freeInodes: ffree };
      }),
    kernelLog: (maxBytes) => attempt("/dev/kmsg", () => Promise.resolve(ring(place("/dev/kmsg"), maxBytes))),
  };
}

/** The kernel's files say no size: what is read into grows with what comes, since most are small and there are many. */
async function upTo(handle: FileHandle, maxBytes: number): Promise<string> {
  let buffer = Buffer.allocUnsafe(Math.min(maxBytes, firstRead));
  let size = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size, null);
    size += bytesRead;
    if (bytesRead === 0 || size === maxBytes) return buffer.toString("utf8", 0, size);
    if (size < buffer.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(maxBytes, buffer.length * 4));
    buffer.copy(larger, 0, 0, size);
    buffer = larger;
  }
}

/** Reads until the ring says that a next record is not there yet; keeps the newest. */
function ring(path: string, maxBytes: number): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const record = Buffer.alloc(longestRecord);
  const lines: string[] = [];
  let size = 0;
  try {
    for (;;) {
      const read = next(fd, record);
      if (read === undefined) continue;
      if (read === 0) break;
      const line = record.toString("utf8", 0, read);
      lines.push(line);
      size += line.length;
      while (size > maxBytes) size -= lines.shift()?.length ?? size;
    }
  } finally {
    closeSync(fd);
  }
  return lines.join("");
}

/** 0 at the end; undefined where a record was overwritten before it could be read, and the next one comes. */
function next(fd: number, record: Buffer): number | undefined {
  try {
    return readSync(fd, record, 0, record.length, null);
  } catch (error) {
    if (errorCode(error) === "EPIPE") return undefined;
    if (errorCode(error) === "EAGAIN") return 0;
    throw error;
  }
}

async function attempt<T>(path: string, read: () => Promise<T>): Promise<Result<T>> {
  try {
    return ok(await read());
  } catch (error) {
    return fail(failureOf(path, error));
  }
}

function failureOf(target: string, error: unknown): Failure {
  const code = errorCode(error);
  if (code === "EACCES" || code === "EPERM")
    return { type: "denied", target, message: "this user may not read it" };
  // ESRCH: the process whose file it was has ended.
  if (code === "ENOENT" || code === "ESRCH" || code === "ENOTDIR")
    return { type: "missing", target, message: `there is no ${target}` };
  return { type: "unreadable", target, message: messageOf(error) };
}
