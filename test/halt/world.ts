import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { engineJson } from "../../sandbox/docker.ts";
import { checked } from "../cli/line-schema.ts";
import { nobodyWrites } from "../cli/still-writing.ts";
import { explained } from "../explained.ts";
import type { Stack } from "../../sandbox/stack.ts";
import { patience, soon } from "../patience.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin", "lav-ir.js");
export const venueNames = ["ATLAS", "BOREAL", "CYGNUS", "DRACO", "ELARA", "FORNAX"] as const;

export interface HaltRan {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** The last line, with the receipt in it. */
  readonly finished: Readonly<Record<string, unknown>> | undefined;
}

export interface HaltOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Handed the child as soon as it runs. */
  readonly started?: (kill: (signal: NodeJS.Signals) => void) => void;
}

/** An operator who halts, on a stack: the built program with a state folder of its own. */
export class Halter implements AsyncDisposable {
  readonly state = mkdtempSync(join(tmpdir(), "lav-ir-halter-"));
  readonly stack: Stack;

  constructor(stack: Stack) {
    this.stack = stack;
  }

  /** Where a terminal's program runs. */
  get folder(): string {
    return root;
  }

  /** What the operator's shell has. */
  env(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const { PATH = "", HOME = "" } = process.env;
    const { platformFile, env } = this.stack;
    return { PATH, HOME, ...env, LAV_IR_CONFIG: platformFile, LAV_IR_STATE_DIR: this.state, ...more };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What keeps a halt's record outlives it: a folder removed under it would come back.
    await nobodyWrites(this.state);
    rmSync(this.state, { recursive: true, force: true });
  }

  async halt({ env = {}, args = ["--yes"], started }: HaltOptions = {}): Promise<HaltRan> {
    return await this.run(["halt-all", "--reason", "a test", "--json", ...args], env, started);
  }

  async run(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    started?: HaltOptions["started"],
  ): Promise<HaltRan> {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: root,
      env: this.env(env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    explained(() => ({ what: `${args.join(" ")}: ${child.exitCode}`, printed: stdout + stderr }));
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    started?.((signal) => child.kill(signal));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    const lines = stdout.startsWith('{"type":"header"')
      ? stdout
          .trimEnd()
          .split("\n")
          .map((line) =>
            checked(JSON.parse(line) as Readonly<Record<string, unknown>> & { readonly type: string }),
          )
      : [];
    return { code, stdout, stderr, lines, finished: lines.findLast(({ type }) => type === "halt.finished") };
  }
}

/** Everything trading again, with orders flowing: faster than a whole reset of the stack. */
export async function tradingAgain(stack: Stack, rate: number): Promise<void> {
  await stack.clear();
  const { dockerHost } = stack.state;
  for (const { id, state, service } of await stack.containers()) {
    if (state === "paused")
      await engineJson(dockerHost, { method: "POST", path: `/containers/${id}/unpause` });
    else if (state !== "running" && service !== "") {
      await engineJson(dockerHost, { method: "POST", path: `/containers/${id}/start` }, [304]);
    }
  }
  await stack.healthy();
  const resets = [stack.url("venues"), stack.url("executioner", 1), stack.url("executioner", 2)];
  for (const url of resets) await post(`${url}/admin/reset`, {});
  await post(`${stack.url("gateway")}/api/generator`, { rate });
  await flowing(stack);
}

/** Waits until both instances have sent an order to a venue. */
export async function flowing(stack: Stack): Promise<void> {
  const since = Date.now();
  for (const until = performance.now() + patience; performance.now() < until;) {
    const clients = new Set((await ordersSince(stack, since)).map(({ client }) => client));
    if (clients.size >= 2) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("orders do not flow through both instances");
}

export interface VenueTruth {
  readonly venue: string;
  /** The instance that sent it. */
  readonly client: string;
  readonly order: string;
  readonly at: number;
}

/** Orders that a venue took after a time, by the venue: whatever anybody else says of them. */
export async function ordersSince(stack: Stack, since: number): Promise<readonly VenueTruth[]> {
  const books = venueNames.map(async (venue) => {
    const reply = await fetch(`${stack.url("venues")}/venues/${venue}/orders?status=all`, {
      signal: soon(),
    });
    const { orders } = (await reply.json()) as {
      orders: readonly { client: string; client_order_id: string; placed_at: string }[];
    };
    return orders
      .map((one) => ({
        venue,
        client: one.client,
        order: one.client_order_id,
        at: Date.parse(one.placed_at),
      }))
      .filter(({ at }) => at > since);
  });
  return (await Promise.all(books)).flat();
}

export async function post(url: string, json: unknown, token?: string): Promise<unknown> {
  const reply = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(json),
    signal: soon(),
  });
  return await reply.json();
}
