import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { codeOf } from "../base/disk-fault.ts";
import { shellLiteral } from "../base/quote.ts";
import type { StoreRecord } from "../events/store-record.ts";
import { hasNoBlock, putLink, readLink } from "./lock-link.ts";
import { createState, readStateSync, removeState } from "./state-file.ts";

/** Held until released; a holder that died is found by its process id and start time. */
export interface Lock {
  /** From whom it was taken because a person said so. */
  readonly takenFrom?: Holder;
  release(): Promise<void>;
}

/** Bytes of a lock: a line. */
const longest = 4096;

/** Who holds a lock, as its file says it; `nonce` is never used twice. */
interface Written {
  readonly pid: number;
  readonly start: string;
  readonly nonce: string;
  readonly host: string;
  /** The pid namespace that `pid` is a number of, as the kernel names it; empty where nothing is said. */
  readonly namespace: string;
  /** UTC. */
  readonly since: string;
  /** It is of another host, whose name is not said. */
  readonly elsewhere?: boolean;
}

/** Who holds a lock. */
export interface Holder {
  readonly file: string;
  readonly pid: number;
  /** Empty where the lock does not say it. */
  readonly host: string;
  /** UTC; undefined where the lock does not say it. */
  readonly since: Date | undefined;
  /** Why nobody can see from here whether it lives; undefined where it does. */
  readonly unseen: "on another host" | "in another pid namespace" | undefined;
}

export interface Taking {
  /**
   * A person says that a holder who cannot be seen from here is gone. One who is seen to live is never robbed.
   */
  readonly takeOver?: boolean;
}

/**
 * Takes a lock file, waiting up to `wait` milliseconds. The file appears whole or not at all, by a hard
 * link: nobody can find it empty and take its maker for dead. On a full disk it is a symbolic one.
 * @returns the lock, or who holds it.
 */
export async function takeLock(
  path: string,
  wait: number,
  { takeOver = false }: Taking = {},
): Promise<Lock | { readonly heldBy: Holder }> {
  // No jump of the clock may keep it waiting.
  const until = performance.now() + wait;
  const own = ownText();
  const robbed = (holder: Written): boolean => takeOver && unseen(holder) !== undefined;
  const gone = (holder: Written): boolean => !alive(holder) || robbed(holder);
  let takenFrom: Holder | undefined;
  for (;;) {
    if (put(path, own)) {
      const release = (): Promise<void> => Promise.resolve(removeState(path));
      return { ...(takenFrom === undefined ? {} : { takenFrom }), release };
    }
    const holder = read(path);
    if (holder === undefined) continue;
    if (gone(holder) && breakLock(path, holder, own, gone)) {
      if (robbed(holder)) takenFrom = holderOf(path, holder);
      continue;
    }
    if (performance.now() >= until) return { heldBy: holderOf(path, holder) };
    await sleep(2 + Math.random() * 6);
  }
}

/** Who holds the lock at this path, as far as it can be seen from here; undefined when nobody does. */
export function lockHolder(path: string): Holder | undefined {
  const holder = read(path);
  return holder !== undefined && alive(holder) ? holderOf(path, holder) : undefined;
}

/** Asks the process of this number to end, where it is the one that holds the lock. @returns whether it was asked */
export function askHolderToEnd(path: string, pid: number): boolean {
  const holder = read(path);
  if (holder?.pid !== pid || unseen(holder) !== undefined || !alive(holder)) return false;
  try {
    return process.kill(pid, "SIGTERM");
  } catch {
    return false;
  }
}

/** What a journal says of a lock that was taken from somebody. */
export function takenRecord({ file, pid, host, since }: Holder): StoreRecord {
  const held = since === undefined ? {} : { since: since.toISOString() };
  return { type: "lock.taken", data: { file, pid, host, ...held } };
}

/** Who holds a lock, since when and in which file, and what to do when that is gone. @param takeOver a command */
export function holderText({ file, pid, host, since, unseen: why }: Holder, takeOver?: string): string {
  const where = why === undefined || host === "" ? "" : ` on ${host}`;
  const when = since === undefined ? "" : ` since ${since.toISOString().slice(0, 19).replace("T", " ")} UTC`;
  const held = `process ${pid}${where} holds ${file}${when}`;
  if (why === undefined) return held;
  const command = takeOver ?? `rm ${shellLiteral(file)}`;
  return `${held}; it is ${why}, so lav-ir cannot tell whether it is alive. Make sure that it is gone, then run: ${command}`;
}

/**
 * Removes the lock of a dead holder. Two that find the same one dead must not both remove what they find
 * at the path: the second would remove the lock the first has taken by then. So the right to break this
 * very lock is itself taken by a hard link, under a name made of the dead one's nonce, and passes on
 * in the same way when its taker dies.
 * @returns whether it is worth looking at the path again at once.
 */
function breakLock(path: string, dead: Written, own: string, gone: (holder: Written) => boolean): boolean {
  const claims: string[] = [];
  for (let nonce = dead.nonce; ;) {
    const claim = `${path}.break-${nonce}`;
    claims.push(claim);
    if (put(claim, own)) break;
    const claimant = read(claim);
    if (claimant === undefined) return true;
    if (!gone(claimant)) return false;
    nonce = claimant.nonce;
  }
  // Only the holder of the last claim gets here, and only it may remove this nonce from the path.
  if (read(path)?.nonce === dead.nonce) removeState(path);
  for (const claim of claims) removeState(claim);
  return true;
}

/** @returns false when something stands at the path already. */
function put(path: string, text: string): boolean {
  try {
    // Nobody looks for it after a crash of the machine: it need not be on the disk.
    return createState(path, text, { flush: false, whole: true, beside: true });
  } catch (error) {
    if (!hasNoBlock(error)) throw error;
    return putLink(path, writtenIn(text));
  }
}

function read(path: string): Written | undefined {
  const linked = readLink(path);
  if (linked !== undefined) return { ...linked, host: "", since: linked.since.toISOString() };
  // Whoever opened the folder's journal has judged the folder; what stands here is only read.
  const bytes = readStateSync(path, longest, { owner: "any" });
  if (bytes === undefined) return undefined;
  return writtenIn(bytes.toString("utf8"));
}

function writtenIn(text: string): Written {
  const [pid, start = "", nonce = "", host = "", namespace = "", since = ""] = text.trim().split(" ");
  const named = /^[\w-]{1,64}$/.test(nonce) ? nonce : "unnamed";
  return { pid: Number(pid), start, nonce: named, host, namespace, since };
}

function ownText(): string {
  const since = new Date().toISOString();
  return `${process.pid} ${startOf(process.pid)} ${randomUUID()} ${hostname()} ${ownNamespace()} ${since}\n`;
}

function holderOf(file: string, holder: Written): Holder {
  const { pid, host } = holder;
  const since = new Date(holder.since);
  return {
    file,
    pid,
    host,
    since: Number.isNaN(since.getTime()) ? undefined : since,
    unseen: unseen(holder),
  };
}

/** What cannot be looked at counts as alive. */
function alive(holder: Written): boolean {
  return unseen(holder) !== undefined || startOf(holder.pid) === holder.start;
}

/** A process on another host (a shared folder), or in another pid namespace (a container), whose number says nothing here. */
function unseen({ host, namespace, elsewhere }: Written): Holder["unseen"] {
  if (elsewhere === true || (host !== "" && host !== hostname())) return "on another host";
  const own = ownNamespace();
  return namespace !== "" && own !== "-" && namespace !== own ? "in another pid namespace" : undefined;
}

/** As the kernel names it; `-` for systems without. */
function ownNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "-";
  }
}

/** When a process began, in the kernel's ticks; a number used again gets another start. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "?";
  } catch {
    return canSignal(pid) ? "alive" : "gone";
  }
}

/** For systems without /proc. */
function canSignal(pid: number): boolean {
  try {
    return Number.isSafeInteger(pid) && pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
