import { createHash } from "node:crypto";

// What `--approve` takes: the digest of a change, good for a day. A digest alone would stand for the same change for
// ever, in a script or in a shell's history; so the hour at which it was shown is hashed in, which needs no record of
// what was given, holds on another machine, and cannot be lengthened by whoever edits it.

const hour = 3_600_000;
/** Hours that a code is good for. */
export const goodFor = 24;
/** Hours for which one that is too old is told from one of another change. */
const remembered = 30 * 24;

function codeAt(digest: string, hours: number): string {
  return createHash("sha256").update(`lav-ir --approve ${digest} ${hours}`).digest("hex");
}

/** The code by which a change may be consented to from now on. */
export function approveCode(digest: string, now: Date): string {
  return codeAt(digest, Math.floor(now.getTime() / hour));
}

/**
 * Whether one of the codes is of this change: `good`, or `old` where it was shown more than a day ago. One that another
 * machine's clock put an hour ahead is good.
 */
export function codeFor(digest: string, codes: readonly string[], now: Date): "good" | "old" | undefined {
  if (codes.length === 0) return undefined;
  const at = Math.floor(now.getTime() / hour);
  for (let age = -1; age <= remembered; age++)
    if (codes.includes(codeAt(digest, at - age))) return age <= goodFor ? "good" : "old";
  return undefined;
}
