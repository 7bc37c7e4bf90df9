import { spawn, type ChildProcess } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { explained } from "../explained.ts";
import { runInside } from "./inside.ts";
import { ScriptedServer } from "./server.ts";
import { checked } from "./line-schema.ts";
import { nobodyWrites } from "./still-writing.ts";

export const program = fileURLToPath(new URL("../../bin/lav-ir.js", import.meta.url));

export interface Ended {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Every line of stdout as JSON, for `--json`. */
  readonly lines: readonly Line[];
}

/** One line of NDJSON. */
export type Line = Readonly<Record<string, unknown>> & { readonly type: string };

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A module that Node loads before the program. */
  readonly preload?: string;
  /** Of what runs inside: as though it wrote to a terminal. */
  readonly shown?: boolean;
}

/** The program while it runs. */
export class Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  private out = "";
  private err = "";

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.out += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.err += text));
    const what = child.spawnargs.slice(1).join(" ");
    explained(() => ({ what: `${what}: ${child.exitCode}`, printed: this.out + this.err }));
    this.ended = new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => {
        const { out: stdout, err: stderr } = this;
        resolve({ code, signal, stdout, stderr, lines: linesOf(stdout) });
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Resolves when stderr has this text. */
  async says(text: string): Promise<void> {
    while (!this.err.includes(text)) {
      await new Promise<void>((resolve, reject) => {
        this.child.stderr?.once("data", () => resolve());
        this.child.once("close", () => reject(new Error(`it ended without ${text}:\n${this.err}`)));
      });
    }
  }
}

function linesOf(stdout: string): readonly Line[] {
  if (!/^\{"type":"(?:header|error)"/.test(stdout)) return [];
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => checked(JSON.parse(line) as Line));
}

/** The built program in a folder of its own, on a platform of one scripted server. */
export class Rig implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "lav-ir-"));
  readonly state = join(this.folder, "state");
  readonly server: ScriptedServer;
  private readonly children = new Set<ChildProcess>();
  private readonly inside: boolean;

  private constructor(server: ScriptedServer, inside: boolean) {
    this.server = server;
    this.inside = inside;
    mkdirSync(join(this.folder, "runbooks"));
    this.platform();
  }

  /** One that starts the program for every run. */
  static async create(): Promise<Rig> {
    return new Rig(await ScriptedServer.start(), false);
  }

  /** One that runs it in the test's own process: where the process itself is not what is tested. */
  static async inside(): Promise<Rig> {
    return new Rig(await ScriptedServer.start(), true);
  }

  /** Writes `runbooks/NAME.yaml`. */
  runbook(name: string, text: string): this {
    return this.file(`runbooks/${name}.yaml`, `runbook: ${name}\n${text}`);
  }

  file(path: string, text: string): this {
    writeFileSync(join(this.folder, path), text);
    return this;
  }

  platform(more = ""): this {
    const services = `services: { market: "${this.server.url}" }`;
    const compose = "compose: { project: test, files: [compose.yaml] }";
    return this.file("runbooks/platform.yaml", `platform: rig\n${services}\n${compose}\n${more}`);
  }

  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { PATH = "" } = process.env;
    return { PATH, HOME: this.folder, LAV_IR_STATE_DIR: this.state, ...more };
  }

  start(args: readonly string[], { env = {}, preload }: StartOptions = {}): Started {
    const before = preload === undefined ? [] : ["--import", preload];
    const child = spawn(process.execPath, [...before, program, ...args], {
      cwd: this.folder,
      env: this.env(env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.children.add(child);
    child.once("close", () => this.children.delete(child));
    return new Started(child);
  }

  async run(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
    if (!this.inside || options.preload !== undefined) return await this.start(args, options).ended;
    const { shown } = options;
    const ended = await runInside(args, { cwd: this.folder, env: this.env(options.env), shown });
    const printed = ended.stdout + ended.stderr;
    explained(() => ({ what: `${args.join(" ")}: ${ended.code}`, printed }));
    return { ...ended, signal: null, lines: linesOf(ended.stdout) };
  }

  /** Ids of the runs that have a record, oldest first. */
  runs(): readonly string[] {
    return readdirSync(join(this.state, "runs")).toSorted();
  }

  /** Path of the newest run's journal. */
  journal(): string {
    return join(this.state, "runs", this.runs().at(-1) ?? "", "journal.ndjson");
  }

  records(): readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[] {
    return readFileSync(this.journal(), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { type: string; data: Record<string, unknown> });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.children) child.kill("SIGKILL");
    await this.server[Symbol.asyncDispose]();
    await nobodyWrites(this.folder);
    chmodSync(this.folder, 0o700);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The one line of a type. */
export function only(ended: Ended, type: string): Line {
  const found = ended.lines.filter((line) => line.type === type);
  if (found.length !== 1 || found[0] === undefined) {
    throw new Error(`${found.length} lines of type ${type} in\n${ended.stdout}${ended.stderr}`);
  }
  return found[0];
}

/** How the run ended, by its last event. */
export function outcome(ended: Ended): string {
  return String(only(ended, "run.finished")["outcome"]);
}

/** The last `step.finished` of a step. */
export function step(ended: Ended, id: string): Line {
  const found = ended.lines.findLast((line) => line.type === "step.finished" && line["step"] === id);
  if (found === undefined) throw new Error(`no step ${id} ended in\n${ended.stdout}${ended.stderr}`);
  return found;
}
