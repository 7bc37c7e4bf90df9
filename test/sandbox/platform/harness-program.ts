import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../../sandbox/child.ts";
import { patience } from "../../patience.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is not. */
  readonly json: unknown;
  /** What is at `a.0.b` in the JSON; undefined when nothing is. */
  readonly at: (path: string) => unknown;
}

export interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly key?: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds; longer than the stand-in gives itself where it is left out. */
  readonly within?: number;
}

/** One program, running as a plain process. */
export interface Running {
  readonly instance: string;
  readonly port: number;
  readonly state: string;
  readonly url: string;
  readonly pid: number;
  call(path: string, call?: Call): Promise<Answer>;
  log(): string;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): Promise<number | string>;
}

export interface ProgramOptions {
  readonly script: string;
  readonly instance: string;
  readonly healthy: boolean;
  readonly port: number | undefined;
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function startProgram(options: ProgramOptions): Promise<Running> {
  const port = options.port ?? (await freePort());
  const child = spawn(process.execPath, [options.script], {
    env: { ...options.env, INSTANCE: options.instance, PORT: String(port), STATE_DIR: options.state },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (written += chunk.toString()));
  const onExit = (): void => void child.kill("SIGKILL");
  process.once("exit", onExit);
  const ended = once(child, "exit").then(([code, signal]) => {
    process.off("exit", onExit);
    return (code ?? signal) as number | string;
  });
  const url = `http://127.0.0.1:${port}`;
  const running: Running = {
    instance: options.instance,
    port,
    state: options.state,
    url,
    pid: child.pid ?? 0,
    ended,
    log: () => written,
    call: async (path, call) => await send(url, path, call),
    async kill(signal) {
      child.kill(signal);
      return await ended;
    },
  };
  const end = performance.now() + patience;
  let exited = false;
  void ended.then(() => (exited = true));
  while (!exited) {
    const status = await running.call("/health", { within: patience }).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 || (!options.healthy && written.includes('"listening"'))) return running;
    if (performance.now() > end) throw new Error(`${options.instance} is not healthy:\n${written}`);
    await wait(25);
  }
  if (options.healthy) throw new Error(`${options.instance} ended at its start:\n${written}`);
  return running;
}

async function send(url: string, path: string, call: Call = {}): Promise<Answer> {
  const headers = new Headers(call.headers);
  if (call.token !== undefined) headers.set("authorization", `Bearer ${call.token}`);
  if (call.key !== undefined) headers.set("idempotency-key", call.key);
  if (call.json !== undefined) headers.set("content-type", "application/json");
  const body = call.json === undefined ? call.body : JSON.stringify(call.json);
  const response = await fetch(url + path, {
    method: call.method ?? (body === undefined ? "GET" : "POST"),
    headers,
    signal: AbortSignal.timeout(call.within ?? 2 * patience),
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const json = parsed(text);
  const at = (where: string): unknown => where.split(".").reduce(within, json);
  return { status: response.status, headers: response.headers, text, json, at };
}

function within(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
