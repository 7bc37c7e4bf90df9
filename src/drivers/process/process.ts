import type { ChildProcess } from "node:child_process";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { errorCode, messageOf, timedOut } from "../network.ts";
import type { Processes, ProcessReply, ProcessRequest } from "../../ports/ports.ts";
import { cannotBegin, noPlace, notExecutable, notFound } from "./find.ts";
import { endGroup } from "./group.ts";
import { Tail } from "./tail.ts";

const inherited = ["PATH", "HOME", "LANG", "TZ"];
const usualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** What a program left running may hold the output open: this long without a word is its end; milliseconds. */
const lastWords = 200;
const mostLooks = 5;

/**
 * Programs by execa, each the leader of a session of its own: nothing they start outlives the signal, and
 * none can ask a question at the terminal. What a program leaves running on purpose stays when it ends well.
 */
export function createProcesses(env: Readonly<Record<string, string | undefined>>): Processes {
  const base: Record<string, string> = { PATH: usualPath };
  for (const name of inherited) {
    const value = env[name];
    if (value !== undefined && value !== "") base[name] = value;
  }
  const environment = ({ command, pass = [], env: own }: Environment): Result<Record<string, string>> => {
    const passed: Record<string, string> = {};
    for (const name of pass) {
      const value = env[name];
      if (value === undefined) {
        const [target = ""] = command;
        const message = `${name} is not set in the environment, and the step passes it on`;
        return fail({ type: "argument", target, message, effect: "none" });
      }
      passed[name] = value;
    }
    return ok({ ...base, ...passed, ...own });
  };
  return {
    obstacle: async (request) => {
      const whole = environment(request);
      return whole.ok ? await cannotBegin(request, whole.value["PATH"] ?? usualPath) : whole.failure;
    },
    run: async (request) => {
      const whole = environment(request);
      return whole.ok ? await run(request, whole.value) : whole;
    },
  };
}

type Environment = Pick<ProcessRequest, "command" | "pass" | "env">;

async function run(
  request: ProcessRequest,
  env: Readonly<Record<string, string>>,
): Promise<Result<ProcessReply>> {
  const [program = "", ...args] = request.command;
  const { cwd, signal } = request;
  const started = performance.now();
  const refused = await noPlace(request);
  if (refused !== undefined) return fail(refused);
  const { execa } = await import("execa");
  if (signal.aborted) return fail({ ...timedOut(program, "starting", started), effect: "none" });
  let child;
  try {
    child = execa(program, args, {
      env,
      extendEnv: false,
      ...(cwd === undefined ? {} : { cwd }),
      ...(request.stdin === undefined ? { stdin: "ignore" } : { input: request.stdin }),
      detached: true,
      cleanup: false,
      buffer: false,
      reject: false,
      windowsHide: true,
    });
  } catch (error) {
    return fail({ type: "argument", target: program, message: messageOf(error), effect: "none" });
  }
  const stdout = new Tail(request.maxBytes);
  const stderr = new Tail(request.maxBytes);
  const kept = { stdout, stderr };
  for (const stream of ["stdout", "stderr"] as const) {
    const heard = (piece: Uint8Array): void => {
      kept[stream].add(piece);
      request.onOutput?.(piece, stream);
    };
    child[stream]?.on("data", heard).on("error", () => {});
  }
  // execa's own promise also waits for what holds the output open; all it is asked for is why nothing began.
  const whole = child.then((result) => result);
  const { pid } = child;
  if (pid === undefined) return fail(startFailure(program, await whole));
  const ended = endOf(child);
  const closed = closeOf(child);
  let ending: Promise<void> | undefined;
  const onAbort = (): void => {
    ending ??= endGroup(pid);
  };
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  const { code, killedBy } = await ended;
  signal.removeEventListener("abort", onAbort);
  const atItsEnd = ending;
  await (atItsEnd ?? outputEnd(closed, () => stdout.total + stderr.total));
  child.stdout?.destroy();
  child.stderr?.destroy();
  await whole;
  if (atItsEnd !== undefined) return fail(timedOut(program, "waiting for its end", started));
  return ok({
    exitCode: code,
    signal: killedBy,
    stdout: stdout.text(),
    stderr: stderr.text(),
    stdoutBytes: stdout.total,
    stderrBytes: stderr.total,
  });
}

interface End {
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
}

function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once("exit", (code, killedBy) => resolve({ code, killedBy }));
  });
}

/** Its end, and that of its output; may come in the same breath as its end. */
function closeOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => child.once("close", () => resolve()));
}

/** After its end: all it wrote, but not for ever what a program left behind may still write. */
async function outputEnd(closed: Promise<void>, written: () => number): Promise<void> {
  let over = false;
  const close = closed.then(() => (over = true));
  for (let looks = 0, before = -1; !over && looks < mostLooks && before !== written(); looks++) {
    before = written();
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise<void>((resolve) => (timer = setTimeout(resolve, lastWords)));
    await Promise.race([close, pause]);
    clearTimeout(timer);
  }
}

function startFailure(program: string, error: unknown): Failure {
  const cause = typeof error === "object" && error !== null && "cause" in error ? error.cause : error;
  const code = errorCode(error) ?? errorCode(cause);
  const target = program;
  if (code === "ENOENT") return notFound(program);
  if (code === "EACCES" || code === "EPERM") return notExecutable(program);
  const message =
    code === "E2BIG" ? "its arguments and environment are too long for the system" : messageOf(cause);
  return { type: "argument", target, message: `cannot start it: ${message}`, effect: "none" };
}
