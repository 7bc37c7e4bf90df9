import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { descendants, endAll } from "./tree.mjs";

export interface VitestOptions {
  readonly project: string;
  readonly rest: readonly string[];
  readonly output: "inherit" | "pipe";
  readonly env: Readonly<Record<string, string>>;
  /** Files for the JSON report, and for the exit code once it has ended. */
  readonly report?: string;
  readonly exit?: string;
}

export interface Running {
  /** Its exit code; 128 and the signal's number when one ended it. */
  readonly ended: Promise<number>;
  /** What it printed so far, and from then on what it prints. */
  show(): void;
  /** Ends it and whatever it has begun. */
  end(): Promise<void>;
}

const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));

/** Runs one of vitest's projects. A Ctrl-C at the terminal does not reach it: whoever started it ends it. */
export function startVitest(options: VitestOptions): Running {
  const { project, rest, output, report, exit } = options;
  const args = [vitest, "run", "--project", project, ...rest];
  // A file named in the arguments belongs to one of the projects only.
  if (rest.some((arg) => !arg.startsWith("-"))) args.push("--passWithNoTests");
  if (report !== undefined) args.push("--reporter=default", "--reporter=json", `--outputFile.json=${report}`);
  const child = spawn(process.execPath, args, {
    detached: true,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", output, output],
  });
  const held: Buffer[] = [];
  let shown = false;
  const hear = (chunk: Buffer): void => {
    if (shown) process.stderr.write(chunk);
    else held.push(chunk);
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      const status = code ?? (signal === "SIGINT" ? 130 : 143);
      if (exit !== undefined) writeFileSync(exit, `${status}\n`);
      resolve(status);
    });
  });
  return {
    ended,
    show: () => {
      shown = true;
      for (const chunk of held) process.stderr.write(chunk);
    },
    async end() {
      // Looked up before anything ends: what loses its parent is nobody's descendant any more.
      if (child.pid !== undefined) await endAll([child.pid, ...descendants(child.pid)]);
    },
  };
}
