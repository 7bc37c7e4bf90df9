/** A halted service behind TLS of a company's own, a client's certificate and a login; each also gone wrong. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort, startChild } from "../../sandbox/child.ts";
import { Authority, type Issued } from "../drivers/authority.ts";
import { http, listening, type Loopback } from "../drivers/loopback.ts";
import { strictProxy } from "../drivers/http/strict-proxy.ts";
import { Rig, type Ended } from "./rig.ts";

const own = new Authority();
const strange = new Authority("another authority");
const client = own.issue({ name: "ops" });
const word = "violet-harbour-17";
const basic = `Basic ${Buffer.from(`ops:${word}`).toString("base64")}`;
const keyLine = client.key.reveal().split("\n")[1] ?? "";
const token = "a-token-that-halts";
afterAll(() => {
  own[Symbol.dispose]();
  strange[Symbol.dispose]();
});

let rig: Rig;
beforeEach(async () => void (rig = await Rig.create()));
afterEach(async () => await rig[Symbol.asyncDispose]());

/** What a server heard: the request, and the login it came with. */
type Heard = readonly [string, string | undefined];
function executioner(heard: Heard[]): RequestListener {
  const covers = { all: true, venues: [], strategies: [] };
  const halted = { halted: true, halt_id: "H-1", since: new Date().toISOString(), stage: "halted" };
  const state = { ...halted, instance: "ex1", scope: covers };
  return ({ method, url, headers }, reply) => {
    heard.push([`${method} ${url}`, headers.authorization]);
    const more = method === "POST" ? { repeated: false, persisted: true, venues: [], unknown: [] } : {};
    reply.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ ...state, ...more }));
  };
}

const secured = async (issued: Issued, listener: RequestListener, mutual = true): Promise<Loopback> =>
  await listening(
    createServer(
      {
        cert: issued.cert,
        key: issued.key.reveal(),
        ca: own.ca,
        requestCert: mutual,
        rejectUnauthorized: mutual,
      },
      listener,
    ),
    "https",
  );

const tlsOf = ({ certFile, keyFile }: Issued, authority = own): string =>
  `tls: { ca: ${authority.caFile}, cert: ${certFile}, key: ${keyFile} }`;

async function halt(
  url: string,
  asked: string,
  { venues = rig.server.url, env = {} }: { venues?: string; env?: Readonly<Record<string, string>> } = {},
): Promise<Ended> {
  rig.file(
    "runbooks/platform.yaml",
    `platform: rig
services:
  executioner: { url: "${url}", ${asked} }
  venues: { url: "${venues}", login: { user: ops, password: VENUES_PASSWORD } }
trading: { venues: "${venues}", deadline: 8s, proof: { window: 100ms } }
postgres: { url: "postgres://127.0.0.1:1/none" }
kafka: { brokers: ["127.0.0.1:1"] }
`,
  );
  const given = { EMERGENCY_TOKEN: token, VENUES_PASSWORD: word, ...env };
  const ended = await rig.run(["halt-all", "--reason", "x", "--yes"], { env: given });
  for (const secret of [word, basic.slice(6), keyLine]) {
    expect(ended.stdout + ended.stderr).not.toContain(secret);
    if (existsSync(rig.state)) expect(everything(rig.state)).not.toContain(secret);
  }
  return ended;
}

/** All that a halt has written. */
const everything = (folder: string): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"))
    .join("\n");

describe("a halt", () => {
  test("shows its certificate, brings the token where it halts, and the login where it looks", async () => {
    const heard: Heard[] = [];
    await using server = await secured(own.issue(), executioner(heard));
    const asked = `${tlsOf(client)}, login: { user: ops, password: WORD }`;
    const env = { WORD: word };
    await halt(server.url, asked, { env });
    const sent = heard.filter(([what]) => what === "POST /api/emergency/halt-all");
    expect(sent[0]?.[1]).toBe(`Bearer ${token}`);
    expect(heard.find(([what]) => what === "GET /api/emergency/status")?.[1]).toBe(basic);
    expect(rig.server.requests.map(({ authorization }) => authorization)).toContain(basic);
    // The second halt has the platform file kept, and reads what is asked for again.
    const before = heard.length;
    await halt(server.url, asked, { env });
    expect(heard.slice(before).map(([, login]) => login)).toContain(`Bearer ${token}`);
  });

  test("is sent without a login that cannot be read, and says so", async () => {
    const heard: Heard[] = [];
    await using server = await secured(own.issue(), executioner(heard));
    const { stderr } = await halt(server.url, `${tlsOf(client)}, login: { user: ops, password: WORD }`);
    expect(stderr).toContain("cannot read WORD, the password of executioner: it is not set");
    expect(heard[0]).toEqual(["POST /api/emergency/halt-all", `Bearer ${token}`]);
    expect(heard.at(-1)?.[1]).not.toBe(basic);
  });

  test("goes through a proxy with its login, also with the platform file kept, and never past it", async () => {
    const heard: Heard[] = [];
    await using server = await secured(own.issue(), executioner(heard));
    await using proxy = await strictProxy({ login: `ops:${word}`, tls: own.issue() });
    const through = `proxy: { url: "${proxy.url}", tls: { ca: ${own.caFile} }, login: { user: ops, password: WORD } }`;
    const asked = `${tlsOf(client)}, ${through}`;
    const env = { WORD: word };
    await halt(server.url, asked, { env });
    expect(heard[0]).toEqual(["POST /api/emergency/halt-all", `Bearer ${token}`]);
    expect(new Set(proxy.asked)).toEqual(new Set([`127.0.0.1:${server.port} as ops:${word}`]));
    expect(server.sockets).toHaveLength(proxy.asked.length);
    const before = proxy.asked.length;
    await halt(server.url, asked, { env });
    expect(proxy.asked.length).toBeGreaterThan(before);
    const { code, stdout, stderr } = await halt(server.url, asked);
    expect(code).not.toBe(0);
    expect(stderr).toContain("cannot read WORD, the password of executioner.proxy: it is not set");
    expect(stdout + stderr).toContain(
      `proxy ${proxy.url} rejected the request (CONNECT): it requires a login, and none is configured (407)`,
    );
    expect(stderr).not.toContain("the token was refused");
    expect(server.sockets).toHaveLength(heard.length);
  });

  test("is not stopped or led elsewhere by the environment's proxy", async () => {
    const heard: Heard[] = [];
    await using server = await http(executioner(heard));
    const nobody = "http://127.0.0.1:1";
    await halt(server.url, "api: true", {
      env: { HTTP_PROXY: nobody, http_proxy: nobody, ALL_PROXY: nobody },
    });
    expect(heard[0]).toEqual(["POST /api/emergency/halt-all", `Bearer ${token}`]);
  });

  test("whose certificate is not there sends nothing, and names the place", async () => {
    const { code, stderr } = await halt("https://127.0.0.1:1", "tls: { cert: none.pem, key: none.key }");
    expect(code).toBe(2);
    expect(stderr).toMatch(/services\.executioner\.tls: .*none\.pem.*\nNothing was sent\./);
  });

  test.each<[string, () => Issued, () => string, string]>([
    ["an authority that is not trusted", () => own.issue(), () => tlsOf(client, strange), "is not trusted"],
    [
      "a certificate that has expired",
      () => own.issue({ expired: true }),
      () => tlsOf(client),
      "its certificate has expired",
    ],
  ])("to a server with %s is heard by nobody", async (_what, issued, asked, says) => {
    const heard: Heard[] = [];
    await using server = await secured(issued(), executioner(heard));
    const { code, stdout } = await halt(server.url, asked());
    expect(code).not.toBe(0);
    expect(stdout).toContain(says);
    expect(heard).toEqual([]);
  });

  test.each([
    ["no certificate", () => `tls: { ca: ${own.caFile} }`, "it requires a client certificate, and none is"],
    ["one of another authority", () => tlsOf(strange.issue()), "it rejected our certificate"],
  ])("that shows %s is told so", async (_what, asked, says) => {
    // OpenSSL's own server tells why; Node's closes without a word.
    const { certFile, keyFile } = own.issue();
    const port = await freePort();
    const command = [
      "openssl",
      "s_server",
      "-accept",
      `127.0.0.1:${port}`,
      "-cert",
      certFile,
      "-key",
      keyFile,
    ];
    const server = await startChild({
      command: [...command, "-CAfile", own.caFile, "-Verify", "1", "-verify_return_error", "-www"],
      cwd: own.folder,
      ready: /ACCEPT/,
    });
    try {
      expect((await halt(`https://127.0.0.1:${port}`, asked())).stdout).toContain(says);
    } finally {
      await server.stop("SIGKILL");
    }
  });

  test("names the protocol that it met", async () => {
    await using server = await secured(own.issue(), executioner([]), false);
    const plainly = await halt(server.url.replace("https:", "http:"), "runs: none");
    expect(plainly.stdout).toContain("this port speaks TLS; write https://");
    await using plain = await http(executioner([]));
    const encrypted = await halt(plain.url.replace("http:", "https:"), tlsOf(client));
    expect(encrypted.stdout).toContain("it does not speak TLS");
  });

  test("of which the venues refuse the login says so", async () => {
    const heard: Heard[] = [];
    await using server = await secured(own.issue(), executioner(heard));
    rig.server.on("GET /venues", { status: 401, json: { error: { message: "no such login" } } });
    const { stdout } = await halt(server.url, tlsOf(client));
    expect(stdout).toContain("no such login");
  });
});
