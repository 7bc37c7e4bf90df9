import child from "node:child_process";
import dgram from "node:dgram";
import dns from "node:dns";
import fs from "node:fs";
import net from "node:net";
import { inspect } from "node:util";

/*
 * preload/offline.mjs and preload/unconnected.mjs for what runs inside. A process of its own is stopped at the
 * first attempt; here it fails, is noted, and the command ends with 99 whatever became of it.
 */

type Call = (...args: never[]) => unknown;
interface Forbidden {
  readonly owner: object;
  readonly names: readonly string[];
  readonly what: string;
  /** Which calls of it are let through. */
  readonly unless?: (flags: unknown) => boolean;
}

const connections: readonly Forbidden[] = [
  { owner: net.Socket.prototype, names: ["connect"], what: "a connection" },
  { owner: dgram, names: ["createSocket"], what: "a datagram socket" },
  { owner: dns, names: ["lookup", "resolve", "resolve4", "resolve6"], what: "a name looked up" },
];

const programs = ["spawn", "spawnSync", "exec", "execFile", "execFileSync", "execSync", "fork"];
const writes = ["writeFile", "appendFile", "mkdir", "rename", "unlink"];
const { O_APPEND, O_CREAT, O_RDWR, O_TRUNC, O_WRONLY } = fs.constants;
const writing = O_APPEND | O_CREAT | O_RDWR | O_TRUNC | O_WRONLY;
/** Opened to be read; a callback stands where flags are left out. */
const reads = (flags: unknown): boolean =>
  flags === undefined ||
  flags === "r" ||
  (typeof flags === "number" && (flags & writing) === 0) ||
  typeof flags === "function";

const everything: readonly Forbidden[] = [
  ...connections,
  { owner: child, names: programs, what: "a program" },
  { owner: fs, names: writes.flatMap((name) => [name, `${name}Sync`]), what: "a file written" },
  { owner: fs, names: ["createWriteStream"], what: "a file written" },
  { owner: fs.promises, names: writes, what: "a file written" },
  { owner: fs, names: ["open", "openSync"], what: "a file opened to be written", unless: reads },
  { owner: fs.promises, names: ["open"], what: "a file opened to be written", unless: reads },
];

/** Runs a command that may reach nobody, and with `everything` neither write a file nor start a program. */
export async function forbidding<Ended extends { readonly code: unknown; readonly stderr: string }>(
  what: "connections" | "everything",
  run: () => Promise<Ended>,
): Promise<Ended> {
  const tried: string[] = [];
  const undo = (what === "connections" ? connections : everything).map((one) => forbid(one, tried));
  try {
    const ended = await run();
    return tried.length === 0
      ? ended
      : { ...ended, code: 99, stderr: `${tried.join("\n")}\n${ended.stderr}` };
  } finally {
    for (const restore of undo.toReversed()) restore();
  }
}

function forbid({ owner, names, what, unless }: Forbidden, tried: string[]): () => void {
  const own = owner as Record<string, Call>;
  const before = names.map((name) => [name, own[name]] as const);
  for (const [name, call] of before) {
    if (call === undefined) throw new Error(`there is no ${name} to forbid`);
    own[name] = function (this: unknown, ...args: never[]) {
      if (unless?.(args[1]) === true) return call.apply(this, args);
      tried.push(`${what}: ${inspect(args[0])}`);
      const error = new Error(`${what} is forbidden`);
      // Whoever connects hears of it later, as of any connection that fails.
      if (this instanceof net.Socket) return this.destroy(error);
      throw error;
    };
  }
  return () => {
    for (const [name, call] of before) if (call !== undefined) own[name] = call;
  };
}
