import type { Redis as Client } from "ioredis";
import { isUtf8 } from "node:buffer";
import { isIP, type Socket } from "node:net";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { guard, TooLong, Unreadable } from "../guard.ts";
import { Aborted, messageOf, networkFailure, timedOut, untilAborted } from "../network.ts";
import type { Redis } from "../../ports/ports.ts";
import type { Secret } from "../../secrets/secret.ts";
import { speaksTls } from "../probe.ts";
import { tlsFailure } from "../tls-failure.ts";
import { verified, type TlsMaterial } from "../verified.ts";
import { loginOf, readAddress, redisForm, shownAddress } from "./address.ts";
import { redisReplies } from "./replies.ts";

export interface RedisSettings {
  /** `redis://[user:password@]host[:port][/db]`, or `rediss:` for TLS. */
  readonly url: string;
  /** Of what TLS takes, where the address asks for it. */
  readonly tls?: TlsMaterial | undefined;
  /** Where the address has none. */
  readonly password?: Secret | undefined;
}

/**
 * Redis by ioredis. Every command has a connection of its own, so there is nothing to close, nothing
 * queues while the server is away and nothing reconnects.
 */
export function createRedis(settings: RedisSettings): Redis {
  const read = readAddress(settings.url);
  const { tls: material = {} } = settings;
  const target = read.ok ? shownAddress(read.value) : "an address that cannot be read";
  const named = `Redis at ${target}`;

  return {
    target,
    async command(command, signal): Promise<Result<unknown>> {
      const login = read.ok ? loginOf(read.value, settings.password?.reveal()) : read;
      if (!read.ok || !login.ok) {
        const message = `${login.ok ? "" : login.failure}; ${redisForm}`;
        return fail({ type: "argument", target: "Redis's address", message, effect: "none" });
      }
      const { host, port, db, tls } = read.value;
      const started = performance.now();
      const [verb, ...rest] = command.map((part) => (typeof part === "string" ? part : Buffer.from(part)));
      const name = String(verb ?? "");
      const { default: ioredis } = await import("ioredis");
      const client = new ioredis.Redis({
        host,
        port,
        ...(tls ? { tls: { ...(isIP(host) === 0 ? { servername: host } : {}), ...verified(material) } } : {}),
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
      let connected = false;
      let answered = false;
      client.on("error", (error) => (trouble ??= error));
      // Before its first byte: ioredis says so in the turn in which it is connected.
      client.once("connect", () => {
        const stream = streamOf(client);
        connected = true;
        const look = redisReplies();
        if (stream === undefined) return;
        guard(stream, (chunk) => {
          answered = true;
          return look(chunk);
        });
      });
      let sent = false;
      try {
        const reply = await untilAborted(
          signal,
          async () => {
            await client.connect();
            // Not left to ioredis: after a failed SELECT it goes on in database 0.
            if (login.value !== undefined) await authenticate(client, login.value);
            if (db !== "0") await client.call("SELECT", db);
            sent = true;
            return await client.callBuffer(name, ...rest);
          },
          () => end(client),
        );
        return readable(named, reply);
      } catch (error) {
        if (error instanceof Aborted) {
          const silent = tls ? "the TLS handshake, which a port without TLS does not answer" : "connecting";
          const doing = connected ? `waiting for ${name}` : silent;
          const failure = timedOut(named, doing, started);
          return fail(sent ? failure : { ...failure, effect: "none" });
        }
        const failure = failureOf(named, trouble, error, tls ? material : undefined);
        const early = !tls && !answered && !signal.aborted && endedEarly(failure);
        const told: Failure =
          early && (await speaksTls(host, port))
            ? { type: "unreadable", target: named, message: wantsTls }
            : failure;
        return fail(sent ? told : { ...told, effect: "none" });
      } finally {
        end(client);
      }
    },
  };
}

const wantsTls = "this port speaks TLS; write rediss:// in Redis's address";

function endedEarly(failure: Failure): boolean {
  return failure.type === "unreachable" && (failure.cause === "reset" || failure.cause === "closed");
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
  streamOf(client)?.destroy();
}

function streamOf(client: Client): Socket | undefined {
  return (client as unknown as { stream?: Socket }).stream;
}

function failureOf(target: string, trouble: unknown, error: unknown, tls: TlsMaterial | undefined): Failure {
  if (trouble instanceof TooLong) {
    return { type: "overflow", target, limit: trouble.limit, message: trouble.message };
  }
  if (trouble instanceof Unreadable) return { type: "unreadable", target, message: trouble.message };
  const network = networkFailure(target, trouble) ?? networkFailure(target, error);
  if (network !== undefined) return network;
  const secured = tls === undefined ? undefined : tlsFailure(target, trouble ?? error, tls);
  if (secured !== undefined) return secured;
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
  if (code === "MOVED" || code === "ASK") {
    const [slot, at] = message.split(" ");
    const says = `this is one node of a cluster, and slot ${slot} lies at ${at}; name that node as Redis's address`;
    return { type: "rejected", target, code, message: says };
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
