import type { Stats } from "node:fs";
import { lstat, readlink } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { shellLiteral } from "../../base/quote.ts";
import type { Identity } from "./identity.ts";
import { loginOf } from "./login.ts";

/** Links that a path may lead through: the kernel's own limit. */
const maxLinks = 40;
const everybodyWrites = 0o002;
const groupWrites = 0o020;
const sticky = 0o1000;

/** A file that somebody else could change, or put another in the place of. */
export interface Distrust {
  /** Owner and mode of the file, or of a folder or link on the way to it. */
  readonly why: string;
  /** The command that mends it. */
  readonly mend: string;
}

/** The file that was looked at, or why it is not trusted. */
export type FileTrust =
  | { readonly trusted: true; readonly stat: Stats }
  | { readonly trusted: false; readonly distrust: Distrust };

/**
 * Looks at a file, and at every folder and link on the way to it: who may write in a folder may put
 * another file in the place of this one.
 * @param path absolute
 */
export async function lookAtFile(path: string, identity: Identity): Promise<FileTrust> {
  const todo = partsOf(path);
  let at = "/";
  let links = 0;
  // All at once, as if there were no link on the way: each question alone takes a turn of another thread.
  const asked = new Map(pathsTo(path).map((one) => [one, look(one)]));
  for (;;) {
    const stat = await (asked.get(at) ?? look(at));
    if (typeof stat === "string") return notSeen(at, stat);
    const distrust = judge({ path: at, stat, last: todo.length === 0 }, identity);
    if (distrust !== undefined) return { trusted: false, distrust };
    if (stat.isSymbolicLink()) {
      if (++links > maxLinks) return notSeen(at, "ELOOP");
      const target = await readlink(at).catch((error: unknown) => error);
      if (typeof target !== "string") return notSeen(at, codeOf(target));
      todo.unshift(...partsOf(target));
      at = isAbsolute(target) ? "/" : dirname(at);
    }
    const next = todo.shift();
    if (next === undefined) return { trusted: true, stat };
    // No link is left in `at`: what `..` means is the folder above it.
    at = next === ".." ? dirname(at) : join(at, next);
  }
}

async function look(path: string): Promise<Stats | string> {
  return await lstat(path).catch((error: unknown) => codeOf(error));
}

/** A path and every folder on the way to it. */
function pathsTo(path: string): readonly string[] {
  const paths = ["/"];
  for (const part of partsOf(path)) paths.push(join(paths.at(-1) ?? "/", part));
  return paths;
}

function partsOf(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}

function notSeen(path: string, code: string): FileTrust {
  const distrust = { why: `cannot stat ${path} (${code})`, mend: `ls -ld ${shellLiteral(path)}` };
  return { trusted: false, distrust };
}

interface Place {
  readonly path: string;
  readonly stat: Stats;
  /** The file itself, not a folder on the way to it. */
  readonly last: boolean;
}

function judge({ path, stat, last }: Place, { uids, gids }: Identity): Distrust | undefined {
  const link = stat.isSymbolicLink();
  const it = link ? `the link ${path}` : last ? path : `the folder ${path}`;
  const said = `${it} is owned by ${loginOf(stat.uid)} and has mode ${octal(stat.mode)}`;
  const name = shellLiteral(path);
  const me = uids[1] ?? 0;
  const sudo = me === 0 || me === stat.uid ? "" : "sudo ";
  if (!uids.includes(stat.uid)) {
    const mend = `sudo chown ${link ? "-h " : ""}${loginOf(me)} ${name}`;
    return { why: `${said}: it must be ${me === 0 ? "root's" : `${loginOf(me)}'s or root's`}`, mend };
  }
  // In a sticky folder only its owner takes an entry away, and the entry's owner is looked at as well.
  if (link || (!last && (stat.mode & sticky) !== 0)) return undefined;
  if ((stat.mode & everybodyWrites) !== 0) {
    return { why: `${said}: everybody can write to it`, mend: `${sudo}chmod go-w ${name}` };
  }
  if ((stat.mode & groupWrites) !== 0 && !gids.includes(stat.gid)) {
    const group = loginOf(stat.gid, "/etc/group");
    return { why: `${said}: the group ${group} can write to it`, mend: `${sudo}chmod g-w ${name}` };
  }
  return undefined;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}
