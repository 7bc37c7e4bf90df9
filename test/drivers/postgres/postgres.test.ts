import type { Socket } from "node:net";
import { expect, test } from "vitest";
import type { Result } from "../../../src/base/result.ts";
import { createPostgres } from "../../../src/drivers/postgres/postgres.ts";
import type { SqlReply, SqlRequest } from "../../../src/ports/ports.ts";
import { closedPort, everyClosed, tcp } from "../loopback.ts";
import { soon } from "../../patience.ts";

async function write(
  url: string,
  signal = soon(),
  more: Partial<SqlRequest> = {},
): Promise<Result<SqlReply>> {
  return await createPostgres({ url }).query({
    sql: "DELETE FROM orders",
    params: [],
    mode: "write",
    transaction: true,
    statementTimeout: 5000,
    lockTimeout: 5000,
    maxRows: 10,
    signal,
    ...more,
  });
}

/** A message of the protocol: a letter, its length, its body. */
function message(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(letter, 0, "latin1");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

const authenticated = message("R", Buffer.alloc(4));
const ready = (state: string): Buffer => message("Z", Buffer.from(state));
const complete = (tag: string): Buffer => message("C", Buffer.from(`${tag}\0`));
const bound = Buffer.concat([
  message("1", Buffer.alloc(0)),
  message("2", Buffer.alloc(0)),
  message("n", Buffer.alloc(0)),
]);

interface Script {
  /** Called with the text of the simple queries that come, and `DELETE` for the statement. */
  readonly on: (text: string, socket: Socket) => void;
}

/** A server that speaks the protocol as far as a statement needs, and then does what the test says. */
async function scripted(script: Script): ReturnType<typeof tcp> {
  return await tcp((socket) => {
    let greeted = false;
    socket.on("data", (chunk: Buffer) => {
      if (!greeted) {
        greeted = true;
        socket.write(Buffer.concat([authenticated, ready("I")]));
        return;
      }
      script.on(chunk.toString("latin1"), socket);
    });
  });
}

/** Answers the BEGIN with its settings. */
function begun(text: string, socket: Socket): boolean {
  if (!text.includes("BEGIN")) return false;
  socket.write(Buffer.concat([complete("BEGIN"), ready("T")]));
  return true;
}

const at = (port: number): string => `postgresql://lav:secret-word@127.0.0.1:${port}/lav?sslmode=disable`;

test("nobody listens: nothing happened", async () => {
  expect(await write(at(await closedPort()))).toMatchObject({
    ok: false,
    failure: { type: "unreachable", cause: "refused", message: "connection refused", effect: "none" },
  });
});

test("a host that does not exist", async () => {
  expect(await write("postgresql://lav@no-such-host.invalid/lav")).toMatchObject({
    ok: false,
    failure: { type: "unreachable", cause: "dns", effect: "none" },
  });
});

test.each(["disable", "prefer"])(
  "accepts and never answers, sslmode %s: ends with the signal",
  async (mode) => {
    await using server = await tcp((socket) => void socket.resume());
    const url = `postgresql://lav@127.0.0.1:${server.port}/lav?sslmode=${mode}`;
    expect(await write(url, AbortSignal.timeout(200))).toMatchObject({
      ok: false,
      failure: { type: "timeout", doing: "connecting", effect: "none" },
    });
    await everyClosed(server);
  },
);

test.each(["disable", "prefer"])("another protocol, sslmode %s", async (mode) => {
  await using server = await tcp((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const url = `postgresql://lav@127.0.0.1:${server.port}/lav?sslmode=${mode}`;
  expect(await write(url)).toMatchObject({
    ok: false,
    failure: { type: "unreadable", message: "this port speaks HTTP", effect: "none" },
  });
});

test("a message of the protocol that is broken inside is a failure, not a crash", async () => {
  await using server = await tcp((socket) => socket.write(message("R", Buffer.alloc(0))));
  expect(await write(at(server.port))).toMatchObject({
    ok: false,
    failure: { type: "unreadable", effect: "none" },
  });
});

test("closed while connecting", async () => {
  await using server = await tcp((socket) => socket.once("data", () => socket.end()));
  expect(await write(at(server.port))).toMatchObject({
    ok: false,
    failure: { type: "unreachable", cause: "closed", effect: "none" },
  });
});

test("reset with the statement in hand: without a COMMIT it is rolled back", async () => {
  await using server = await scripted({
    on: (text, socket) => {
      if (!begun(text, socket)) socket.resetAndDestroy();
    },
  });
  expect(await write(at(server.port))).toMatchObject({
    ok: false,
    failure: { type: "unreachable", cause: "reset", effect: "none" },
  });
});

test("reset with a statement in hand whose functions act at once: nobody can say", async () => {
  await using server = await scripted({
    on: (text, socket) => {
      if (!begun(text, socket)) socket.resetAndDestroy();
    },
  });
  const sql = "SELECT pg_terminate_backend(1)";
  expect(await write(at(server.port), undefined, { sql })).toMatchObject({
    ok: false,
    failure: { type: "unreachable", effect: "unknown" },
  });
});

test("reset with a statement in hand that is in no transaction: nobody can say", async () => {
  await using server = await scripted({
    on: (text, socket) => {
      if (text.includes("SET statement_timeout")) socket.write(Buffer.concat([complete("SET"), ready("I")]));
      else socket.resetAndDestroy();
    },
  });
  expect(await write(at(server.port), undefined, { transaction: false })).toMatchObject({
    ok: false,
    failure: { type: "unreachable", effect: "unknown" },
  });
});

test.each<[string, (socket: Socket, deadline: AbortController) => void, string]>([
  ["reset", (socket) => void socket.resetAndDestroy(), "unreachable"],
  ["closed", (socket) => void socket.end(), "unreachable"],
  ["silent", (_socket, deadline) => deadline.abort(), "timeout"],
])("%s with the COMMIT in hand: nobody can say", async (_how, act, type) => {
  const deadline = new AbortController();
  await using server = await scripted({
    on: (text, socket) => {
      if (begun(text, socket)) return;
      if (text.includes("DELETE")) socket.write(Buffer.concat([bound, complete("DELETE 3"), ready("T")]));
      else if (text.includes("COMMIT")) act(socket, deadline);
    },
  });
  expect(await write(at(server.port), deadline.signal)).toMatchObject({
    ok: false,
    failure: { type, effect: "unknown" },
  });
});

test("the server's answer to a COMMIT counts, even past the deadline", async () => {
  const late = new AbortController();
  await using server = await scripted({
    on: (text, socket) => {
      if (begun(text, socket)) return;
      if (text.includes("DELETE")) socket.write(Buffer.concat([bound, complete("DELETE 3"), ready("T")]));
      else if (text.includes("COMMIT")) {
        late.abort();
        socket.write(Buffer.concat([complete("COMMIT"), ready("I")]));
      }
    },
  });
  expect(await write(at(server.port), late.signal)).toMatchObject({ ok: true, value: { count: 3 } });
});

test("done as the signal fires, but not committed: it is left to be rolled back", async () => {
  const late = new AbortController();
  const heard: string[] = [];
  await using server = await scripted({
    on: (text, socket) => {
      heard.push(text);
      if (begun(text, socket) || !text.includes("DELETE")) return;
      late.abort();
      socket.write(Buffer.concat([bound, complete("DELETE 3"), ready("T")]));
    },
  });
  expect(await write(at(server.port), late.signal)).toMatchObject({
    ok: false,
    failure: { type: "timeout", doing: "running the statement", effect: "none" },
  });
  await everyClosed(server);
  expect(heard.join("")).not.toContain("COMMIT");
});

test("a session ended by an administrator with the COMMIT in hand: nobody can say", async () => {
  await using server = await scripted({
    on: (text, socket) => {
      if (begun(text, socket)) return;
      if (text.includes("DELETE")) socket.write(Buffer.concat([bound, complete("DELETE 3"), ready("T")]));
      else if (text.includes("COMMIT")) {
        const fields = "SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0";
        socket.end(message("E", Buffer.from(fields)));
      }
    },
  });
  expect(await write(at(server.port))).toMatchObject({
    ok: false,
    failure: { type: "unreachable", cause: "closed", effect: "unknown" },
  });
});

test.each(["read", "write"] as const)(
  "a %s leaves no setting behind for a pooler's next client",
  async (mode) => {
    const heard: string[] = [];
    await using server = await scripted({
      on: (text, socket) => {
        heard.push(text);
        if (!begun(text, socket)) socket.end();
      },
    });
    await write(at(server.port), undefined, { mode, sql: mode === "read" ? "SELECT 1" : "DELETE FROM a" });
    const [opening = ""] = heard;
    expect(opening).toContain("SET LOCAL statement_timeout = 5000");
    expect(opening.replaceAll("SET LOCAL ", "")).not.toContain("SET ");
  },
);

test("a COMMIT that the server answers with ROLLBACK was none", async () => {
  await using server = await scripted({
    on: (text, socket) => {
      if (begun(text, socket)) return;
      if (text.includes("DELETE")) socket.write(Buffer.concat([bound, complete("DELETE 3"), ready("T")]));
      else if (text.includes("COMMIT")) socket.write(Buffer.concat([complete("ROLLBACK"), ready("I")]));
    },
  });
  expect(await write(at(server.port))).toMatchObject({
    ok: false,
    failure: { type: "rejected", effect: "none" },
  });
});

test.each<[string, string]>([
  ["not an address", "has a blank or a line break in it; give postgresql://user@host:5432/database"],
  ["db:5432/lav", "has no scheme before its host; give postgresql://"],
  ["postgresql://a:1,b:2/lav", "names several hosts"],
  ["mysql://lav:secret-word@db/lav", "begins with mysql://; give postgresql://"],
  ["postgresql://db/lav?sslmod=require", "has the option sslmod"],
  ["postgresql://db/lav?sslmode=yes", "has sslmode=yes"],
  ["postgresql://lav:100%@db/lav", "has a % that is not an escape"],
])("%s is refused before anything is opened", async (url, says) => {
  const refused = await write(url);
  expect(refused).toMatchObject({
    ok: false,
    failure: { type: "argument", target: "PostgreSQL's address", message: expect.stringContaining(says) },
  });
  expect(JSON.stringify(refused)).not.toContain("secret-word");
});

test("a text with a NUL would end there for the server", async () => {
  const refused = await write(at(1), undefined, { sql: "DELETE FROM orders\0 WHERE id = 1" });
  expect(refused).toMatchObject({ ok: false, failure: { type: "argument", effect: "none" } });
});

test("a signal that fired before connects to nobody", async () => {
  await using server = await tcp(() => {});
  expect(await write(at(server.port), AbortSignal.abort())).toMatchObject({
    ok: false,
    failure: { type: "timeout", effect: "none" },
  });
  expect(server.sockets).toEqual([]);
});

/** A server that is full for its first connections, and then lets nobody in by that password. */
async function fullFor(
  refusals: number,
): Promise<{ server: Awaited<ReturnType<typeof tcp>>; asked: () => number }> {
  let asked = 0;
  const server = await tcp((socket) => {
    socket.once("data", () => {
      const full = "SFATAL\0C53300\0Msorry, too many clients already\0\0";
      const wrong = "SFATAL\0C28P01\0Mpassword authentication failed\0\0";
      socket.end(message("E", Buffer.from(asked++ < refusals ? full : wrong)));
    });
  });
  return { server, asked: () => asked };
}

test.each<["any" | "admin", number]>([
  ["any", 4],
  ["admin", 4],
])(
  "with login %s a full server is asked again with the administrator's, whose slot another one may hold for a moment",
  async (login, refusals) => {
    const { server, asked } = await fullFor(refusals);
    await using _closed = server;
    const postgres = createPostgres({ url: at(server.port), admin: at(server.port) });
    const signal = soon();
    const request = { sql: "SELECT 1", params: [], mode: "read", transaction: true, login, signal } as const;
    const reply = await postgres.query({ ...request, statementTimeout: 5000, lockTimeout: 5000, maxRows: 1 });
    expect(reply).toMatchObject({ ok: false, failure: { type: "denied", effect: "none" } });
    expect(asked()).toBe(refusals + 1);
  },
);

test("a server that stays full is not asked for ever, and without an administrator's login once", async () => {
  const { server, asked } = await fullFor(1000);
  await using _closed = server;
  const signal = soon();
  const request = {
    sql: "SELECT 1",
    params: [],
    mode: "read",
    transaction: true,
    login: "any",
    signal,
  } as const;
  const limits = { statementTimeout: 5000, lockTimeout: 5000, maxRows: 1 };
  const full = {
    ok: false,
    failure: { type: "denied", message: expect.stringContaining("53300") as string },
  };
  expect(await createPostgres({ url: at(server.port) }).query({ ...request, ...limits })).toMatchObject(full);
  expect(asked()).toBe(1);
  const both = createPostgres({ url: at(server.port), admin: at(server.port) });
  expect(await both.query({ ...request, ...limits })).toMatchObject(full);
  expect(asked()).toBe(10);
});
