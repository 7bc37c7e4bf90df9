import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { root } from "../../tools/places.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { enter, Screen, type Place } from "../cli/screen.ts";

/** A change is asked about: the last that stands there. */
const asked = /(?:\(y\/N\)|Type [^\n]+ to do it[^\n]*)$/;
const prompt = /(?:^|\n)\$$/;

/** Somebody at a shell of the stack's folder, so that no path is longer than it must be. */
export class Sitting implements Place, Disposable {
  readonly folder: string;
  readonly screen: Screen;
  private readonly stack: Stack;
  private readonly login: string;
  /** Runs of before what was typed last. */
  private past: readonly string[] = [];

  constructor(stack: Stack, login: string, columns: number, rows: number) {
    this.stack = stack;
    this.login = login;
    this.folder = stack.folder;
    this.screen = new Screen(this, [], {
      columns,
      rows,
      command: ["bash", "--norc", "--noprofile", "-i"],
      env: { PS1: "$ ", HISTFILE: "" },
    });
  }

  /** An empty state folder, and the program by its name. */
  static prepare(stack: Stack): void {
    rmSync(stateOf(stack), { recursive: true, force: true });
    mkdirSync(stateOf(stack), { mode: 0o700 });
    const bin = join(stack.folder, "bin");
    rmSync(bin, { recursive: true, force: true });
    mkdirSync(bin);
    symlinkSync(join(root, "bin", "lav-ir.js"), join(bin, "lav-ir"));
  }

  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { PATH = "", HOME = "" } = process.env;
    const own = {
      PATH: `${join(this.folder, "bin")}:${PATH}`,
      HOME,
      LAV_IR_CONFIG: this.stack.platformFile,
      LAV_IR_STATE_DIR: stateOf(this.stack),
      SUDO_USER: this.login,
    };
    return { ...this.stack.env, ...own, ...more };
  }

  /** Types a command on an empty screen. */
  async types(line: string): Promise<void> {
    await this.idle();
    this.past = runsOf(this.stack);
    await this.enters("clear");
    await this.screen.shows(/^\$$/);
    await this.enters(line);
  }

  /** A line, to the shell or to a question: what stood there before it is not what comes of it. */
  async enters(line: string): Promise<void> {
    const gone = new RegExp(`^(?![^]*(?:${asked.source}|${prompt.source}))`);
    this.screen.type(line);
    if (line !== "") await this.screen.shows(gone);
    this.screen.type(enter);
    if (line === "") await this.screen.shows(gone);
  }

  /** Resolves when a change is asked about, or nothing runs any more. @returns whether it is asked */
  async comesTo(): Promise<boolean> {
    await this.screen.shows(new RegExp(`${asked.source}|${prompt.source}`));
    return asked.test(this.screen.text());
  }

  async idle(): Promise<void> {
    await this.screen.shows(prompt);
  }

  /** The word that agrees to what is asked. */
  yes(): string {
    return /Type ([^\n]+) to do it[^\n]*$/.exec(this.screen.text())?.[1] ?? "y";
  }

  /** What runs in the foreground of the shell is killed. */
  kill(): void {
    const { pid } = this.screen;
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
    process.kill(Number(child), "SIGKILL");
  }

  /** Resolves when a run of what was typed last has this on record, of this step. */
  async records(type: string, step?: string): Promise<void> {
    const there = (): boolean =>
      runsOf(this.stack)
        .filter((name) => !this.past.includes(name))
        .flatMap((name) => recordsOf(join(stateOf(this.stack), "runs", name, "journal.ndjson")))
        .some(({ type: of, data }) => of === type && (step === undefined || data?.step === step));
    while (!there()) await wait(20);
  }

  [Symbol.dispose](): void {
    this.screen[Symbol.dispose]();
  }
}

function stateOf(stack: Stack): string {
  return join(stack.folder, "state");
}

function runsOf(stack: Stack): readonly string[] {
  const runs = join(stateOf(stack), "runs");
  return existsSync(runs) ? readdirSync(runs).filter((name) => name.startsWith("RUN-")) : [];
}

/** Those that are written whole. */
interface Recorded {
  readonly type: string;
  readonly data?: { readonly step?: string };
}
function recordsOf(path: string): readonly Recorded[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Recorded);
}
