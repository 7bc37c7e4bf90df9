import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { hidesPlainly } from "../../src/cli/hides-plainly.ts";
import { identityOf } from "../../src/app/context/identity.ts";
import { lasting } from "../../src/drivers/prompt/keyboard.ts";
import { createCommandSecrets } from "../../src/app/context/command-secrets.ts";
import { createOutlet } from "../../src/output/outlet.ts";
import type { World } from "../../src/app/context/world.ts";
import { noJob } from "../../src/drivers/process/job.ts";

const folder = fileURLToPath(new URL("../..", import.meta.url));
/** Variables that the reader of the command line takes from the process itself. */
const readByName = ["LAV_IR_CONFIG", "LAV_IR_INCIDENT"] as const;

interface Program {
  readonly main: (args: readonly string[], world: World) => Promise<number>;
  /** undefined: its command line is for `main`. */
  readonly haltFast: (args: readonly string[], world: World) => Promise<number | undefined>;
}
interface Loader {
  load(file: string): unknown;
}

let loaded: Program | undefined;

/** The built program's own, with its compiled code: read once, where a process would read it every time. */
function program(): Program {
  if (loaded !== undefined) return loaded;
  const dist = join(folder, "dist");
  const require = createRequire(import.meta.url);
  const { createLoader } = require("../../bin/load.js") as { createLoader: (folder: string) => Loader };
  const loader = createLoader(dist);
  const all = readdirSync(join(dist, "chunks"));
  const chunk = (name: string): object => {
    const chunks = all.filter((one) => new RegExp(`^${name}-\\w+\\.js$`).test(one));
    if (chunks.length !== 1) throw new Error(`dist/chunks has ${chunks.length} files named ${name}-*.js`);
    return loader.load(join(dist, "chunks", chunks[0] ?? "")) as object;
  };
  loaded = { ...chunk("program"), ...chunk("fast") } as Program;
  return loaded;
}

/** The way that src/cli/process.ts goes. */
async function commanded(args: readonly string[], world: World): Promise<number> {
  const { main, haltFast } = program();
  const halted = args.includes("halt-all") ? await haltFast(args, world) : undefined;
  return halted ?? (await main(args, world));
}

interface Inside {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where its output goes says that it is a terminal of 100 columns: what it writes there, not what is typed. */
  readonly shown?: boolean | undefined;
}
interface EndedInside {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Made once, as a process makes it: each would listen for errors of the one standard input. */
let keyboard: ReturnType<typeof lasting> | undefined;

/** The folder that the process is in is one for all: a command waits for the one before it. */
let turn: Promise<unknown> = Promise.resolve();

/** Runs one command in this process: no terminal, no signals, and nothing of this process's environment. */
export async function runInside(args: readonly string[], inside: Inside): Promise<EndedInside> {
  const mine = turn.then(async () => await runNow(args, inside));
  turn = mine.catch(() => {});
  return await mine;
}

async function runNow(args: readonly string[], { cwd, env, shown = false }: Inside): Promise<EndedInside> {
  const [stdout, stderr] = [collected(shown), collected(shown)];
  const never = new AbortController().signal;
  const { uid, gid, username } = userInfo();
  const outlet = createOutlet(stdout.stream, stderr.stream);
  outlet.hide(hidesPlainly(env));
  const world: World = {
    env,
    cwd,
    // Read from /dev/null where nobody sits: a test that needs a person runs the program itself.
    get stdin() {
      return (keyboard ??= lasting(process.stdin, noJob));
    },
    stdout: stdout.stream,
    stderr: stderr.stream,
    // As in src/cli/process.ts: only root may speak for another.
    user: (uid === 0 ? env["SUDO_USER"] : undefined) ?? username,
    identity: identityOf(uid, gid, env),
    host: hostname(),
    shipped: join(folder, "runbooks"),
    version: "0.1.0",
    again: { program: process.execPath, args: [join(folder, "bin", "lav-ir.js")] },
    interruption: { stop: never, kill: never, exitCode: () => 130, interrupt: () => {} },
    job: noJob,
    commandSecrets: createCommandSecrets({ env, stop: new AbortController().signal }),
    outlet,
  };
  const before = readByName.map((name) => [name, process.env[name]] as const);
  const from = process.cwd();
  try {
    // Files that are named are opened from where the process is.
    process.chdir(cwd);
    for (const name of readByName) set(name, env[name]);
    const code = await commanded(args, world);
    return { code, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.chdir(from);
    for (const [name, value] of before) set(name, value);
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}

const terminal = { isTTY: true, columns: 100, rows: 30, getColorDepth: () => 8 };

function collected(shown: boolean): { readonly stream: PassThrough; text(): string } {
  const stream = shown ? Object.assign(new PassThrough(), terminal) : new PassThrough();
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return {
    stream,
    text() {
      // What is still in it comes out at once.
      for (let chunk = stream.read() as Buffer | null; chunk !== null; chunk = stream.read() as Buffer | null)
        chunks.push(chunk);
      return Buffer.concat(chunks).toString("utf8");
    },
  };
}
