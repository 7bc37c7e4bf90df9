import type { Redis as Client } from "ioredis";
import { isUtf8 } from "node:buffer";
import type { Socket } from "node:net";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { guard, TooLong, Unreadable } from "../guard.ts";
import { Aborted, messageOf, networkFailure, timedOut, untilAborted } from "../network.ts";
import type { Redis } from "../../ports/ports.ts";
import { verified } from "../verified.ts";
import { readAddress, redisForm, shownAddress } from "./address.ts";
import { redisReplies } from "./replies.ts";

export interface RedisSettings {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss:` for TLS. */
  readonly url: string;
  /** Certificates to trust instead of Node's own, as PEM. */
  readonly ca?: string | undefined;
}

/**
 * Redis by ioredis. Every command has a connection of its own, so there is nothing to close, nothing
 * queues while the server is away and nothing reconnects.
 */
export function createRedis(settings: RedisSettings): Redis {
  const read = readAddress(settings.url);
  const target = read.ok ? shownAddress(read.value) : "an address that cannot be read";
  const named = `Redis at ${target}`;

  return {
    target,
    async command(command, signal): Promise<Result<unknown>> {
      if (!read.ok) {
        const message = `${read.failure}; ${redisForm}`;
        return fail({ type: "argument", target: "Redis's address", message, effect: "none" });
      }
      const { host, port, db, tls, login } = read.value;
      const started = performance.now();
      const [verb, ...rest] = command.map((part) => (typeof part === "string" ? part : Buffer.from(part)));
      const name = String(verb ?? "");
      const { default: ioredis } = await import("ioredis");
      const client = new ioredis.Redis({
        host,
        port,
        ...(tls ? { tls: { servername: host, ...verified({ ca: settings.ca }) } } : {}),
        lazyConnect: true,
        enableOfflineQueue: false,
        enableReadyCheck: false,
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
        autoResubscribe: false,
        disableClientInfo: true,
        connectionName: "",
        connectTimeout: 0x7fff_ffff,
      });
      let trouble: unknown;
      client.on("error", (error) => (trouble ??= error));
      // Before its first byte: ioredis says so in the turn in which it is connected.
      client.once("connect", () => guard(streamOf(client), redisReplies()));
      let sent = false;
      try {
        const reply = await untilAborted(
          signal,
          async () => {
            await client.connect();
            // Not left to ioredis: after a failed SELECT it goes on in database 0.
            if (login !== undefined) await authenticate(client, login);
            if (db !== "0") await client.call("SELECT", db);
            sent = true;
            return await client.callBuffer(name, ...rest);
          },
          () => end(client),
        );
        return readable(named, reply);
      } catch (error) {
        if (error instanceof Aborted) {
          const failure = timedOut(named, `waiting for ${name}`, started);
          return fail(sent ? failure : { ...failure, effect: "none" });
        }
        const failure = failureOf(named, trouble, error);
        return fail(sent ? failure : { ...failure, effect: "none" });
      } finally {
        end(client);
      }
    },
  };
}

async function authenticate(client: Client, login: readonly string[]): Promise<void> {
  try {
    await client.call("AUTH", ...login);
  } catch (error) {
    // A password given to a server that has none keeps nobody out.
    if (!/without any password configured/.test(messageOf(error))) throw error;
  }
}

function end(client: Client): void {
  client.disconnect();
  // disconnect() waits for the other side's goodbye, which a hanging server never says.
  (streamOf(client) as Socket | undefined)?.destroy();
}

function streamOf(client: Client): Socket {
  return (client as unknown as { stream: Socket }).stream;
}

function failureOf(target: string, trouble: unknown, error: unknown): Failure {
  if (trouble instanceof TooLong) {
    return { type: "overflow", target, limit: trouble.limit, message: trouble.message };
  }
  if (trouble instanceof Unreadable) return { type: "unreadable", target, message: trouble.message };
  const network = networkFailure(target, trouble) ?? networkFailure(target, error);
  if (network !== undefined) return network;
  for (const cause of [error, trouble]) {
    if (!(cause instanceof Error)) continue;
    if (cause.name === "ReplyError") return replyFailure(target, cause.message);
    if (cause.name === "ParserError") {
      return { type: "unreadable", target, message: "this is not the Redis protocol" };
    }
  }
  const text = messageOf(error);
  if (!/closed|writeable/.test(text)) return { type: "unreadable", target, message: text };
  return { type: "unreachable", target, cause: "closed", message: "it closed the connection" };
}

/** An error reply's first word is its code: `NOAUTH`, `WRONGPASS`, `LOADING`, `ERR`. */
function replyFailure(target: string, reply: string): Failure {
  const [, code = "ERR", message = reply] = /^([A-Z][A-Z0-9_]*) (.*)$/s.exec(reply) ?? [];
  if (code === "NOAUTH" || code === "WRONGPASS" || code === "NOPERM" || /max number of clients/.test(reply)) {
    return { type: "denied", target, message: `${code} ${message}` };
  }
  // It answers, and serves nobody yet: no availability to speak of, as with a database that starts up.
  if (code === "LOADING" || code === "MASTERDOWN") {
    return { type: "unreachable", target, cause: "refused", message: `${code} ${message}` };
  }
  return { type: "rejected", target, code, message };
}

/** Text where it is UTF-8, bytes where not; an integer that JavaScript would round is refused. */
function readable(target: string, reply: unknown): Result<unknown> {
  let rounded = false;
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read);
    if (value instanceof Uint8Array) {
      const bytes = Buffer.from(value);
      return isUtf8(bytes) ? bytes.toString("utf8") : new Uint8Array(bytes);
    }
    if (typeof value === "number" && !Number.isSafeInteger(value)) rounded = true;
    return value;
  };
  const value = read(reply);
  if (!rounded) return ok(value);
  return fail({ type: "unreadable", target, message: "an integer in it is too large to be kept exactly" });
}
