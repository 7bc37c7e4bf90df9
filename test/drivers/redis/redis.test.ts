import { expect, test } from "vitest";
import { effectOf } from "../../../src/base/failure.ts";
import { createRedis } from "../../../src/drivers/redis/redis.ts";
import { soon } from "../../patience.ts";
import { closedPort, everyClosed, tcp } from "../loopback.ts";

test("nobody listens: nothing happened", async () => {
  const redis = createRedis({ url: `redis://127.0.0.1:${await closedPort()}` });
  const reply = await redis.command(["SET", "a", "1"], soon());
  expect(reply).toMatchObject({
    ok: false,
    failure: { type: "unreachable", cause: "refused", message: "connection refused", effect: "none" },
  });
});

test("a host that does not exist", async () => {
  const redis = createRedis({ url: "redis://no-such-host.invalid" });
  const reply = await redis.command(["PING"], soon());
  expect(reply).toMatchObject({ ok: false, failure: { type: "unreachable", cause: "dns" } });
});

test("silence: the command was sent, so nobody can say; the connection is closed", async () => {
  // Over when it has been sent: after any time a busy machine may be connecting yet.
  const deadline = new AbortController();
  await using server = await tcp((socket) => {
    socket.on("data", (text) => void (text.includes("SET") && deadline.abort()));
  });
  const redis = createRedis({ url: `redis://127.0.0.1:${server.port}` });
  const reply = await redis.command(["SET", "a", "1"], deadline.signal);
  expect(reply).toMatchObject({ ok: false, failure: { type: "timeout", doing: "waiting for SET" } });
  expect(!reply.ok && effectOf(reply.failure)).toBe("unknown");
  await everyClosed(server);
});

test("silence before the login was answered: nothing happened", async () => {
  await using server = await tcp((socket) => socket.resume());
  const redis = createRedis({ url: `redis://:secret-word@127.0.0.1:${server.port}` });
  const reply = await redis.command(["SET", "a", "1"], AbortSignal.timeout(300));
  expect(reply).toMatchObject({ ok: false, failure: { type: "timeout", effect: "none" } });
});

test("another protocol", async () => {
  await using server = await tcp((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const redis = createRedis({ url: `redis://127.0.0.1:${server.port}` });
  const reply = await redis.command(["PING"], soon());
  expect(reply).toMatchObject({
    ok: false,
    failure: { type: "unreadable", message: "this port speaks HTTP" },
  });
});

test("closed and reset with the command in hand: nobody can say", async () => {
  await using server = await tcp((socket) => socket.once("data", () => socket.resetAndDestroy()));
  const redis = createRedis({ url: `redis://127.0.0.1:${server.port}` });
  const reply = await redis.command(["SET", "a", "1"], soon());
  expect(reply).toMatchObject({ ok: false, failure: { type: "unreachable" } });
  expect(!reply.ok && effectOf(reply.failure)).toBe("unknown");
});

test("a signal that fired before connects to nobody", async () => {
  await using server = await tcp(() => {});
  const redis = createRedis({ url: `redis://127.0.0.1:${server.port}` });
  const reply = await redis.command(["SET", "a", "1"], AbortSignal.abort());
  expect(reply).toMatchObject({ ok: false, failure: { type: "timeout", effect: "none" } });
  expect(server.sockets).toEqual([]);
});

test.each([
  ["redis://user:word@db.local:7000/2", "db.local:7000/2"],
  ["redis://db.local", "db.local:6379/0"],
  ["rediss://[::1]:7000", "[::1]:7000/0"],
])("%s is shown as %s", (url, target) => {
  expect(createRedis({ url }).target).toBe(target);
});
