import { spawn } from "node:child_process";
import { homedir } from "node:os";

/**
 * What every program is measured with, theirs and ours: nothing that a shell happens to have set. A file of further
 * authorities (`NODE_EXTRA_CA_CERTS`) alone makes an empty Node start in 60 ms instead of 22.
 */
export const environment: Readonly<Record<string, string>> = {
  PATH: process.env["PATH"] ?? "",
  HOME: homedir(),
  LANG: "C.UTF-8",
};

/** A program with what it is started with. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Beside `environment`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Not measured but needed: what the shell has set (proxies, mirrors) counts too. */
  readonly inherits?: true;
  /** Exit codes that are as they should be; 0 without it. */
  readonly codes?: readonly number[];
}

/** One run of a program, from the call that starts it to its end. */
export interface Timed {
  readonly ms: number;
  readonly output: string;
}

/**
 * Runs a program to its end, its output through a pipe as a script would read it.
 * @throws when it ends otherwise than it should: a time of a failed run measures nothing
 */
export function timed(command: Command): Promise<Timed> {
  const { program, args, cwd, env, inherits, codes = [0] } = command;
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...(inherits === true ? process.env : environment), ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      const ms = performance.now() - started;
      const output = Buffer.concat(chunks).toString();
      if (code !== null && codes.includes(code)) resolve({ ms, output });
      else reject(new Error(`${program} ${args.join(" ")} ended with ${code ?? signal}\n${output}`));
    });
  });
}
