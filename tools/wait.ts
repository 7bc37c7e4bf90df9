import { spawn } from "node:child_process";

/** Where the set-up says what it does. */
export type Log = (line: string) => void;

/** Runs a long task, saying every ten seconds that it is still waited for. */
export async function waiting<T>(log: Log, what: string, task: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  log(`${what} …`);
  const beat = setInterval(() => log(`${what} … ${seconds()}`), 10_000);
  try {
    const result = await task();
    log(`${what}: ${seconds()}`);
    return result;
  } finally {
    clearInterval(beat);
  }
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Milliseconds; the program is killed then. */
  readonly within?: number;
}

/** Runs a program to its end. @returns its standard output @throws what it wrote, when it failed */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    timeout: options.within ?? 600_000,
    killSignal: "SIGKILL",
  });
  const output: Buffer[] = [];
  const all: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => void (output.push(chunk), all.push(chunk)));
  child.stderr.on("data", (chunk: Buffer) => void all.push(chunk));
  child.stdin.on("error", () => {});
  child.stdin.end(options.input ?? "");
  const ended = await new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      resolve(code === 0 ? undefined : signal === null ? `exit code ${code}` : `ended by ${signal}`);
    });
  });
  if (ended === undefined) return Buffer.concat(output).toString("utf8");
  const said = Buffer.concat(all).toString("utf8").trim().split("\n").slice(-30).join("\n");
  throw new Error(`${[program, ...args].join(" ")}: ${ended}\n${said}`.trim());
}
