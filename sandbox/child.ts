import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** A server started for a test, as a plain process. */
export interface Child {
  readonly pid: number;
  /** Everything it wrote so far, both streams together. */
  log(): string;
  /**
   * Sends the signal and waits for the process's end; at once when it ended before.
   * @param within milliseconds after which it is killed; 10 s when left out
   */
  stop(signal: NodeJS.Signals, within?: number): Promise<void>;
}

export interface ChildOptions {
  readonly command: readonly string[];
  readonly cwd: string;
  /** Started when this stands in what it wrote. */
  readonly ready: RegExp;
  /** Run as this user instead of root. */
  readonly user?: User;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly within?: number;
  /** What the kernel ends it with when this process is gone; KILL unless it must take its own children along. */
  readonly orphaned?: "QUIT" | "KILL";
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts a program and waits until it says it is ready. It ends with this process, however this process
 * ends: by the `exit` handler, or, where `setpriv` is there, by the kernel.
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { user } = options;
  const setpriv = findProgram("setpriv");
  const guard =
    setpriv === undefined
      ? []
      : [
          setpriv,
          "--pdeathsig",
          options.orphaned ?? "KILL",
          ...(user === undefined ? [] : [`--reuid=${user.uid}`, `--regid=${user.gid}`, "--clear-groups"]),
        ];
  const [program = "", ...args] = [...guard, ...options.command];
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8", TZ: "UTC", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    ...(setpriv === undefined && user !== undefined ? { uid: user.uid, gid: user.gid } : {}),
  });
  const onExit = (): void => void child.kill("SIGKILL");
  process.once("exit", onExit);
  let written = "";
  const ended = new Promise<void>((resolve) => {
    const end = (): void => {
      process.off("exit", onExit);
      resolve();
    };
    child.once("exit", end);
    child.once("error", (error) => {
      written += `${error.message}\n`;
      end();
    });
  });
  const within = options.within ?? 120_000;
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<boolean>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        written += chunk.toString("utf8");
        if (options.ready.test(written)) resolve(true);
      });
    }
    void ended.then(() => resolve(false));
    timer = setTimeout(() => resolve(false), within);
  });
  const started = await ready;
  clearTimeout(timer);
  if (!started) {
    child.kill("SIGKILL");
    await ended;
    throw new Error(`${options.command.join(" ")} did not start:\n${written}`);
  }
  return {
    pid: child.pid ?? 0,
    log: () => written,
    async stop(signal, patience = 10_000): Promise<void> {
      const hard = setTimeout(() => child.kill("SIGKILL"), patience);
      child.kill(signal);
      await ended;
      clearTimeout(hard);
    },
  };
}

/** A port of 127.0.0.1 that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise<unknown>((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** Runs `start` on free ports until one is still free when the program asks for it; else `giveUp`. */
export async function onFreePort<T>(start: (port: number) => Promise<T>, giveUp: () => void): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt < 5 && /address already in use/i.test(String(error))) continue;
      giveUp();
      throw error;
    }
  }
}

/** A folder for one server's data, and the folders that killed runs left behind removed. */
export function dataFolder(name: string): string {
  const prefix = `lav-${name}-`;
  for (const entry of readdirSync(tmpdir())) {
    const owner = /^(\d+)-/.exec(entry.startsWith(prefix) ? entry.slice(prefix.length) : "")?.[1];
    if (owner === undefined || alive(Number(owner))) continue;
    try {
      rmSync(join(tmpdir(), entry), { recursive: true, force: true });
    } catch {
      // Somebody else's, or being removed by another run right now.
    }
  }
  return mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

export function findProgram(name: string, folders: readonly string[] = []): string | undefined {
  const everywhere = [...folders, ...(process.env["PATH"] ?? "").split(delimiter)];
  return everywhere.map((folder) => join(folder, name)).find(executable);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The user of this name, from the machine's own list. */
export function userNamed(name: string): User | undefined {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}
