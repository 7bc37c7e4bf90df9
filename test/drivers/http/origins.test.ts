/** What one server asks for: its own authority, a client's certificate, a login; each also gone wrong. */
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { afterAll, describe, expect, test } from "vitest";
import { createHttp, type HttpOrigin } from "../../../src/drivers/http/http.ts";
import type { HttpRequest } from "../../../src/ports/ports.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { freePort, startChild } from "../../../sandbox/child.ts";
import { Authority, type Issued } from "../authority.ts";
import { http, listening, type Loopback } from "../loopback.ts";
import { failure, value } from "../results.ts";
import { soon } from "../../patience.ts";

const own = new Authority();
const strange = new Authority("another authority");
const client = own.issue({ name: "ops" });
const word = "violet-harbour-17";
afterAll(() => {
  own[Symbol.dispose]();
  strange[Symbol.dispose]();
});

const secured = async ({ cert, key }: Issued, listener: RequestListener, mutual = false): Promise<Loopback> =>
  await listening(
    createServer(
      { cert, key: key.reveal(), ca: own.ca, requestCert: mutual, rejectUnauthorized: mutual },
      listener,
    ),
    "https",
  );
const ask = (url: string, headers: HttpRequest["headers"] = {}): HttpRequest => ({
  method: "GET",
  url,
  headers,
  maxBytes: 10_000,
  signal: soon(),
});
const at = (url: string, origin: HttpOrigin) =>
  createHttp({ origins: new Map([[new URL(url).origin, origin]]) });
const trusting = { ca: own.ca };

describe("is reached", () => {
  test("by its own authority, which no other server is believed by", async () => {
    await using server = await secured(own.issue(), (_request, reply) => void reply.end("safe"));
    await using other = await secured(own.issue(), (_request, reply) => void reply.end("safe"));
    const reached = at(server.url, { tls: trusting });
    expect(value(await reached.request(ask(server.url))).status).toBe(200);
    expect(failure(await reached.request(ask(other.url)))).toMatchObject({ type: "unreadable" });
  });

  test("by a client's certificate", async () => {
    const listener: RequestListener = ({ socket }, reply) =>
      void reply.end((socket as TLSSocket).getPeerCertificate().subject.CN);
    await using server = await secured(own.issue(), listener, true);
    const { cert, key } = client;
    const reply = value(await at(server.url, { tls: { ...trusting, cert, key } }).request(ask(server.url)));
    expect(Buffer.from(reply.body).toString()).toBe("ops");
  });

  test("with a login, which another origin never gets and a request's own goes before", async () => {
    const heard: (string | undefined)[] = [];
    const listener: RequestListener = ({ headers }, reply) => {
      heard.push(headers.authorization);
      reply.end();
    };
    await using server = await http(listener);
    await using other = await http(listener);
    const reached = at(server.url, { tls: {}, login: { user: "ops", password: new Secret("WORD", word) } });
    await reached.request(ask(server.url));
    await reached.request(ask(server.url, { Authorization: "Bearer own" }));
    await reached.request(ask(other.url));
    expect(heard).toEqual([
      `Basic ${Buffer.from(`ops:${word}`).toString("base64")}`,
      "Bearer own",
      undefined,
    ]);
  });
});

describe("is not reached", () => {
  test.each<[string, HttpOrigin["tls"]]>([
    ["no certificate of the client's", trusting],
    ["a client's certificate of another authority", { ...trusting, ...strange.issue({ name: "ops" }) }],
  ])("%s", async (_what, tls) => {
    // OpenSSL's own server tells why; Node's closes without a word.
    const { certFile, keyFile } = own.issue();
    const files = ["-cert", certFile, "-key", keyFile, "-CAfile", own.caFile];
    const port = await freePort();
    const command = ["openssl", "s_server", "-accept", `127.0.0.1:${port}`, ...files];
    const server = await startChild({
      command: [...command, "-Verify", "1", "-verify_return_error", "-www"],
      cwd: own.folder,
      ready: /ACCEPT/,
    });
    try {
      const url = `https://127.0.0.1:${port}`;
      const failed = failure(await at(url, { tls }).request(ask(url)));
      expect(failed).toMatchObject({
        type: "denied",
        message: expect.stringContaining("it ended the TLS handshake"),
        effect: "none",
      });
      expect(JSON.stringify(failed)).not.toContain("PRIVATE KEY");
    } finally {
      await server.stop("SIGKILL");
    }
  });

  test.each<[string, Issued, HttpOrigin["tls"], object]>([
    [
      "an authority that is not trusted",
      own.issue(),
      { ca: strange.ca },
      { type: "unreadable", message: expect.stringMatching(/^its certificate is not trusted/) },
    ],
    [
      "a certificate that has expired",
      own.issue({ expired: true }),
      trusting,
      { type: "unreadable", message: "its certificate has expired" },
    ],
  ])("%s", async (_what, certificate, tls, expected) => {
    let requests = 0;
    await using server = await secured(certificate, () => requests++);
    const failed = failure(await at(server.url, { tls }).request(ask(server.url)));
    expect(failed).toMatchObject({ ...expected, effect: "none" });
    expect(JSON.stringify(failed)).not.toContain("PRIVATE KEY");
    expect(requests).toBe(0);
  });

  test("a plain request at a port of TLS", async () => {
    await using server = await secured(own.issue(), (_request, reply) => void reply.end());
    const url = server.url.replace("https:", "http:");
    expect(failure(await createHttp().request(ask(url)))).toMatchObject({
      type: "unreadable",
      message: "this port speaks TLS; write https://",
    });
  });
});
