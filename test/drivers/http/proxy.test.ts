/** Requests through a proxy: what it carries, and what it does wrong. */
import { createServer } from "node:https";
import { afterAll, describe, expect, test } from "vitest";
import { effectOf, failureText } from "../../../src/base/failure.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import type { HttpProxy } from "../../../src/drivers/http/proxy.ts";
import type { HttpMethod } from "../../../src/ports/ports.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { Authority } from "../authority.ts";
import { closedPort, http, listening, tcp } from "../loopback.ts";
import { failure, value } from "../results.ts";
import { ask } from "./ask.ts";
import { strictProxy, type Misdeed } from "./strict-proxy.ts";

const own = new Authority();
const strange = new Authority("another authority");
const word = "violet-harbour-17";
const login = { user: "ops", password: new Secret("PROXY_PASSWORD", word) };
afterAll(() => {
  own[Symbol.dispose]();
  strange[Symbol.dispose]();
});

const by = (proxy: Partial<HttpProxy> & { url: string }, ca?: string) =>
  createHttp({ ca, proxy: { tls: {}, ...proxy } });
/** A server that nobody may reach but through a proxy: the test asks a proxy for it by a name that nothing resolves. */
const nowhere = "http://market.invalid:8080/health";

describe("a request is carried", () => {
  test("to a plain server and to one of TLS, which is verified and sees no login of the proxy's", async () => {
    const heard: unknown[] = [];
    await using plain = await http(({ url, headers }, reply) => {
      heard.push(url, headers["proxy-authorization"]);
      reply.end("plain");
    });
    const { cert, key } = own.issue();
    await using secured = await listening(
      createServer({ cert, key: key.reveal() }, (_request, reply) => void reply.end("safe")),
      "https",
    );
    await using proxy = await strictProxy({ login: `ops:${word}` });
    const client = by({ url: proxy.url, login }, own.ca);
    expect(Buffer.from(value(await client.request(ask(`${plain.url}/a?b=c`))).body).toString()).toBe("plain");
    const reply = value(await client.request(ask(secured.url)));
    expect(Buffer.from(reply.body).toString()).toBe("safe");
    expect(reply.connection?.certificate?.subject).toContain("CN=");
    expect(heard).toEqual(["/a?b=c", undefined]);
    expect(proxy.asked).toEqual([
      `127.0.0.1:${plain.port} as ops:${word}`,
      `127.0.0.1:${secured.port} as ops:${word}`,
    ]);
    const doubting = by({ url: proxy.url, login }, strange.ca);
    expect(failure(await doubting.request(ask(secured.url)))).toMatchObject({
      type: "unreadable",
      target: `${secured.url}/`,
      effect: "none",
    });
  });

  test("by a proxy of TLS that a private authority vouches for", async () => {
    await using server = await http((_request, reply) => void reply.end("carried"));
    await using proxy = await strictProxy({ tls: own.issue() });
    const reply = value(await by({ url: proxy.url, tls: { ca: own.ca } }).request(ask(server.url)));
    expect(reply.status).toBe(200);
    expect(
      failure(await by({ url: proxy.url, tls: { ca: strange.ca } }).request(ask(server.url))),
    ).toMatchObject({
      type: "rejected",
      target: `proxy ${proxy.url}`,
      message: expect.stringContaining("its certificate is not trusted"),
      effect: "none",
    });
  });

  test("reads share a tunnel, and each change has its own", async () => {
    await using server = await http((_request, reply) => void reply.end());
    await using proxy = await strictProxy();
    const client = by({ url: proxy.url });
    for (const method of ["GET", "GET", "POST", "POST"] satisfies HttpMethod[])
      value(await client.request(ask(server.url, { method })));
    expect(proxy.asked).toHaveLength(3);
  });

  test("only to the origins that it is named for", async () => {
    await using one = await http((_request, reply) => void reply.end());
    await using other = await http((_request, reply) => void reply.end());
    await using proxy = await strictProxy();
    const client = createHttp({
      origins: new Map([[one.url, { tls: {}, proxy: { url: proxy.url, tls: {} } }]]),
    });
    value(await client.request(ask(one.url)));
    value(await client.request(ask(other.url)));
    expect(proxy.asked).toEqual([`127.0.0.1:${one.port}`]);
  });
});

const answers =
  (text: string): Misdeed =>
  (socket) =>
    void socket.end(text);

describe("a proxy that carries nothing is not the server's failure: nothing was sent", () => {
  test.each<[string, Misdeed, object, string]>([
    [
      "407 where no login is configured",
      answers("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"),
      { type: "denied" },
      "PROXY refused access: it requires a login, and none is configured (407)",
    ],
    [
      "403",
      answers("HTTP/1.1 403 Filtered\r\n\r\n<h1>no</h1>"),
      { type: "rejected", code: "403" },
      "PROXY rejected the request (403): it refused CONNECT to market.invalid:8080 (403 Filtered)",
    ],
    [
      "503: it may be the proxy that is at its limits",
      answers("HTTP/1.1 503 Busy\r\n\r\n"),
      { type: "rejected", code: "503" },
      "PROXY rejected the request (503): it refused CONNECT to market.invalid:8080 (503 Busy)",
    ],
    [
      "a close",
      (socket) => void socket.destroy(),
      { type: "unreachable", cause: "closed", instrument: true },
      "PROXY does not answer: it closed the connection without answering CONNECT",
    ],
    [
      "half an answer",
      answers("HTTP/1.1 200 Carr"),
      { type: "unreachable", cause: "closed", instrument: true },
      "PROXY does not answer: it closed the connection without answering CONNECT",
    ],
    [
      "something else than HTTP",
      answers("SSH-2.0-OpenSSH_9.2\r\n"),
      { type: "unreadable" },
      "PROXY sent an unreadable reply: this port speaks SSH",
    ],
    [
      "no protocol that is known",
      answers("hello\r\n"),
      { type: "unreadable" },
      "PROXY sent an unreadable reply: this is not an HTTP proxy",
    ],
    [
      "headers without an end",
      answers(`HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}\r\n\r\n`),
      { type: "unreadable" },
      "PROXY sent an unreadable reply: this is not an HTTP proxy",
    ],
  ])("%s", async (_what, misdeed, known, sentence) => {
    await using proxy = await strictProxy({ misdeed });
    const failed = failure(await by({ url: proxy.url }).request(ask(nowhere, { method: "POST" })));
    expect(failed).toMatchObject({ ...known, target: `proxy ${proxy.url}`, effect: "none" });
    expect(failureText(failed)).toBe(sentence.replace("PROXY", `proxy ${proxy.url}`));
  });

  test("a wrong password, which no failure has in it", async () => {
    await using proxy = await strictProxy({ login: "ops:another" });
    const failed = failure(await by({ url: proxy.url, login }).request(ask(nowhere)));
    expect(failed).toMatchObject({ type: "denied", message: "it rejected the login ops (407)" });
    expect(JSON.stringify(failed)).not.toMatch(new RegExp(`${word}|${btoa(`ops:${word}`)}`));
  });

  test("a wrong password, as tinyproxy answers it", async () => {
    await using proxy = await strictProxy({ misdeed: answers("HTTP/1.1 401 Unauthorized\r\n\r\n") });
    const failed = failure(await by({ url: proxy.url, login }).request(ask(nowhere)));
    expect(failed).toMatchObject({
      type: "denied",
      message: "it rejected the login ops (401)",
      effect: "none",
    });
  });

  test("a port that nobody listens on, a name that nobody knows", async () => {
    const refused = failure(
      await by({ url: `http://127.0.0.1:${await closedPort()}` }).request(ask(nowhere)),
    );
    expect(refused).toMatchObject({
      type: "unreachable",
      cause: "refused",
      instrument: true,
      effect: "none",
    });
    const unknown = failure(await by({ url: "http://proxy.invalid:3128" }).request(ask(nowhere)));
    expect(unknown).toMatchObject({
      type: "unreachable",
      cause: "dns",
      target: "proxy http://proxy.invalid:3128",
    });
  });

  test("TLS where it is not expected, and none where it is", async () => {
    await using secured = await strictProxy({ tls: own.issue() });
    const plainly = `http://127.0.0.1:${secured.port}`;
    expect(failure(await by({ url: plainly }).request(ask(nowhere)))).toMatchObject({
      type: "unreadable",
      target: `proxy ${plainly}`,
      message: "this port speaks TLS; write https://",
      effect: "none",
    });
    await using plain = await strictProxy();
    const safely = `https://127.0.0.1:${plain.port}`;
    expect(failure(await by({ url: safely }).request(ask(nowhere)))).toMatchObject({
      type: "unreadable",
      target: `proxy ${safely}`,
      message: "it does not speak TLS, or no safe version of it",
      effect: "none",
    });
  });

  test("silence, until the deadline", async () => {
    const deadline = new AbortController();
    await using proxy = await strictProxy({ misdeed: () => deadline.abort() });
    const asked = ask(nowhere, { method: "POST", signal: deadline.signal });
    expect(failure(await by({ url: proxy.url }).request(asked))).toMatchObject({
      type: "timeout",
      target: `proxy ${proxy.url}`,
      doing: "waiting for its answer to CONNECT",
      instrument: true,
      effect: "none",
    });
    await using mute = await tcp((socket) => void socket.once("data", () => late.abort()));
    const late = new AbortController();
    const again = ask(nowhere, { signal: late.signal });
    expect(failure(await by({ url: mute.url }).request(again))).toMatchObject({
      type: "timeout",
      target: `proxy ${mute.url}`,
    });
  });

  test("an address that is a secret is in no failure", async () => {
    await using proxy = await strictProxy({ misdeed: answers("HTTP/1.1 403 Filtered\r\n\r\n") });
    const failed = failure(await by({ url: proxy.url }).request(ask(nowhere, { name: "$HOOK" })));
    expect(JSON.stringify(failed)).not.toContain("market");
  });
});

describe("the server's failure, as the proxy tells it", () => {
  test.each([
    ["502 Bad Gateway", ""],
    ["504 Gateway Timeout", ""],
    ["503 Service Unavailable", "X-Squid-Error: ERR_CONNECT_FAIL 111\r\n"],
  ])("%s", async (status, header) => {
    await using proxy = await strictProxy({ misdeed: answers(`HTTP/1.1 ${status}\r\n${header}\r\n`) });
    const failed = failure(await by({ url: proxy.url }).request(ask(nowhere, { method: "POST" })));
    expect(failed).toEqual({
      type: "unreachable",
      target: nowhere,
      cause: "no-route",
      message: `proxy ${proxy.url} cannot reach it (${status})`,
      effect: "none",
    });
  });

  test("a status of the server's own is its answer", async () => {
    await using server = await http((_request, reply) => void reply.writeHead(502).end("mine"));
    await using proxy = await strictProxy();
    expect(value(await by({ url: proxy.url }).request(ask(server.url))).status).toBe(502);
  });
});

describe("what breaks off on the way may be either's doing", () => {
  test.each<[string, string, HttpMethod, "none" | "unknown", string]>([
    ["before an answer", "", "POST", "unknown", "it closed the connection without a reply"],
    [
      "in the middle of one",
      "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal",
      "POST",
      "unknown",
      "it closed the connection in the middle of its reply",
    ],
    ["before an answer to a read", "", "GET", "none", "it closed the connection without a reply"],
  ])("%s", async (_what, written, method, effect, says) => {
    const misdeed: Misdeed = (socket) => {
      socket.write("HTTP/1.1 200 Carried\r\n\r\n");
      socket.once("data", () => void socket.end(written));
    };
    await using proxy = await strictProxy({ misdeed });
    const failed = failure(await by({ url: proxy.url }).request(ask(nowhere, { method })));
    expect(failed).toMatchObject({
      type: "unreachable",
      target: nowhere,
      message: `${says}, or proxy ${proxy.url} did`,
      instrument: true,
    });
    expect(effectOf(failed)).toBe(effect);
  });

  test("an effect that was sent, and no answer within the deadline", async () => {
    const deadline = new AbortController();
    const misdeed: Misdeed = (socket) => {
      socket.write("HTTP/1.1 200 Carried\r\n\r\n");
      socket.once("data", () => deadline.abort());
    };
    await using proxy = await strictProxy({ misdeed });
    const asked = ask(nowhere, { method: "POST", signal: deadline.signal });
    const failed = failure(await by({ url: proxy.url }).request(asked));
    expect(failed).toMatchObject({ type: "timeout", target: nowhere });
    expect(effectOf(failed)).toBe("unknown");
  });
});
