import { createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listening, type Loopback } from "../drivers/loopback.ts";
import { outcome, Rig, type Ended } from "./rig.ts";

let rig: Rig;
beforeEach(async () => void (rig = await Rig.create()));
afterEach(async () => await rig[Symbol.asyncDispose]());

const preload = fileURLToPath(new URL("preload/still.mjs", import.meta.url));

/** Runs one change of a store. It comes back only when the process has nothing left to wait for. */
async function changed(store: string, step: string): Promise<Ended> {
  rig.platform(store).runbook("book", `title: Book\nsteps:\n  - ${step}\n`);
  return await rig.run(["run", "book", "--yes", "--json"], { preload });
}

/** A server that hears the other side's end and never says its own. */
async function halfClosed(answer: (chunk: Buffer, socket: Socket) => void): Promise<Loopback> {
  const server = createServer({ allowHalfOpen: true });
  server.on("connection", (socket) => socket.on("data", (chunk: Buffer) => answer(chunk, socket)));
  return await listening(server, "redis");
}

test("after a Redis change nothing is waited for, a server's goodbye neither", async () => {
  await using server = await halfClosed((chunk, socket) => {
    const words = chunk.toString("latin1");
    const known = { TYPE: "+none\r\n", EXISTS: ":0\r\n", SET: "+OK\r\n" };
    const found = Object.entries(known).find(([word]) => words.includes(`\r\n${word}\r\n`));
    socket.write(found?.[1] ?? "-ERR unknown command\r\n");
  });
  const ended = await changed(`redis: { url: "${server.url}" }`, "redis.set: { key: a, value: b }");
  expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
});

test("after an SQL change nothing is waited for, a server's goodbye neither", async () => {
  const greeted = new Set<Socket>();
  await using server = await halfClosed((chunk, socket) => {
    const first = !greeted.has(socket);
    greeted.add(socket);
    socket.write(first ? greeting : replyTo(chunk));
  });
  const url = `postgresql://lav@127.0.0.1:${server.port}/lav?sslmode=disable`;
  const ended = await changed(`postgres: { url: "${url}" }`, "sql.exec: DELETE FROM orders");
  expect([ended.code, outcome(ended)]).toEqual([0, "completed"]);
});

/** A message of PostgreSQL: a letter, its length, its body. */
function message(letter: string, body: string): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, Buffer.from(body, "latin1")]);
}

const greeting = Buffer.concat([message("R", "\0\0\0\0"), message("Z", "I")]);

/** What the change needs is answered, and whatever else reads is refused. */
function replyTo(chunk: Buffer): Buffer {
  const text = chunk.toString("latin1");
  if (text.includes("DELETE"))
    return Buffer.concat([
      message("1", ""),
      message("2", ""),
      message("n", ""),
      message("C", "DELETE 1\0"),
      message("Z", "T"),
    ]);
  if (text.includes("COMMIT")) return Buffer.concat([message("C", "COMMIT\0"), message("Z", "I")]);
  if (text.startsWith("Q") && text.includes("BEGIN"))
    return Buffer.concat([message("C", "BEGIN\0"), message("Z", "T")]);
  return Buffer.concat([message("E", "SERROR\0C42501\0Mrefused\0\0"), message("Z", "E")]);
}
