import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { person, type Person } from "../cli/people.ts";
import { program, type Line } from "../cli/rig.ts";
import { Screen, type Place } from "../cli/screen.ts";
import { nobodyWrites } from "../cli/still-writing.ts";
import { explained } from "../explained.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { shipped } from "./shipped.ts";

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The one that was made last: names of the same second say nothing of their order. */
function newest(folder: string, names: readonly string[]): string {
  const made = (name: string): number => statSync(join(folder, name)).birthtimeMs;
  return names.toSorted((one, other) => made(one) - made(other)).at(-1) ?? "";
}

/** Two operators on a stack, each with a key, a login and a state folder of their own; both may approve. */
export class Pair implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "lav-ir-pair-"));
  readonly alice: Person = person(this, "alice");
  readonly bob: Person = person(this, "bob");
  private readonly stack: Stack;
  private readonly config: string;
  private readonly screens: Screen[] = [];

  constructor(stack: Stack) {
    this.stack = stack;
    // Beside the stack's own: its Compose file is named relative to it.
    this.config = join(stack.folder, "platform-two-people.yaml");
    const names = [this.alice, this.bob].map(({ login, publicKey }) => `  ${login}: [${publicKey}]\n`);
    // Bob is among the people of the shipped file; who approves must be.
    const platform = readFileSync(stack.platformFile, "utf8").replace(
      "\npeople:\n",
      "\npeople:\n  alice: { name: Alice Example }\n",
    );
    writeFileSync(this.config, `${platform}approvers:\n${names.join("")}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const screen of this.screens) screen[Symbol.dispose]();
    // What a halt leaves behind keeps its record after it: a folder removed under it would come back.
    await nobodyWrites(this.folder);
    rmSync(this.config, { force: true });
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A copy of a shipped runbook with these changes. @returns its path */
  copy(name: string, changes: Readonly<Record<string, string>>): string {
    const books = join(this.folder, "books");
    mkdirSync(books, { recursive: true });
    const path = join(books, `${name}.yaml`);
    writeFileSync(path, shipped(name, changes));
    return path;
  }

  state({ login }: Person): string {
    return join(this.folder, `state-${login}`);
  }

  screen(who: Person, ...args: readonly string[]): Screen {
    const opened = new Screen(this.at(who), args, { columns: 160, rows: 50 });
    this.screens.push(opened);
    return opened;
  }

  /** Without a terminal. */
  async lavIr(who: Person, ...args: readonly string[]): Promise<Ran> {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: this.folder,
      env: this.at(who).env(),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    explained(() => ({ what: `${args.join(" ")}: ${child.exitCode}`, printed: stdout + stderr }));
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, stdout, stderr };
  }

  /** The newest request that Alice's run has put beside its journal, as a copy that Bob was sent. */
  requestFile(): string {
    const runs = join(this.state(this.alice), "runs");
    const files = readdirSync(runs, { recursive: true }).map(String);
    const file = newest(
      runs,
      files.filter((name) => name.endsWith(".request.txt")),
    );
    const copy = join(this.folder, "sent-to-bob.txt");
    writeFileSync(copy, readFileSync(join(runs, file), "utf8"));
    return copy;
  }

  /** @param shown what he must be shown of it. @returns the line that Alice pastes */
  async signedByBob(...shown: readonly string[]): Promise<string> {
    const file = this.requestFile();
    const digest = /digest: (\w+)/.exec(readFileSync(file, "utf8"))?.[1] ?? "";
    const { code, stdout, stderr } = await this.lavIr(this.bob, "approve", file, "--approve", digest);
    expect(code, stderr).toBe(0);
    for (const text of shown) expect(stderr).toContain(text);
    return stdout.trim();
  }

  /** The records of Alice's newest run. */
  journal(): readonly Line[] {
    const runs = join(this.state(this.alice), "runs");
    const run = newest(
      runs,
      readdirSync(runs).filter((name) => name.startsWith("RUN-")),
    );
    return readFileSync(join(runs, run, "journal.ndjson"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line);
  }

  /** Steps of Alice's newest run that a second person agreed to. */
  seconded(): readonly unknown[] {
    return this.journal()
      .filter(({ type }) => type === "approval")
      .map(({ data }) => data as Readonly<Record<string, unknown>>)
      .filter(({ how, decision }) => how === "second-person" && decision === "granted")
      .map(({ step }) => step);
  }

  private at(who: Person): Place {
    const { PATH = "" } = process.env;
    const { env } = this.stack;
    const state = { LAV_IR_STATE_DIR: this.state(who), LAV_IR_CONFIG: this.config };
    return {
      folder: this.folder,
      env: (more = {}) => ({ PATH, ...env, ...who.env, ...state, ...more }),
    };
  }
}
