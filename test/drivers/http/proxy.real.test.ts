/** Requests through a real proxy: what it carries, and what it refuses. */
import { createServer } from "node:https";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HttpProcess } from "../../../sandbox/http-server.ts";
import { startTinyproxy } from "../../../sandbox/tinyproxy.ts";
import { createHttp } from "../../../src/drivers/http/http.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { Rig } from "../../cli/rig.ts";
import { Authority } from "../authority.ts";
import { closedPort, http, listening } from "../loopback.ts";
import { failure, value } from "../results.ts";
import { ask } from "./ask.ts";

const word = "violet-harbour-17";
const own = new Authority();
let open: HttpProcess;
let asking: HttpProcess;
let narrow: HttpProcess;
beforeAll(async () => {
  open = await startTinyproxy();
  asking = await startTinyproxy({ login: { user: "ops", password: word } });
  narrow = await startTinyproxy({ ports: [443] });
});
afterAll(async () => {
  for (const proxy of [open, asking, narrow]) await proxy.stop();
  own[Symbol.dispose]();
});

const by = ({ url }: HttpProcess, password?: string) =>
  createHttp({
    ca: own.ca,
    proxy: {
      url,
      tls: {},
      ...(password === undefined
        ? {}
        : { login: { user: "ops", password: new Secret("PROXY_PASSWORD", password) } }),
    },
  });

describe("it carries", () => {
  test("reads and changes to a plain server and to one of TLS", async () => {
    await using plain = await http(({ method }, reply) => void reply.end(method));
    const { cert, key } = own.issue();
    await using secured = await listening(
      createServer({ cert, key: key.reveal() }, (_request, reply) => void reply.end("safe")),
      "https",
    );
    const client = by(asking, word);
    const bodies = [ask(plain.url), ask(plain.url, { method: "POST" }), ask(secured.url)].map(
      async (request) => Buffer.from(value(await client.request(request)).body).toString(),
    );
    expect(await Promise.all(bodies)).toEqual(["GET", "POST", "safe"]);
    expect(asking.log()).toContain(`CONNECT 127.0.0.1:${secured.port}`);
  });

  test("a step of a run, which says so in its plan", async () => {
    await using rig = await Rig.create();
    rig.runbook(
      "book",
      'service: web\ndiagnose:\n  - { id: up, "http.get": "${service.url}/health", expect: status == 200 }\n',
    );
    rig.server.on("GET /health", 200);
    const proxy = `{ url: "${asking.url}", login: { user: ops, password: PROXY_PASSWORD } }`;
    const services = `services: { web: { url: "${rig.server.url}", proxy: ${proxy} } }`;
    rig.file("runbooks/platform.yaml", `platform: rig\n${services}\n`);
    const env = { PROXY_PASSWORD: word };
    const planned = await rig.run(["run", "book", "--dry-run"], { env });
    expect(planned.stdout).toContain(`through proxy ${asking.url}`);
    const ended = await rig.run(["run", "book", "--json"], { env });
    expect(ended.code).toBe(0);
    expect(ended.stdout + ended.stderr).not.toContain(word);
    const wrong = await rig.run(["run", "book", "--json"], { env: { PROXY_PASSWORD: "amber-quarry-29" } });
    expect(wrong.code).toBe(4);
    expect(wrong.stdout + wrong.stderr).not.toContain("amber-quarry-29");
  });
});

describe("what it refuses was not sent, and is its own failure", () => {
  test.each([
    ["no login", undefined, "it requires a login, and none is configured (407)"],
    ["the wrong one", "amber-quarry-29", "it rejected the login ops (401)"],
  ])("%s", async (_name, password, message) => {
    await using server = await http((_request, reply) => void reply.end());
    expect(failure(await by(asking, password).request(ask(server.url, { method: "POST" })))).toEqual({
      type: "denied",
      target: `proxy ${asking.url}`,
      message,
      effect: "none",
    });
    expect(server.sockets).toEqual([]);
  });

  test("a port that it carries no tunnels to", async () => {
    await using server = await http((_request, reply) => void reply.end());
    expect(failure(await by(narrow).request(ask(server.url)))).toMatchObject({
      type: "rejected",
      target: `proxy ${narrow.url}`,
      message: `it refused CONNECT to 127.0.0.1:${server.port} (403 Access violation)`,
      effect: "none",
    });
    expect(server.sockets).toEqual([]);
  });

  test("a server that nobody is at", async () => {
    const port = await closedPort();
    expect(failure(await by(open).request(ask(`http://127.0.0.1:${port}/`)))).toMatchObject({
      target: `proxy ${open.url}`,
      effect: "none",
    });
  });

  test("one that is gone", async () => {
    const gone = await startTinyproxy();
    await gone.stop();
    expect(failure(await by(gone).request(ask("http://market.invalid/")))).toMatchObject({
      type: "unreachable",
      target: `proxy ${gone.url}`,
      cause: "refused",
      instrument: true,
      effect: "none",
    });
  });
});
