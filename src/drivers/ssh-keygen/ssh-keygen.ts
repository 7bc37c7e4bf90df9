import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPublicKey } from "../../ssh/key.ts";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { bounded } from "../../base/bounded.ts";
import { messageOf } from "../network.ts";
import {
  approvalNamespace,
  type OwnKey,
  type SignatureCheck,
  type Signatures,
} from "../../ports/signatures.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Whom ssh-keygen may ask for a passphrase or a touch. */
export type MayAsk = "terminal" | "nobody";

/** Milliseconds a signature may take that nobody is asked for: a token may want a touch that never comes. */
const unasked = 30_000;

/** Signatures by ssh-keygen, whatever holds the key: a file, an agent, a token that wants a touch. */
export function createSignatures(env: Env, mayAsk: MayAsk): Signatures {
  const stderr = mayAsk === "terminal" ? "inherit" : "pipe";
  return {
    own: (signal) => ownKeys(env, signal),
    keyIn: (path, signal) => keyIn(env, path, { signal, stderr }),
    sign: (key, message, signal) =>
      inFolder(async (folder) => {
        const file = key.path ?? join(folder, "key.pub");
        if (key.path === undefined) await writeFile(file, `${key.type} ${key.blob}\n`);
        const args = ["-q", "-Y", "sign", "-n", approvalNamespace, "-f", file];
        const late = mayAsk === "terminal" ? undefined : AbortSignal.timeout(unasked);
        const within = late === undefined ? signal : AbortSignal.any([signal, late]);
        const ended = await run(env, "ssh-keygen", args, { input: message, signal: within, stderr });
        if (late?.aborted === true && !signal.aborted) return fail(notTouched(key));
        if (!ended.ok) return ended;
        const blob = bare(ended.value.stdout);
        if (ended.value.code === 0 && blob !== undefined) return ok(blob);
        return fail(whyNotSigned(ended.value, key.fingerprint));
      }),
    verify: (check) => inFolder((folder) => verify(env, folder, check)),
  };
}

async function verify(env: Env, folder: string, check: SignatureCheck): Promise<Result<void>> {
  const { person, keys, signature, message, signal } = check;
  const [allowed, sig] = [join(folder, "allowed_signers"), join(folder, "signature")];
  const lines = keys.map((key) => `${person} namespaces="${approvalNamespace}" ${key}\n`);
  await writeFile(allowed, lines.join(""), { mode: 0o600 });
  await writeFile(sig, armoured(signature), { mode: 0o600 });
  const args = ["-Y", "verify", "-f", allowed, "-I", person, "-n", approvalNamespace, "-s", sig];
  const ended = await run(env, "ssh-keygen", args, { input: message, signal, stderr: "pipe" });
  if (!ended.ok) return ended;
  return ended.value.code === 0 ? ok(undefined) : fail(exit(ended.value));
}

/** The agent's first: they need no passphrase. */
async function ownKeys(env: Env, signal: AbortSignal): Promise<readonly OwnKey[]> {
  const keys = new Map<string, OwnKey>();
  const add = (line: string, path: string | undefined): void => {
    const key = readPublicKey(line);
    if (key !== undefined && !keys.has(key.blob)) keys.set(key.blob, { ...key, path });
  };
  if ((env["SSH_AUTH_SOCK"] ?? "") !== "") {
    const within = bounded(signal, 3000);
    const listed = await run(env, "ssh-add", ["-L"], { signal: within, stderr: "pipe" });
    if (listed.ok && listed.value.code === 0)
      for (const line of listed.value.stdout.split("\n")) add(line, undefined);
  }
  const folder = join(env["HOME"] ?? "", ".ssh");
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith(".pub")).toSorted()) {
    const path = join(folder, name);
    add(await readFile(path, "utf8").catch(() => ""), path);
  }
  return [...keys.values()];
}

async function keyIn(env: Env, path: string, how: How): Promise<Result<OwnKey>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    return fail({ type: "missing", target: path, message: `cannot read ${path}: ${messageOf(error)}` });
  }
  const own = readPublicKey(text) ?? readPublicKey(await readFile(`${path}.pub`, "utf8").catch(() => ""));
  if (own !== undefined) return ok({ ...own, path });
  // A private key alone: its public half is inside it, and may want the passphrase.
  const shown = await run(env, "ssh-keygen", ["-y", "-f", path], how);
  const key = shown.ok ? readPublicKey(shown.value.stdout) : undefined;
  if (key !== undefined) return ok({ ...key, path });
  if (shown.ok && /passphrase/i.test(shown.value.stderr)) return fail(whyNotSigned(shown.value, path));
  return fail({ type: "unreadable", target: path, message: "it holds no SSH key" });
}

interface Ended {
  readonly program: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface How {
  readonly input?: string;
  readonly signal: AbortSignal;
  /**
   * `inherit`: the program may ask for a touch there; for a passphrase it opens the terminal itself.
   * `pipe`: it may ask nobody, and is given no terminal that it could open.
   */
  readonly stderr: "inherit" | "pipe";
}

/** With our whole environment: it must reach the agent. In our own session only where it may ask at its terminal. */
async function run(env: Env, program: string, args: readonly string[], how: How): Promise<Result<Ended>> {
  const { spawn } = await import("node:child_process");
  return await new Promise((resolve) => {
    const detached = how.stderr === "pipe";
    const child = spawn(program, args, {
      env: detached ? { ...env, SSH_ASKPASS_REQUIRE: "never" } : env,
      detached,
      signal: how.signal,
      stdio: ["pipe", "pipe", how.stderr],
    });
    let stdout = "";
    let stderr = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.stdin?.on("error", () => {});
    child.stdin?.end(how.input ?? "");
    child.on("error", (error) => resolve(fail(notRun(program, error, how.signal))));
    child.on("close", (code) => resolve(ok({ program, code, stdout, stderr })));
  });
}

function notRun(program: string, error: unknown, signal: AbortSignal): Failure {
  const effect = "none";
  if (signal.aborted) {
    return { type: "interrupted", target: program, message: `interrupted while ${program} ran`, effect };
  }
  if (error instanceof Error && "code" in error && error.code === "ENOENT") {
    const message = `program ${program} not found; it comes with OpenSSH`;
    return { type: "missing", target: program, message, effect };
  }
  return { type: "argument", target: program, message: messageOf(error), effect };
}

/** A passphrase that nobody could be asked for looks to ssh-keygen like a wrong one. */
function whyNotSigned(ended: Ended, key: string): Failure {
  const { program: target, stderr } = ended;
  const effect = "none";
  if (/passphrase/i.test(stderr)) {
    const message = `the key ${key} needs a passphrase, and there is no terminal to ask for it; run ssh-add, or sign at a terminal`;
    return { type: "denied", target, message, effect };
  }
  if (/No private key found/i.test(stderr)) {
    const message = `the private half of ${key} is neither in the agent nor beside its public half`;
    return { type: "missing", target, message, effect };
  }
  return exit(ended);
}

function notTouched({ fingerprint }: OwnKey): Failure {
  const message = `the key ${fingerprint} did not sign within ${unasked / 1000} seconds; a hardware key needs a touch: sign at a terminal`;
  return { type: "denied", target: "ssh-keygen", message, effect: "none" };
}

function exit({ program, code, stderr }: Ended): Failure {
  return { type: "exit", target: program, code, signal: null, stderr, effect: "none" };
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "lav-ir-sign-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [begin, end] = ["-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"];

function bare(text: string): string | undefined {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  return from < 0 || to < from ? undefined : text.slice(from + begin.length, to).replaceAll(/\s/g, "");
}

function armoured(blob: string): string {
  return [begin, ...(blob.match(/.{1,70}/g) ?? []), end, ""].join("\n");
}
