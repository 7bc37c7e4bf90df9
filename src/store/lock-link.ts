// A lock on a full disk. A file needs a block for what it says; a symbolic link of fewer than 60 bytes has its target in
// its own inode (ext4, XFS, tmpfs), and like a hard link it appears whole or not at all, where nothing stands. So where
// a file cannot be written, the link's target says who holds the lock, in few words. Nobody follows it.
import { createHash } from "node:crypto";
import { lstatSync, readlinkSync, symlinkSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "../base/disk-fault.ts";

/** What a link has room for. */
export interface LinkedHolder {
  readonly pid: number;
  readonly start: string;
  readonly nonce: string;
  /** The pid namespace, as the kernel names it: `pid:[4026531836]`. */
  readonly namespace: string;
  readonly elsewhere: boolean;
  readonly since: Date;
}

/** Whether a disk has no block left for a file. */
export function hasNoBlock(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "EDQUOT";
}

/** @returns false when something stands at the path already. */
export function putLink(
  path: string,
  holder: Pick<LinkedHolder, "pid" | "start" | "nonce" | "namespace">,
): boolean {
  const { pid, start, nonce, namespace } = holder;
  const short = nonce.replaceAll("-", "").slice(0, 12);
  try {
    symlinkSync(`${pid} ${start} ${short} ${hostDigest()} ${/\d+/.exec(namespace)?.[0] ?? "-"}`, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Whoever holds the lock by a link; undefined where it is none. */
export function readLink(path: string): LinkedHolder | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() !== true) return undefined;
    const said = /^(\d+) (\S+) ([0-9a-f]{12}) ([0-9a-f]{8}) (\d+|-)$/.exec(readlinkSync(path));
    if (said === null) return undefined;
    const [, pid = "", start = "", nonce = "", host = "", namespace = ""] = said;
    return {
      pid: Number(pid),
      start,
      nonce,
      namespace: namespace === "-" ? "-" : `pid:[${namespace}]`,
      elsewhere: host !== hostDigest(),
      since: stat.mtime,
    };
  } catch (error) {
    // It was released in between.
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Eight digits that tell hosts apart. */
function hostDigest(): string {
  return createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
}
