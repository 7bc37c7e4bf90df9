import { constants } from "node:fs";
import { lstat, open, realpath, stat, type FileHandle } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { errorCode, messageOf } from "../network.ts";

// A file is opened in three steps, so that no link leads out of its folder, however often somebody changes what is on
// the way: the path without its links, which has to lie in the folder; the opening, which follows no link; and once
// more the path, which has to lead to the very file that is open.

/** A pipe is not waited for, and no terminal becomes this process's own. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/** @param target how the file is named in a failure. */
export async function openBelow(folder: string, path: string, target: string): Promise<Result<FileHandle>> {
  const within = await resolved(folder, path, target);
  if (!within.ok) return within;
  let handle: FileHandle | undefined;
  try {
    const before = await lstat(within.value);
    if (!before.isFile()) return fail(notPlain(target));
    handle = await open(within.value, flags);
    const opened = await handle.stat();
    const again = await resolved(folder, path, target);
    if (!again.ok) return again;
    const now = await stat(again.value);
    if (!opened.isFile()) return fail(notPlain(target));
    if (now.ino !== opened.ino || now.dev !== opened.dev) {
      return fail({ type: "unreadable", target, message: "it was replaced while it was opened" });
    }
    const kept = handle;
    handle = undefined;
    return ok(kept);
  } catch (error) {
    return fail(failureOf(error, target));
  } finally {
    await handle?.close();
  }
}

/** Where a path leads, links and all; it has to be in its folder. */
async function resolved(folder: string, path: string, target: string): Promise<Result<string>> {
  let root: string;
  try {
    root = await realpath(folder);
  } catch (error) {
    // The folder is the instrument: without it nothing is known of the file.
    const message = `its folder ${folder} cannot be read: ${errorCode(error) ?? messageOf(error)}`;
    return fail({ type: "unreadable", target, message });
  }
  try {
    const real = await realpath(join(root, path));
    const inside = real === root || real.startsWith(root === sep ? sep : `${root}${sep}`);
    return inside ? ok(real) : fail({ type: "denied", target, message: `a link leads out of ${folder}` });
  } catch (error) {
    return fail(failureOf(error, target));
  }
}

function notPlain(target: string): Failure {
  return { type: "unreadable", target, message: "it is not a regular file" };
}

function failureOf(error: unknown, target: string): Failure {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return { type: "missing", target, message: `there is no file ${target}` };
  }
  if (code === "EACCES" || code === "EPERM") {
    return { type: "denied", target, message: "reading it is not allowed" };
  }
  return { type: "unreadable", target, message: messageOf(error) };
}
