import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { effectOf } from "../../../src/base/failure.ts";
import type { Result } from "../../../src/base/result.ts";
import { createRedis } from "../../../src/drivers/redis/redis.ts";
import { startRedis, type RedisServer } from "../../../sandbox/redis.ts";
import { soon } from "../../patience.ts";

let open: RedisServer;
let locked: RedisServer;

beforeAll(async () => {
  open = await startRedis({ config: ["maxclients 8"] });
  locked = await startRedis({ password: "right-word" });
});

afterAll(async () => {
  await open.stop();
  await locked.stop();
});

async function run(
  url: string,
  command: readonly (string | Uint8Array)[],
  signal = soon(),
): Promise<Result<unknown>> {
  return await createRedis({ url }).command(command, signal);
}

const login = (password: string): string => `redis://:${password}@127.0.0.1:${locked.port}`;

test("a value goes in and comes out, in the database that was named", async () => {
  expect(await run(`${open.url}/3`, ["SET", "greeting", "grüß dich"])).toEqual({ ok: true, value: "OK" });
  expect(await run(`${open.url}/3`, ["GET", "greeting"])).toEqual({ ok: true, value: "grüß dich" });
  expect(await run(open.url, ["GET", "greeting"])).toEqual({ ok: true, value: null });
});

test("bytes stay bytes, both ways", async () => {
  const bytes = new Uint8Array([0, 255, 13, 10, 254]);
  await run(open.url, ["SET", "bytes", bytes]);
  expect(await run(open.url, ["GET", "bytes"])).toEqual({ ok: true, value: bytes });
  const dump = await run(open.url, ["DUMP", "bytes"]);
  if (!dump.ok || !(dump.value instanceof Uint8Array)) throw new Error("no dump");
  expect(await run(open.url, ["RESTORE", "copy", "0", dump.value])).toEqual({ ok: true, value: "OK" });
  expect(await run(open.url, ["GET", "copy"])).toEqual({ ok: true, value: bytes });
});

test("an integer too large to be exact is refused, not rounded", async () => {
  await run(open.url, ["SET", "big", "9007199254740992"]);
  const reply = await run(open.url, ["INCR", "big"]);
  expect(reply).toMatchObject({ ok: false, failure: { type: "unreadable" } });
  expect(!reply.ok && effectOf(reply.failure)).toBe("unknown");
});

test("no password where one is asked for", async () => {
  const reply = await run(`redis://127.0.0.1:${locked.port}`, ["PING"]);
  expect(reply).toMatchObject({
    ok: false,
    failure: { type: "denied", message: expect.stringMatching(/^NOAUTH/) },
  });
});

test("a wrong password, which is in no message", async () => {
  const reply = await run(login("wrong-word"), ["SET", "a", "b"]);
  expect(reply).toMatchObject({
    ok: false,
    failure: { type: "denied", message: expect.stringMatching(/^WRONGPASS/), effect: "none" },
  });
  expect(JSON.stringify(reply)).not.toContain("wrong-word");
});

test("the right password, and one where none is asked for", async () => {
  expect(await run(login("right-word"), ["PING"])).toEqual({ ok: true, value: "PONG" });
  expect(await run(`redis://:any@127.0.0.1:${open.port}`, ["PING"])).toEqual({ ok: true, value: "PONG" });
});

test("a database that is not there is not quietly another one", async () => {
  const reply = await run(`${open.url}/99`, ["SET", "lost", "1"]);
  expect(reply).toMatchObject({ ok: false, failure: { type: "rejected", code: "ERR", effect: "none" } });
  expect(await run(open.url, ["EXISTS", "lost"])).toEqual({ ok: true, value: 0 });
});

test("a command it does not know, and one on the wrong type", async () => {
  expect(await run(open.url, ["NOSUCH"])).toMatchObject({
    ok: false,
    failure: { type: "rejected", code: "ERR" },
  });
  await run(open.url, ["RPUSH", "list", "1"]);
  expect(await run(open.url, ["GET", "list"])).toMatchObject({
    ok: false,
    failure: { type: "rejected", code: "WRONGTYPE" },
  });
});

test("full of clients", async () => {
  // One more with each question: a place that a question holds for a moment is refused to a sleeper.
  const held: AbortController[] = [];
  const blocked: Promise<Result<unknown>>[] = [];
  let reply: Result<unknown>;
  do {
    const controller = new AbortController();
    held.push(controller);
    blocked.push(run(open.url, ["BLPOP", "none", "0"], controller.signal));
    reply = await run(open.url, ["PING"]);
  } while (reply.ok);
  for (const controller of held) controller.abort();
  expect(reply.failure).toMatchObject({
    type: "denied",
    message: expect.stringMatching(/max number of clients/),
  });
  for (const each of await Promise.all(blocked)) expect(each).toMatchObject({ ok: false });
});

test("a command past its deadline ends, and its connection with it", async () => {
  const blocked = async (): Promise<boolean> => {
    const clients = await run(open.url, ["CLIENT", "LIST"]);
    if (!clients.ok) throw new Error(clients.failure.type);
    return String(clients.value).includes("cmd=blpop");
  };
  const deadline = new AbortController();
  const reply = run(open.url, ["BLPOP", "nothing-there", "0"], deadline.signal);
  // It is over only when the server has the command: a slow machine is still connecting after any time.
  await expect.poll(blocked).toBe(true);
  deadline.abort();
  expect(await reply).toMatchObject({
    ok: false,
    failure: { type: "timeout", doing: "waiting for BLPOP" },
  });
  await expect.poll(blocked).toBe(false);
});

test("a server that loads its data does not serve yet", async () => {
  const source = await startRedis({ config: ["enable-debug-command yes"] });
  const folder = mkdtempSync(join(tmpdir(), "lav-redis-data-"));
  try {
    await run(source.url, ["DEBUG", "POPULATE", "20000"]);
    await run(source.url, ["SAVE"]);
    copyFileSync(join(source.folder, "dump.rdb"), join(folder, "dump.rdb"));
  } finally {
    await source.stop();
  }
  // A key takes a millisecond to load, and commands are looked at in between.
  const loading = await startRedis({
    folder,
    config: ["key-load-delay 1000", "loading-process-events-interval-bytes 1024"],
    ready: /Loading RDB/,
  });
  try {
    expect(await run(loading.url, ["GET", "key:1"])).toMatchObject({
      ok: false,
      failure: { type: "unreachable", cause: "refused", message: expect.stringMatching(/^LOADING/) },
    });
  } finally {
    await loading.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a server that dies with a command in hand", async () => {
  const server = await startRedis();
  const waiting = run(server.url, ["BLPOP", "nothing", "0"]);
  let clients = await run(server.url, ["CLIENT", "LIST"]);
  while (clients.ok && !String(clients.value).includes("cmd=blpop"))
    clients = await run(server.url, ["CLIENT", "LIST"]);
  await server.stop();
  const reply = await waiting;
  expect(reply).toMatchObject({ ok: false, failure: { type: "unreachable" } });
  expect(!reply.ok && effectOf(reply.failure)).toBe("unknown");
  expect(await run(server.url, ["PING"])).toMatchObject({
    ok: false,
    failure: { type: "unreachable", cause: "refused", effect: "none" },
  });
});
