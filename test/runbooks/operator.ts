import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { checked } from "../cli/line-schema.ts";
import { Screen, type Place } from "../cli/screen.ts";
import { nobodyWrites } from "../cli/still-writing.ts";
import { explained } from "../explained.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { shipped } from "./shipped.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin", "lav-ir.js");

/** What `--json` printed, a line each. */
export type Line = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lines: readonly Line[];
  /** The last line: how it ended. */
  readonly outcome: Line | undefined;
}

/** A run that goes on. */
export interface Begun {
  /** Resolves when the step ends, or has ended; rejects when the run ends without it. */
  ends(step: string): Promise<void>;
  readonly ended: Promise<Ran>;
}

/** An operator's shell on a stack: the built program, the stack's addresses, a state folder of its own. */
export class Operator implements AsyncDisposable, Place {
  readonly state = mkdtempSync(join(tmpdir(), "lav-ir-operator-"));
  private readonly stack: Stack;
  private readonly more: Readonly<Record<string, string>>;
  private readonly screens: Screen[] = [];
  private readonly children: ChildProcess[] = [];

  /** @param more what this shell has besides, or instead. */
  constructor(stack: Stack, more: Readonly<Record<string, string>> = {}) {
    this.stack = stack;
    this.more = more;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const screen of this.screens) screen[Symbol.dispose]();
    for (const child of this.children) child.kill("SIGKILL");
    // What a halt leaves behind keeps its record after it: a folder removed under it would come back.
    await nobodyWrites(this.state);
    rmSync(this.state, { recursive: true, force: true });
  }

  readonly folder = root;

  /** Hears every line of `--json` as it comes. */
  heard: (line: Line) => void = () => {};

  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { PATH = "", HOME = "" } = process.env;
    const { env, platformFile } = this.stack;
    const own = { LAV_IR_CONFIG: platformFile, LAV_IR_STATE_DIR: this.state };
    return { PATH, HOME, ...env, ...own, ...this.more, ...more };
  }

  /** Runs it at a terminal. */
  screen(...args: readonly string[]): Screen {
    const screen = new Screen(this, args, { columns: 180, rows: 60 });
    this.screens.push(screen);
    return screen;
  }

  /**
   * A copy of a shipped runbook with these changes, and no time between the two looks of its diagnosis: what they
   * see is the test's doing. @returns its path
   */
  paced(name: string, changes: Readonly<Record<string, string>> = {}): string {
    const text = shipped(name, changes);
    const pause = /(?<=between the two looks\n +wait: )\ds/;
    if (!pause.test(text)) throw new Error(`${name} has no pause between two looks`);
    const path = join(this.state, `${name}.yaml`);
    writeFileSync(path, text.replace(pause, "10ms"));
    return path;
  }

  /** A runbook of one step. */
  step(text: string): string {
    const path = join(this.state, "one-step.yaml");
    writeFileSync(path, `runbook: one-step\nsteps:\n  - ${text}\n`);
    return path;
  }

  /** Runs it without a terminal. */
  async lavIr(...args: readonly string[]): Promise<Ran> {
    return await this.begin(...args).ended;
  }

  /** Begins to run it without a terminal, for what is to be done while it does. */
  begin(...args: readonly string[]): Begun {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.folder,
      env: this.env(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.children.push(child);
    let stdout = "";
    let stderr = "";
    explained(() => ({ what: `${args.join(" ")}: ${child.exitCode}`, printed: stdout + stderr }));
    if (args.includes("--json")) {
      createInterface(child.stdout).on("line", (line) => this.heard(JSON.parse(line) as Line));
    }
    const looks = new Set<() => void>();
    const hear = (text: string): void => {
      stdout += text;
      for (const look of looks) look();
    };
    child.stdout.setEncoding("utf8").on("data", hear);
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve)).then((code): Ran => {
      const lines = linesOf(stdout).map(checked);
      return { code, stdout, stderr, lines, outcome: lines.findLast(({ type }) => type === "run.finished") };
    });
    const ends = async (step: string): Promise<void> => {
      const over = new Promise<void>((resolve) => {
        looks.add(() => {
          // The last line may not be whole yet.
          const whole = stdout.slice(0, stdout.lastIndexOf("\n") + 1);
          if (linesOf(whole).some((line) => line.type === "step.finished" && line["step"] === step))
            resolve();
        });
        hear("");
      });
      const early = ended.then(({ stdout: said, stderr: why }) => {
        throw new Error(`${step} never ended: ${said.slice(-2000)}${why}`);
      });
      await Promise.race([over, early]);
    };
    return { ends, ended };
  }

  /** The undo runbooks that were written, the last one first. */
  undos(): readonly string[] {
    const runs = join(this.state, "runs");
    const names = readdirSync(runs, { recursive: true, encoding: "utf8" });
    return names
      .filter((name) => /undo.*\.yaml$/.test(name))
      .map((name) => join(runs, name))
      .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  }

  /** The records of a run's journal. */
  journal(outcome: Line | undefined): readonly Line[] {
    const path = typeof outcome?.["journal"] === "string" ? outcome["journal"] : "";
    return readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  }
}

function linesOf(stdout: string): readonly Line[] {
  if (!stdout.startsWith('{"type":"header"')) return [];
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line);
}
