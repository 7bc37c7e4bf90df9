import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fail, ok, type Result } from "../../src/base/result.ts";
import { createEngineReader } from "../../src/drivers/docker/reader.ts";
import { createHttp } from "../../src/drivers/http/http.ts";
import { createKafka, createKafkaSurvey } from "../../src/drivers/kafka/kafka.ts";
import { createPostgres } from "../../src/drivers/postgres/postgres.ts";
import { createRedis } from "../../src/drivers/redis/redis.ts";
import { createSlackBot } from "../../src/drivers/slack/bot.ts";
import { call } from "../../src/trading/api/call.ts";
import { temporaryFolder } from "../program.ts";
import { message } from "./channel/message.ts";
import { tcp } from "./loopback.ts";
import { soon } from "../patience.ts";

// faults 0.11: whatever comes from a port, a driver fails with a typed failure, in time and in bounded memory; nothing
// is thrown where nobody can catch it.

type Ask = (port: number, signal: AbortSignal) => Promise<Result<unknown>>;

const asks: Readonly<Record<string, Ask>> = {
  Kafka: async (port, signal) => await createKafka({ brokers: `127.0.0.1:${port}` }).cluster(signal),
  "Kafka's groups": async (port, signal) =>
    await createKafkaSurvey({ brokers: `127.0.0.1:${port}` }).groups(signal),
  Redis: async (port, signal) =>
    await createRedis({ url: `redis://127.0.0.1:${port}` }).command(["INFO"], signal),
  "Redis with a password": async (port, signal) =>
    await createRedis({ url: `redis://:pw@127.0.0.1:${port}/3` }).command(["INFO"], signal),
  PostgreSQL: async (port, signal) => await sql(port, "disable", signal),
  "PostgreSQL with TLS preferred": async (port, signal) => await sql(port, "prefer", signal),
  "Docker's engine": async (port, signal) =>
    await createEngineReader({ host: `tcp://127.0.0.1:${port}` }).json("/containers/json", signal),
  "an HTTP service": async (port, signal) =>
    await createHttp({}).request({
      method: "GET",
      url: `http://127.0.0.1:${port}/health`,
      headers: {},
      body: undefined,
      maxBytes: 65_536,
      signal,
    } as never),
  "a channel": async (port, signal) => {
    const settings = { token: "xoxb-token", channel: "C042", url: `http://127.0.0.1:${port}` };
    const sent = await createSlackBot(createHttp(), settings).send(message(), signal);
    return sent.outcome === "accepted"
      ? ok(sent)
      : fail({ type: "unreadable", target: "Slack", message: "" });
  },
  "an instance that is halted": async (port, signal) =>
    await call({ method: "POST", url: `http://127.0.0.1:${port}/api/emergency/halt`, json: {}, signal }),
};

async function sql(port: number, mode: string, signal: AbortSignal): Promise<Result<unknown>> {
  const url = `postgres://u:p@127.0.0.1:${port}/d?sslmode=${mode}`;
  const request = {
    sql: "SELECT 1",
    params: [],
    mode: "read",
    transaction: true,
    maxRows: 10,
    statementTimeout: 1000,
    lockTimeout: 1000,
    login: "any",
    signal,
  };
  return await createPostgres({ url, env: {} } as never).query(request as never);
}

const thrown: unknown[] = [];
const hear = (error: unknown): void => void thrown.push(error);
beforeAll(() => {
  process.on("uncaughtException", hear);
  process.on("unhandledRejection", hear);
});
afterAll(() => {
  process.off("uncaughtException", hear);
  process.off("unhandledRejection", hear);
});

/** Asks a server that does this with each connection. */
async function answered(
  ask: Ask,
  onConnection: (socket: Socket) => void,
  patience = 400,
): Promise<Result<unknown>> {
  await using server = await tcp(onConnection);
  const result = await ask(server.port, AbortSignal.timeout(patience));
  // What is thrown out of an event comes in a turn of its own.
  await sleep(0);
  expect(thrown.splice(0)).toEqual([]);
  return result;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const http = "HTTP/1.1 200 OK\r\n";

/** What a stranger's port says, each at once and as an answer to the first question. */
const garbage: Readonly<Record<string, Buffer>> = {
  "four zero bytes": hex("00000000"),
  "four bytes of ff": hex("ffffffff"),
  "three bytes": hex("000000"),
  "a length of one": hex("00000001 00"),
  "a length of three": hex("00000003 000000"),
  "a length of minus two": hex("fffffffe 0000000000000000"),
  "a length of two gigabytes": hex("7fffffff 00000000 0000"),
  "a reply to what was not asked": hex("00000008 7fffffff 00000000"),
  "a reply with four thousand million fields": hex("0000000d 00000000 0000 ffffffff0f ffff"),
  "a reply with thirty million versions": hex("0000000a 00000000 0000 01c9c380"),
  "two replies in one, the second cut": hex("00000004 00000000 00000004 00"),
  "a TLS alert": hex("15030100020228"),
  "an HTTP reply": Buffer.from(`${http}Content-Length: 2\r\n\r\n{}`),
  "an HTTP reply without an end": Buffer.from(`${http}Transfer-Encoding: chunked\r\n\r\nffffffff\r\nx`),
  "an HTTP reply with a chunk's length that is none": Buffer.from(
    `${http}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
  ),
  "an HTTP reply of another protocol": Buffer.from(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nx",
  ),
  "an HTTP reply with two lengths": Buffer.from(`${http}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`),
  "an HTTP reply with a header of 100 kB": Buffer.from(`${http}X: ${"x".repeat(100_000)}\r\n\r\n`),
  "an HTTP status that is none": Buffer.from("HTTP/1.1 999999 Huge\r\n\r\n"),
  "an HTTP reply that is not JSON": Buffer.from(`${http}Api-Version: 1.40\r\nContent-Length: 5\r\n\r\n{"a":`),
  "a Redis value of a terabyte": Buffer.from("$1099511627776\r\nx"),
  "a Redis array of thirty million in ten like it": Buffer.from("*30000000\r\n".repeat(10)),
  "Redis arrays in arrays without end": Buffer.from("*1\r\n".repeat(100_000)),
  "a Redis length that is none": Buffer.from("$abc\r\n"),
  "a Redis length below zero": Buffer.from("*-7\r\n$-9\r\n"),
  "five Redis replies to one question": Buffer.from("+a\r\n+b\r\n+c\r\n:1\r\n-ERR x\r\n"),
  "a Redis push of RESP3": Buffer.from(">2\r\n+a\r\n+b\r\n"),
  "an SSH banner": Buffer.from("SSH-2.0-OpenSSH_9.6\r\n"),
  "a MySQL greeting": hex("4a0000000a382e302e3336"),
  "a PostgreSQL message of length zero": hex("52 00000000"),
  "a PostgreSQL row that was not asked for": hex("5200000008 00000000 44 0000000b 7fff ffffffff 00"),
  "a PostgreSQL row with a length below zero": hex(
    "5200000008 00000000 5a00000005 49 44 0000000a 0001 fffffff0",
  ),
  "a PostgreSQL message of three gigabytes": hex("52 c0000000 00000000"),
  "a PostgreSQL error without an end": Buffer.from("E\0\0\0\u0008SFAT"),
  "a PostgreSQL login that nobody knows": hex("5200000008 0000007f"),
  "a PostgreSQL SASL challenge of nothing": hex("5200000008 0000000a"),
  "a PostgreSQL SASL end out of turn": hex("520000000c 0000000c 763d7878"),
  "an S and then no TLS": Buffer.from("Sxxxxxxxxxxxxxxxxxxxx"),
  "a BOM and nothing": hex("efbbbf"),
  "a line feed": Buffer.from("\n"),
};

// Side by side, since most of it is told by a deadline alone; what is thrown is found whoever looks for it.
for (const [name, ask] of Object.entries(asks)) {
  describe.concurrent(`faults 0.11: ${name}`, () => {
    test.each(["at once", "as an answer"])(
      "garbage that comes %s is a typed failure, and nothing is thrown",
      async (when) => {
        const failed = await Promise.all(
          Object.entries(garbage).flatMap(([what, bytes]) =>
            [true, false].map(async (closes) => {
              const say = (socket: Socket): void => void (closes ? socket.end(bytes) : socket.write(bytes));
              const result = await answered(
                ask,
                (socket) => {
                  socket.resume();
                  if (when === "at once") say(socket);
                  else socket.once("data", () => say(socket));
                },
                2000,
              );
              return [what, result.ok ? "ok" : typeof result.failure] as const;
            }),
          ),
        );
        const expected = new Set(["an HTTP reply", "an HTTP reply that is not JSON"]);
        // Some of it is an answer to some of them.
        const wrong = failed.filter(
          ([what, said]) =>
            said === "ok" && !expected.has(what) && !name.includes("HTTP") && !name.startsWith("Redis"),
        );
        expect(wrong).toEqual([]);
      },
    );

    test("bytes of any kind, in pieces of any size: an answer or a typed failure, and nothing is thrown", async () => {
      const bytes = fc.oneof(
        fc.uint8Array({ minLength: 0, maxLength: 60 }),
        fc.constantFrom(...Object.values(garbage)).map((all) => new Uint8Array(all)),
        fc.tuple(fc.integer({ min: 0, max: 64 }), fc.uint8Array({ maxLength: 64 })).map(([length, body]) => {
          const frame = Buffer.alloc(8 + body.length);
          frame.writeInt32BE(length, 0);
          frame.set(body, 8);
          return new Uint8Array(frame);
        }),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(bytes, { maxLength: 3 }),
          fc.boolean(),
          fc.integer({ min: 1, max: 9 }),
          async (parts, closes, cut) => {
            const all = Buffer.concat(parts);
            const result = await answered(
              ask,
              (socket) => {
                socket.resume();
                socket.write(all.subarray(0, cut), () => {
                  socket.write(all.subarray(cut), () => {
                    if (closes) socket.destroySoon();
                  });
                });
              },
              150,
            );
            if (!result.ok) expect(result.failure).toBeDefined();
          },
        ),
        { numRuns: 25 },
      );
    });
  });
}

/** Says the same without end, as fast as it is taken. */
function without(end: Buffer, first: Buffer): (socket: Socket) => void {
  return (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(end)) {
        // As much as the system takes at once.
      }
    };
    socket.on("drain", more);
    socket.resume();
    socket.write(first);
    more();
  };
}

describe("faults 0.11: what does not end costs bounded memory, and ends at the deadline", () => {
  const endless: readonly (readonly [string, Buffer, Buffer])[] = [
    ["Kafka", hex("03f00000 00000000"), Buffer.alloc(65_536)],
    ["Kafka", hex("7f000000 00000000"), Buffer.alloc(65_536)],
    ["Redis", Buffer.from("$500000000000\r\n"), Buffer.alloc(65_536, "x")],
    ["Redis", Buffer.from("+"), Buffer.alloc(65_536, "x")],
    ["Redis", Buffer.from("*3000000\r\n"), Buffer.from("$1\r\nx\r\n".repeat(5000))],
    ["PostgreSQL", hex("52 7fffffff"), Buffer.alloc(65_536)],
    ["PostgreSQL", hex("5200000008 00000000"), hex("5a00000005 49".repeat(5000))],
    [
      "Docker's engine",
      Buffer.from(`${http}Transfer-Encoding: chunked\r\n\r\n`),
      Buffer.from(`10000\r\n${"x".repeat(65_536)}\r\n`),
    ],
    ["an HTTP service", Buffer.from(`${http}\r\n`), Buffer.alloc(65_536, "x")],
    ["an instance that is halted", Buffer.from(`${http}\r\n`), Buffer.alloc(65_536, "x")],
    ["an HTTP service", Buffer.from(http), Buffer.from("X-Y: z\r\n".repeat(5000))],
  ];
  test.each(endless)("%s: %#", async (name, first, more) => {
    const ask = asks[name];
    if (ask === undefined) throw new Error(name);
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
    try {
      await answered(ask, without(more, first), 700);
    } finally {
      clearInterval(watch);
    }
    expect((most - before) / 1_048_576).toBeLessThan(600);
  });

  test.each(Object.keys(asks))("%s: a byte at a time", async (name) => {
    const ask = asks[name];
    if (ask === undefined) throw new Error(name);
    const result = await answered(
      ask,
      (socket) => {
        socket.resume();
        const text = Buffer.concat([hex("00000040"), Buffer.alloc(64)]);
        let at = 0;
        const timer = setInterval(() => void socket.write(text.subarray(at, ++at)), 10);
        socket.once("close", () => clearInterval(timer));
      },
      300,
    );
    expect(result.ok).toBe(false);
  });

  test("a unix socket that says garbage is no engine", async () => {
    const path = join(temporaryFolder(), "docker.sock");
    const server = createServer((socket) => socket.on("error", () => {}).end(hex("ffffffff")));
    server.listen(path);
    await once(server, "listening");
    const result = await createEngineReader({ host: `unix://${path}` }).json("/info", soon());
    server.close();
    expect(result.ok ? "ok" : result.failure.type).toBe("unreadable");
    expect(thrown.splice(0)).toEqual([]);
  });
});
