import { once } from "node:events";
import { createServer as createPlainServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { effectOf } from "../../../src/base/failure.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import type { HttpMethod, HttpRequest } from "../../../src/ports/ports.ts";
import { selfSigned } from "../certificate.ts";
import { closedPort, everyClosed, http, listening, tcp } from "../loopback.ts";
import { ask } from "./ask.ts";

async function failureOf(url: string, more: Partial<HttpRequest> = {}) {
  const reply = await createHttp().request(ask(url, more));
  if (reply.ok) throw new Error(`it answered ${reply.value.status}`);
  return reply.failure;
}

async function replyOf(url: string, more: Partial<HttpRequest> = {}) {
  const reply = await createHttp().request(ask(url, more));
  if (!reply.ok) throw new Error(JSON.stringify(reply.failure));
  return reply.value;
}

/** Fires when a test says so; the deadline itself belongs to the executor. */
function stopper(): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, stop: () => controller.abort() };
}

function event(): { wait: Promise<void>; happened: () => void } {
  let happened = (): void => {};
  const wait = new Promise<void>((resolve) => (happened = resolve));
  return { wait, happened };
}

/** Answers each request as it arrives with these bytes. */
function raw(answer: string, then: (socket: Socket) => void = () => {}): (socket: Socket) => void {
  return (socket) => {
    socket.on("data", () => {
      socket.write(answer, () => then(socket));
    });
  };
}

describe("an answer", () => {
  test("comes with its status, headers in lower case, body and times", async () => {
    await using server = await http((_request, response) => {
      response.writeHead(503, { "X-Why": "Late", "set-cookie": ["a=1", "b=2"] });
      response.end("später");
    });
    const reply = await replyOf(`${server.url}/health?deep=1`);
    expect(reply.status).toBe(503);
    expect(reply.headers).toMatchObject({ "x-why": "Late", "set-cookie": "a=1, b=2" });
    expect(Buffer.from(reply.body).toString()).toBe("später");
    expect(reply.truncated).toBe(false);
    expect(reply.firstByte).toBeGreaterThan(0);
    expect(reply.total).toBeGreaterThanOrEqual(reply.firstByte);
  });

  test("to a change: method, path, headers and body arrive as given", async () => {
    const seen: string[] = [];
    await using server = await http((request, response) => {
      request.setEncoding("utf8").on("data", (chunk) => seen.push(String(chunk)));
      request.on("end", () => {
        seen.push(`${request.method} ${request.url} ${String(request.headers["x-one"])}`);
        response.writeHead(204).end();
      });
    });
    const reply = await replyOf(`${server.url}/a%2Fb?c=d%26e`, {
      method: "POST",
      headers: { "X-One": "1" },
      body: '{"ä":1}',
    });
    expect(reply.status).toBe(204);
    expect(seen).toEqual(['{"ä":1}', "POST /a%2Fb?c=d%26e 1"]);
  });

  test("to HEAD has no body, whatever length it announces", async () => {
    await using server = await http((_request, response) => {
      response.writeHead(200, { "content-length": "12" }).end();
    });
    const reply = await replyOf(server.url, { method: "HEAD" });
    expect(reply.body).toHaveLength(0);
    expect(reply.headers["content-length"]).toBe("12");
  });

  test("that points elsewhere is not followed", async () => {
    const paths: (string | undefined)[] = [];
    await using server = await http((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: "/there" }).end();
    });
    const reply = await replyOf(`${server.url}/here`);
    expect(reply).toMatchObject({ status: 302, headers: { location: "/there" } });
    expect(paths).toEqual(["/here"]);
  });

  test("announced by 103 is waited for", async () => {
    await using server = await tcp(
      raw("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"),
    );
    expect(await replyOf(server.url)).toMatchObject({ status: 200 });
  });

  test("without a length ends with the connection", async () => {
    await using server = await tcp(raw("HTTP/1.1 200 OK\r\n\r\nall", (socket) => socket.end()));
    expect(Buffer.from((await replyOf(server.url)).body).toString()).toBe("all");
  });

  test("of 100 MB is kept up to the limit, and the rest is not read", async () => {
    let written = 0;
    const closed = event();
    await using server = await http((_request, response) => {
      response.writeHead(200, { "content-length": String(100 * 1024 * 1024) });
      const piece = Buffer.alloc(64 * 1024, "x");
      const pump = (): void => {
        while (written < 100 * 1024 * 1024) {
          written += piece.length;
          if (!response.write(piece)) return;
        }
      };
      response.on("drain", pump).on("close", () => closed.happened());
      pump();
    });
    const reply = await replyOf(server.url, { maxBytes: 1000 });
    await closed.wait;
    expect(reply).toMatchObject({ status: 200, truncated: true });
    expect(Buffer.from(reply.body).toString()).toBe("x".repeat(1000));
    expect(written).toBeLessThan(20 * 1024 * 1024);
  });

  test("of exactly the limit is whole", async () => {
    await using server = await http((_request, response) => response.end("12345"));
    expect(await replyOf(server.url, { maxBytes: 5 })).toMatchObject({ truncated: false });
    expect(await replyOf(server.url, { maxBytes: 4 })).toMatchObject({ truncated: true });
  });
});

describe("connections", () => {
  test("are kept for the next read of the same run, side by side reads have their own", async () => {
    await using server = await http((_request, response) => response.end("ok"));
    const client = createHttp();
    for (let count = 0; count < 5; count++) await client.request(ask(server.url));
    expect(server.sockets).toHaveLength(1);
    await Promise.all([1, 2, 3].map(async () => await client.request(ask(server.url))));
    expect(server.sockets).toHaveLength(3);
  });

  describe("to a server whose replies end late", () => {
    // Every look at the clock is 50 ms after the one before.
    const late = (): void => {
      let now = 0;
      vi.spyOn(performance, "now").mockImplementation(() => (now += 50));
    };
    afterEach(() => void vi.restoreAllMocks());

    test("are not kept any more once one that was kept has shown it", async () => {
      await using server = await http((_request, response) => response.end("ok"));
      const client = createHttp();
      await client.request(ask(server.url));
      await Promise.all([1, 2].map(async () => await client.request(ask(server.url))));
      expect(server.sockets).toHaveLength(2);
      late();
      for (let count = 1; count <= 3; count++) {
        await client.request(ask(server.url));
        expect(server.sockets).toHaveLength(1 + count);
      }
      await everyClosed(server);
    });

    test("are kept with TLS, where a fresh one ends as late", async () => {
      const { key, cert } = selfSigned();
      const tls = createTlsServer({ key, cert }, (_request, response) => response.end("ok"));
      await using server = await listening(tls, "https");
      const client = createHttp({ ca: cert });
      late();
      for (let count = 0; count < 3; count++) await client.request(ask(server.url));
      expect(server.sockets).toHaveLength(1);
    });
  });

  test("a change never goes out on one that was kept", async () => {
    await using server = await http((_request, response) => response.end("ok"));
    const client = createHttp();
    await client.request(ask(server.url));
    await client.request(ask(server.url, { method: "POST", body: "{}" }));
    expect(server.sockets).toHaveLength(2);
  });

  test("a kept one that the server closed just as the read went out: the read is sent again", async () => {
    let requests = 0;
    await using server = await tcp((socket) => {
      socket.on("data", () => {
        requests++;
        if (requests === 2) socket.destroy();
        else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      });
    });
    const client = createHttp();
    expect(await client.request(ask(server.url))).toMatchObject({ ok: true });
    expect(await client.request(ask(server.url))).toMatchObject({ ok: true });
    expect(requests).toBe(3);
  });
});

describe("no answer", () => {
  const changes: readonly HttpMethod[] = ["POST", "PUT", "PATCH", "DELETE"];

  test("refused: nothing happened", async () => {
    const port = await closedPort();
    const failure = await failureOf(`http://127.0.0.1:${port}/x?y=z`, { method: "POST", body: "{}" });
    expect(failure).toEqual({
      type: "unreachable",
      target: `http://127.0.0.1:${port}/x`,
      cause: "refused",
      message: "connection refused",
      effect: "none",
    });
  });

  test("a name that does not resolve", async () => {
    const failure = await failureOf("http://nowhere.invalid/", { method: "POST" });
    expect(failure).toMatchObject({ type: "unreachable", cause: "dns", effect: "none" });
  });

  test("accepted and never answered: ends with the signal, the socket is closed", async () => {
    const { signal, stop } = stopper();
    const closed = event();
    await using server = await tcp((socket) => {
      socket.on("data", stop).on("close", () => closed.happened());
    });
    const failure = await failureOf(`${server.url}/health`, { signal });
    expect(failure).toMatchObject({
      type: "timeout",
      target: `${server.url}/health`,
      doing: "waiting for the reply to GET",
    });
    await closed.wait;
  });

  test("one byte a second: ends with the signal, in the middle of the reply", async () => {
    const { signal, stop } = stopper();
    await using server = await tcp((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n");
        let sent = 0;
        const timer = setInterval(() => {
          socket.write("x");
          if (++sent === 3) stop();
        }, 20);
        socket.on("close", () => clearInterval(timer));
      });
    });
    const failure = await failureOf(server.url, { signal, method: "POST" });
    expect(failure).toMatchObject({ type: "timeout", doing: "reading the reply to POST", effect: "unknown" });
  });

  test("a connection that is still being made ends with the signal, the socket is closed", async () => {
    const { signal, stop } = stopper();
    const closed = event();
    // TLS is greeted and never answered, so the connection is never made.
    await using server = await tcp((socket) => {
      socket.on("data", stop).on("close", () => closed.happened());
    });
    const failure = await failureOf(`https://127.0.0.1:${server.port}`, { signal, method: "POST" });
    expect(failure).toMatchObject({ type: "timeout", doing: "connecting to POST", effect: "none" });
    await closed.wait;
  });

  test("a signal that has fired already sends nothing", async () => {
    await using server = await http((_request, response) => response.end());
    const failure = await failureOf(server.url, { signal: AbortSignal.abort(), method: "POST" });
    expect(failure).toMatchObject({ type: "timeout", effect: "none" });
    expect(server.sockets).toHaveLength(0);
  });

  test.each(changes)("%s reset after it was sent: nobody knows", async (method) => {
    await using server = await tcp((socket) => socket.on("data", () => socket.resetAndDestroy()));
    const failure = await failureOf(server.url, { method, body: "{}" });
    expect(failure).toMatchObject({ type: "unreachable", cause: "reset" });
    expect(effectOf(failure)).toBe("unknown");
  });

  test("GET reset after it was sent: a read changes nothing", async () => {
    await using server = await tcp((socket) => socket.on("data", () => socket.resetAndDestroy()));
    expect(effectOf(await failureOf(server.url))).toBe("none");
  });

  test("reset in the middle of the reply", async () => {
    await using server = await tcp(
      raw("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", (socket) => socket.resetAndDestroy()),
    );
    expect(await failureOf(server.url, { method: "PUT" })).toMatchObject({
      type: "unreachable",
      // undici sees an end when the reset comes with the last bytes.
      cause: expect.stringMatching(/^(reset|closed)$/),
      message: expect.stringMatching(/in the middle of its reply$/),
      effect: "unknown",
    });
  });

  test("closed after a 103, which announces a reply and is none", async () => {
    await using server = await tcp(raw("HTTP/1.1 103 Early Hints\r\n\r\n", (socket) => socket.end()));
    expect(await failureOf(server.url)).toMatchObject({
      message: "it closed the connection without a reply",
    });
  });

  test("closed before a reply, and in the middle of one", async () => {
    await using early = await tcp((socket) => socket.on("data", () => socket.end()));
    expect(await failureOf(early.url)).toMatchObject({
      type: "unreachable",
      cause: "closed",
      message: "it closed the connection without a reply",
    });
    const half = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
    await using middle = await tcp(raw(half, (socket) => socket.end()));
    expect(await failureOf(middle.url)).toMatchObject({
      type: "unreachable",
      cause: "closed",
      message: "it closed the connection in the middle of its reply",
    });
    const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n";
    await using chunks = await tcp(raw(chunked, (socket) => socket.end()));
    expect(await failureOf(chunks.url)).toMatchObject({ type: "unreachable", cause: "closed" });
  });

  test("garbage instead of HTTP is unreadable", async () => {
    await using server = await tcp(raw("-ERR unknown command\r\n"));
    expect(await failureOf(server.url)).toMatchObject({
      type: "unreadable",
      target: `${server.url}/`,
      message: "this is not HTTP",
    });
  });

  test("a switch to another protocol, unasked, is no reply", async () => {
    await using server = await tcp(
      raw("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
    );
    expect(await failureOf(server.url)).toMatchObject({ type: "unreachable", cause: "closed" });
  });

  test("headers without an end are unreadable, not a full memory", async () => {
    await using server = await tcp(raw(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(100_000)}`));
    expect(await failureOf(server.url)).toMatchObject({ type: "unreadable" });
  });
});

describe("TLS", () => {
  test("a trusted certificate", async () => {
    const { key, cert } = selfSigned();
    const server = createTlsServer({ key, cert }, (_request, response) => response.end("safe"));
    await using loopback = await listening(server, "https");
    const reply = await createHttp({ ca: cert }).request(ask(loopback.url));
    expect(reply).toMatchObject({ ok: true, value: { status: 200 } });
  });

  test.each([
    { what: "vouches for itself", days: 2, ca: false, says: /not trusted/ },
    { what: "has expired", days: 0.5, ca: true, says: /^its certificate has expired$/ },
  ])("a certificate that $what: nothing is sent", async ({ days, ca, says }) => {
    const { key, cert } = selfSigned(days);
    let requests = 0;
    const server = createTlsServer({ key, cert }, (_request, response) => {
      requests++;
      response.end();
    });
    await using loopback = await listening(server, "https");
    const reply = await createHttp(ca ? { ca: cert } : {}).request(ask(loopback.url, { method: "POST" }));
    expect(reply).toMatchObject({
      ok: false,
      failure: { type: "unreadable", message: expect.stringMatching(says), effect: "none" },
    });
    expect(requests).toBe(0);
  });

  test("another host's certificate", async () => {
    const { key, cert } = selfSigned();
    await using loopback = await listening(createTlsServer({ key, cert }), "https");
    const reply = await createHttp({ ca: cert }).request(ask(`https://localhost:${loopback.port}`));
    expect(reply).toMatchObject({
      ok: false,
      failure: { type: "unreadable", message: expect.stringMatching(/^its certificate is for another name/) },
    });
  });

  test("a server that speaks plain HTTP", async () => {
    await using server = await http((_request, response) => response.end());
    const failure = await failureOf(`https://127.0.0.1:${server.port}`, { method: "POST" });
    expect(failure).toMatchObject({
      type: "unreadable",
      message: expect.stringMatching(/TLS/),
      effect: "none",
    });
  });

  test("a server that hangs up", async () => {
    await using server = await tcp((socket) => socket.on("data", () => socket.destroy()));
    const failure = await failureOf(`https://127.0.0.1:${server.port}`, { method: "POST" });
    expect(failure).toMatchObject({ type: "unreachable", effect: "none" });
  });
});

describe("a request that cannot be made", () => {
  test.each([
    ["/health", "is not an absolute URL"],
    ["ftp://x/", "is not an http or https URL"],
    ["http://:99999/", "is not an absolute URL"],
    ["http://x/a/../b", 'has ".." in its path, which would lead to another path'],
  ])("%s %s", async (url, message) => {
    expect(await failureOf(url)).toEqual({ type: "argument", target: url, message, effect: "none" });
  });

  test("a login in the URL is refused and not repeated", async () => {
    const failure = await failureOf("http://ops:hunter2@127.0.0.1/x");
    expect(failure).toMatchObject({ type: "argument", target: "http://127.0.0.1/x" });
    expect(JSON.stringify(failure)).not.toMatch(/hunter2/);
  });

  test("a header that would end the line", async () => {
    await using server = await http((_request, response) => response.end());
    const failure = await failureOf(server.url, {
      method: "POST",
      headers: { "x-note": "a\r\nx-evil: hunter2" },
    });
    expect(failure).toMatchObject({ type: "argument", effect: "none" });
    expect(JSON.stringify(failure)).not.toMatch(/hunter2/);
  });
});

test("an idle connection does not hold the process", async () => {
  // Kept by both ends for longer than any test runs: a process that it held would not end.
  const keeps = createPlainServer((_request, response) =>
    response.setHeader("keep-alive", "timeout=600").end("ok"),
  );
  keeps.keepAliveTimeout = 0;
  await using server = await listening(keeps);
  const { spawn } = await import("node:child_process");
  const { build } = await import("esbuild");
  const script = `import { createHttp } from "./src/drivers/http/http.ts";
    const signal = new AbortController().signal;
    const reply = await createHttp().request({ method: "GET", url: ${JSON.stringify(server.url)}, headers: {}, maxBytes: 10, signal });
    process.stdout.write(String(reply.ok));`;
  const bundle = await build({
    stdin: { contents: script, resolveDir: new URL("../../..", import.meta.url).pathname },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    packages: "external",
    logLevel: "silent",
  });
  const child = spawn(process.execPath, ["--input-type=module", "-"], {
    // Where the packages are found.
    cwd: new URL("../../..", import.meta.url).pathname,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += String(chunk)));
  child.stdin.end(bundle.outputFiles[0]?.text);
  expect(await once(child, "close")).toEqual([0, null]);
  expect(output).toBe("true");
});
