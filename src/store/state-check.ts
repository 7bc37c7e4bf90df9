import { lstatSync, readFileSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { geteuid } from "node:process";
import { dirname, join, parse, resolve } from "node:path";
import { codeOf, diskFault } from "../base/disk-fault.ts";
import { shellLiteral } from "../base/quote.ts";

/**
 * Why a file or a folder of records must not be used: what is at the path, whose it is, and the command that
 * mends it, in words that complete "…: ".
 */
export class StateFault extends Error {}

/** How the kernel shows an owner whom a user namespace (a rootless container) does not know: the real root, most often. */
const unmapped = 65_534;

/** Who may have a file that is read: this user alone, or, where what stands in it proves itself, anybody. */
export type Owner = "own" | "any";

/** What a path is judged with. */
export interface StatePlace {
  /** The state folder: it and all folders below it are judged. Without it, the file's own folder is. */
  readonly root?: string | undefined;
}

export interface FileRule {
  readonly owner: Owner;
  /** Names that the file may have: a lock is put in its place by a second one. */
  readonly links: number;
}

/**
 * Judges a file by what its descriptor says, or beforehand by what stands at its path.
 * @throws StateFault
 */
export function checkFile(path: string, stat: Stats, { owner, links }: FileRule): void {
  const aside = `inspect it, then: mv ${shellLiteral(path)} ${shellLiteral(`${path}.aside`)}`;
  if (stat.isSymbolicLink()) {
    const to = shown(() => ` to ${readlinkSync(path)}`);
    throw new StateFault(
      `${path} is a symbolic link${to} (${ownerOf(stat)}); links are not followed; ${aside}`,
    );
  }
  if (!stat.isFile())
    throw new StateFault(`${path} is ${what(stat)} (${ownerOf(stat)}), not a regular file; ${aside}`);
  if (owner === "any") return;
  if (isAnothers(stat)) {
    throw new StateFault(`${path} belongs to another user (${ownerOf(stat)}); run as that user, or ${aside}`);
  }
  if (stat.nlink > links) {
    throw new StateFault(
      `${path} has ${stat.nlink} names (hard links): writing here would change another file; ${aside}`,
    );
  }
  if (othersWrite(stat)) {
    throw new StateFault(
      `${path} can be written by others (${ownerOf(stat)}); inspect its content, then: chmod 600 ${shellLiteral(path)}`,
    );
  }
}

/**
 * Judges a folder of records: this user's, no link, and closed to everybody else. It is looked at by its path:
 * whoever could change what is there between the look and the use could do so above it, and that is refused.
 * @returns false when there is none.
 * @throws StateFault
 */
export function checkFolder(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (stat.isSymbolicLink()) {
    const to = shown(() => resolve(dirname(path), readlinkSync(path)));
    const there = to === "" ? "" : ` to ${to}`;
    throw new StateFault(
      `${path} is a symbolic link${there} (${ownerOf(stat)}); links are not followed: name the folder itself with --state-dir`,
    );
  }
  if (!stat.isDirectory()) throw new StateFault(`a part of its path is a file: ${path} is ${what(stat)}`);
  if (isAnothers(stat)) {
    throw new StateFault(
      `${path} belongs to another user (${ownerOf(stat)}); run as that user, or name another folder with --state-dir`,
    );
  }
  if ((stat.mode & 0o077) !== 0) {
    throw new StateFault(`${path} is open to others (${ownerOf(stat)}); chmod 700 ${shellLiteral(path)}`);
  }
  return true;
}

/**
 * `checkFile` and `checkFolder` for a shell, as arguments of `find` in `$file` and `$folder`: a halt asks another
 * process, which must come to the same answer without this program.
 */
export const findRules = `
uid=$(id -u)
owner="-user $uid"
read -r _ _ ids </proc/self/uid_map && [ "$ids" != 4294967295 ] && owner="( -user $uid -o -user ${unmapped} )"
file="-type f $owner -links 1 ! -perm -o+w ! ( -perm -g+w ! -group $uid )"
folder="-type d $owner ! -perm -g+r ! -perm -g+w ! -perm -g+x ! -perm -o+r ! -perm -o+w ! -perm -o+x"
`;

/**
 * Judges what is above the folder of all records: where somebody else can rename there, another folder may
 * stand in its place at any time. In a sticky one (/tmp) only the owner of what is in it can.
 * @throws StateFault
 */
export function checkAbove(folder: string): void {
  const parent = dirname(resolve(folder));
  for (const path of new Set([...partsOf(parent), ...partsOf(shown(() => realpathSync(parent)))])) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (!stat.isDirectory() && !stat.isSymbolicLink())
      throw new StateFault(`a part of its path is a file: ${path} is ${what(stat)}`);
    const sticky = (stat.mode & 0o1000) !== 0;
    const link = stat.isSymbolicLink();
    if (stat.uid !== 0 && isAnothers(stat)) {
      throw new StateFault(
        `${path} belongs to another user (${ownerOf(stat)}), who can put another folder in the place of ${folder}; name one elsewhere with --state-dir`,
      );
    }
    if (!link && !sticky && othersWrite(stat)) {
      throw new StateFault(
        `others can write in ${path} (${ownerOf(stat)}), and put another folder in the place of ${folder}; chmod go-w ${shellLiteral(path)}, or name one elsewhere with --state-dir`,
      );
    }
  }
}

/** Judges the folders from the state folder down to this one. @returns false when one is not there. @throws StateFault */
export function checkWay(folder: string, root: string): boolean {
  const [inner, outer] = [resolve(folder), resolve(root)];
  checkAbove(outer);
  return partsOf(inner)
    .filter((path) => isWithin(path, outer))
    .every(checkFolder);
}

/** Whether a path is the folder, or below it; both as `resolve` gives them. */
export function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}/`);
}

/** What stood in the way of a look, as a StateFault where the disk said it. */
export function unreadable(path: string, error: unknown): Error {
  if (error instanceof StateFault || codeOf(error) === undefined) return error as Error;
  const code = codeOf(error);
  const why = code === "EACCES" || code === "EPERM" ? "this user may not read it" : diskFault(error);
  return new StateFault(`cannot read ${path}: ${why}`);
}

/** The folder and those above it, the highest first. */
export function partsOf(folder: string): readonly string[] {
  if (folder === "") return [];
  const { root } = parse(folder);
  const names = folder.slice(root.length).split("/").filter(Boolean);
  return [root, ...names.map((_, index) => join(root, ...names.slice(0, index + 1)))];
}

function isAnothers({ uid }: Stats): boolean {
  const own = geteuid?.();
  return own !== undefined && uid !== own && !(uid === unmapped && inUserNamespace());
}

function inUserNamespace(): boolean {
  return !/^\s*0\s+0\s+4294967295\s*$/.test(
    shown(() => readFileSync("/proc/self/uid_map", "utf8")) || "0 0 4294967295",
  );
}

/** A group that has its one user's number is that user's own (the usual umask 002), and lets in nobody else. */
function othersWrite({ mode, uid, gid }: Stats): boolean {
  return (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && gid !== uid);
}

function ownerOf({ uid, mode }: Stats): string {
  return `owner uid ${uid}, mode ${(mode & 0o7777).toString(8).padStart(4, "0")}`;
}

function what(stat: Stats): string {
  if (stat.isDirectory()) return "a folder";
  if (stat.isFIFO()) return "a named pipe";
  if (stat.isSocket()) return "a socket";
  return stat.isFile() ? "a file" : "a device";
}

function shown(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
