import { closeSync, fstatSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { isatty } from "node:tty";
import { fileURLToPath } from "node:url";
import { crashFile } from "../store/layout.ts";
import { writeStateSync } from "../store/state-file.ts";
import { createJob, isForeground } from "../drivers/process/job.ts";
import { keeperCommand } from "../app/halt/orders.ts";
import { createCommandSecrets } from "../app/context/command-secrets.ts";
import { identityOf } from "../app/context/identity.ts";
import { lasting } from "../drivers/prompt/keyboard.ts";
import { loginOf } from "../app/context/login.ts";
import { createOutlet } from "../output/outlet.ts";
import { tellLostOutput } from "./lost-output.ts";
import { hidesPlainly } from "./hides-plainly.ts";
import type { Interruption, World } from "../app/context/world.ts";
import type { Keyboard } from "../drivers/prompt/terminal.ts";
import { stateFolder } from "../app/context/state-folder.ts";

/**
 * Runs a command line in this process, which is touched here alone: everything else is handed a World.
 * @param entry where the program's entry lies, as a URL: its runbooks are beside the folder of that.
 * @returns whether the process is to end now: see `start` in main.ts.
 */
export async function runHere(args: readonly string[], version: string, entry: string): Promise<boolean> {
  let keyboard: Keyboard | undefined;
  const outlet = createOutlet(process.stdout, process.stderr);
  outlet.hide(hidesPlainly(process.env));
  const job = createJob(process, () => isForeground(process.pid));
  /** Those who may know whose fault an exception is that nobody caught. */
  const blamedFor = new Set<(error: unknown) => boolean>();
  const interruption = interruptions();
  const world: World = {
    env: process.env,
    cwd: process.cwd(),
    // Opened when somebody is asked.
    get stdin() {
      return (keyboard ??= lasting(process.stdin, job));
    },
    stdout: process.stdout,
    stderr: process.stderr,
    // Only root may speak for another: the name is what tells two people apart.
    user: (process.getuid?.() === 0 ? process.env["SUDO_USER"] : undefined) ?? userName(),
    identity: identityOf(process.geteuid?.(), ownGroup(), process.env),
    host: hostname(),
    shipped: shippedRunbooks(entry),
    version,
    // The stand-alone executable is its own program.
    again: {
      program: process.execPath,
      args: process.versions["bun"] === undefined ? [...process.execArgv, process.argv[1] ?? ""] : [],
    },
    interruption,
    commandSecrets: createCommandSecrets({ env: process.env, stop: interruption.stop }),
    job,
    outlet,
    uncaught: (blamed) => {
      blamedFor.add(blamed);
      return () => void blamedFor.delete(blamed);
    },
  };
  leaveLostTerminals();
  tellLostOutput(process);
  const uncaught = (error: unknown): void => {
    if (![...blamedFor].some((blamed) => blamed(error))) crash(world, error);
  };
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);
  try {
    if (args.length === 1 && args[0] === keeperCommand) {
      const { keepRecord } = await import("../app/halt/keeper.ts");
      await keepRecord(world, process.stdin, process.stdout);
      return true;
    }
    const halting = args.includes("halt-all");
    if (halting) {
      // Names that nobody resolves each hold a thread for seconds: the instances' and the disk must not wait.
      process.env["UV_THREADPOOL_SIZE"] ??= "16";
      const { haltFast } = await import("../app/halt/fast.ts");
      const code = await haltFast(args, world);
      if (code !== undefined) {
        process.exitCode = code;
        await turned();
        return true;
      }
    }
    const { main } = await import("./program.ts");
    process.exitCode = await main(args, world);
    if (halting) await turned();
    return halting;
  } catch (error) {
    crash(world, error);
  }
}

/** Whoever ends the process now hears first that its last words could not be written: nothing is waited for. */
async function turned(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** Beside the program; the stand-alone executable's own files are in a file system of its own. */
function shippedRunbooks(entry: string): string {
  const inside = fileURLToPath(new URL("../runbooks", entry));
  return inside.startsWith("/$bunfs/") ? join(dirname(process.execPath), "runbooks") : inside;
}

function userName(): string {
  // The stand-alone executable's runtime would take it from $USER.
  if (process.versions["bun"] !== undefined) return loginOf(process.getuid?.());
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}

/** The group that comes with the login: the process may have been given another one (newgrp). */
function ownGroup(): number | undefined {
  try {
    return userInfo().gid;
  } catch {
    return process.getegid?.();
  }
}

function interruptions(): Interruption {
  const stop = new AbortController();
  const kill = new AbortController();
  let first: "SIGINT" | "SIGTERM" | undefined;
  const hear = (signal: "SIGINT" | "SIGTERM"): void => {
    if (first !== undefined) kill.abort();
    first ??= signal;
    stop.abort();
  };
  process.on("SIGINT", () => hear("SIGINT"));
  process.on("SIGTERM", () => hear("SIGTERM"));
  // The terminal went away: nobody is left to answer a question. A shell and the kernel may both say so;
  // only a person's second signal is impatience.
  process.on("SIGHUP", () => {
    if (first === undefined) hear("SIGTERM");
  });
  return {
    stop: stop.signal,
    kill: kill.signal,
    exitCode: () => (first === "SIGTERM" ? 143 : 130),
    interrupt: () => hear("SIGINT"),
  };
}

/** At its end Node gives a terminal its mode back, and aborts when that terminal is gone: it must not try. */
function leaveLostTerminals(): void {
  const terminals = [0, 1, 2].filter((fd) => mayBeTerminal(fd) && isatty(fd));
  process.on("exit", () => {
    for (const fd of terminals) if (!isatty(fd)) closeSync(fd);
  });
}

/** `/dev/null`, by the numbers that Linux gives to devices: major 1, minor 3. */
const nullDevice = 0x103;

/** A device, and not the one that swallows everything: what knows of terminals brings all of the network with it. */
function mayBeTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && (process.platform !== "linux" || stat.rdev !== nullDevice);
  } catch {
    // Closed, or no such device: the one that knows is asked.
    return true;
  }
}

/** The state folder that a command line names; whatever is wrong with it otherwise may be why this is asked. */
function namedState(args: readonly string[]): { readonly stateDir?: string } {
  const at = args.findLastIndex((arg) => arg === "--state-dir" || arg.startsWith("--state-dir="));
  const named = args[at]?.includes("=") === true ? args[at]?.slice("--state-dir=".length) : args[at + 1];
  return at === -1 || named === undefined ? {} : { stateDir: named };
}

/** A bug: a short message for the operator, the trace in a file for us. */
function crash(world: World, error: unknown): never {
  const { message, trace } = withoutSecrets(world, error);
  let where = "";
  try {
    const root = stateFolder(world, namedState(process.argv));
    const file = crashFile(root, new Date());
    writeStateSync(file, `lav-ir ${world.version}, node ${process.version}\n${trace}\n`, { root });
    where = ` Details: ${file}.`;
  } catch {
    // The state folder may be what is broken; the message still has to come.
  }
  // A view that was being drawn had hidden the cursor.
  if (process.stderr.isTTY) process.stderr.write("\u001b[?25h");
  process.stderr.write(
    `lav-ir stopped because of a bug: ${message.split("\n")[0]}. What it was doing may have taken effect: check before you repeat it.${where}\n`,
  );
  process.exit(70);
}

/** What an exception says is of what was at hand: a reply, an address, a value. */
function withoutSecrets(
  { outlet }: World,
  error: unknown,
): { readonly message: string; readonly trace: string } {
  const message = error instanceof Error ? error.message : String(error);
  const trace = error instanceof Error ? (error.stack ?? message) : message;
  try {
    return { message: outlet.lasting(message), trace: outlet.lasting(trace) };
  } catch {
    // Redaction may be what is broken: only our own places in the code are shown then.
    const places = trace.split("\n").filter((line) => /^ +at .*:\d+:\d+\)?$/.test(line));
    return { message: "its message could not be redacted", trace: places.join("\n") };
  }
}
