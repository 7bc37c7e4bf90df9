import { resolve } from "node:path";
import { bounded } from "../../base/bounded.ts";
import { printable } from "../../base/printable.ts";
import { fail, type Result } from "../../base/result.ts";
import type { SecretSource } from "../../platform/secret-sources.ts";
import type { CommandSecrets, World } from "./world.ts";

type Command = Extract<SecretSource, { type: "command" }>;

/** Milliseconds that a command has. */
const patience = 10_000;
/** Bytes that it may print. */
const limit = 64 * 1024;
/** Characters of what it says of a failure. */
const longest = 200;
/** Milliseconds for which a failure stands: a sender lives for days, and somebody may have logged in since. */
const again = 60_000;

interface Needed extends Pick<World, "env"> {
  readonly stop: AbortSignal;
  /** Milliseconds, for tests. */
  readonly patience?: number;
  readonly again?: number;
}

type Came = Result<string, string>;

interface Asked {
  readonly at: number;
  readonly came: Promise<Came>;
  /** What it came to; until then, how it failed before. */
  stands: Came | undefined;
  pending: boolean;
}

/**
 * Secrets that commands of the platform file print. Each runs once in this process, whoever asks, and with this
 * environment less the secrets in it; nobody is at its keyboard. What it prints is shown nowhere, what it says of a
 * failure is shown without what it printed. One that failed is asked again after a while, and nobody waits for that.
 */
export function createCommandSecrets(needed: Needed): CommandSecrets {
  const all = new Map<string, Asked>();
  const values = new Set<string>();
  const ask = (key: string, source: Command, stands: Came | undefined): Asked => {
    const came = printed(needed, source, values);
    const asked: Asked = { at: performance.now(), came, stands, pending: true };
    void came.then((result) => {
      asked.stands = result;
      asked.pending = false;
      if (result.ok) values.add(result.value);
    });
    all.set(key, asked);
    return asked;
  };
  return {
    values: () => [...values],
    read: async (source) => {
      const key = JSON.stringify([source.folder, source.command]);
      const before = all.get(key);
      if (before === undefined) return await ask(key, source, undefined).came;
      const { at, came, stands, pending } = before;
      const old = performance.now() - at >= (needed.again ?? again);
      if (stands?.ok === false && !pending && old) ask(key, source, stands);
      return stands ?? (await came);
    },
  };
}

async function printed(
  { env, stop, patience: within = patience }: Needed,
  { command, folder }: Command,
  known: ReadonlySet<string>,
): Promise<Came> {
  const [{ withPaths }, { createProcesses }, { withoutSecrets }, { secretLine }] = await Promise.all([
    import("./programs.ts"),
    import("../../drivers/process/process.ts"),
    import("./secret-sources.ts"),
    import("./secret-form.ts"),
  ]);
  const [name = "", ...args] = command;
  const whole = name.includes("/") ? { path: resolve(folder, name) } : {};
  const [found] = await withPaths({ env }, [{ words: command, line: 0, ...whole }]);
  if (found?.path === undefined) return fail("PATH has no such program");
  const own = Object.entries(withoutSecrets(env)).filter(([, value]) => value !== undefined);
  const reply = await createProcesses({}).run({
    command: [found.path, ...args],
    cwd: folder,
    env: Object.fromEntries(own) as Record<string, string>,
    maxBytes: limit,
    signal: bounded(stop, within),
  });
  if (stop.aborted) return fail("it was interrupted");
  if (!reply.ok) return fail(whyNot(reply.failure, within));
  const { exitCode, signal, stdout, stdoutBytes, stderr } = reply.value;
  if (exitCode !== 0) {
    const how = signal === null ? `it exited with ${exitCode ?? "no code"}` : `it was killed by ${signal}`;
    const says = await lastWords(stderr, stdout, known);
    return fail(says === "" ? how : `${how}: ${says}`);
  }
  if (stdoutBytes > limit) return fail(`it printed more than ${limit / 1024} KiB`);
  // What is no UTF-8 has become this sign.
  if (stdout.includes("\u{fffd}")) return fail("it printed something that is not UTF-8");
  const line = secretLine(stdout.replace(/^\u{feff}/u, "").replace(/\r?\n$/, ""));
  return line.ok && line.value.trim() === "" ? fail("it printed nothing") : line;
}

function whyNot(failure: { readonly type: string; readonly message?: string }, within: number): string {
  switch (failure.type) {
    case "timeout":
      return `it did not end within ${within / 1000} s`;
    case "missing":
      return "there is no such program";
    default:
      return failure.message ?? "it could not be started";
  }
}

/** The last line that it wrote of a failure; nothing where that repeats something it printed. */
async function lastWords(stderr: string, stdout: string, known: ReadonlySet<string>): Promise<string> {
  const { createRedactor, shortestSecret } = await import("../../secrets/redactor.ts");
  const line = stderr.trim().split("\n").at(-1) ?? "";
  const pieces = stdout.split(/\s+/).filter((piece) => piece.length >= shortestSecret);
  if (pieces.some((piece) => line.includes(piece))) return "";
  const clean = printable(createRedactor([...known, stdout.trim()]).text(line));
  return clean.length > longest ? `${clean.slice(0, longest)}…` : clean;
}
