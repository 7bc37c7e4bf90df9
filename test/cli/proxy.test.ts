/** A service behind a proxy: where the requests of a run go, and what is said of it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closedPort } from "../drivers/loopback.ts";
import { strictProxy } from "../drivers/http/strict-proxy.ts";
import { Rig, step } from "./rig.ts";

const word = "violet-harbour-17";
const basic = Buffer.from(`ops:${word}`).toString("base64");

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  rig.server.on("POST /act", { json: {} });
  rig.server.on("GET /health", { json: { up: true } });
  rig.runbook("acts", "service: market\nsteps:\n  - http.post: ${service.url}/act\n");
  rig.runbook(
    "asks",
    "service: market\ndiagnose:\n  - http.get: ${service.url}/health\n    id: up\n    expect: status == 200\n",
  );
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const platform = (proxy: string): void =>
  void rig.file(
    "runbooks/platform.yaml",
    `platform: rig\nservices:\n  market: { url: "${rig.server.url}", proxy: ${proxy} }\n`,
  );
const withLogin = (url: string): string =>
  `{ url: "${url}", login: { user: ops, password: PROXY_PASSWORD } }`;

test("a step's request is carried, as the plan, the question and the command by hand say", async () => {
  await using proxy = await strictProxy({ login: `ops:${word}` });
  platform(withLogin(proxy.url));
  const plan = await rig.run(["run", "acts", "--dry-run"]);
  expect(plan.stdout).toContain(`POST ${rig.server.url}/act, through proxy ${proxy.url}`);
  const shown = await rig.run(["show", "acts", "--by-hand"]);
  expect(shown.stdout).toContain(`--proxytunnel --proxy ${proxy.url} --noproxy '' -U ops:"$PROXY_PASSWORD"`);
  const env = { PROXY_PASSWORD: word, HTTPS_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" };
  const { code, stdout, stderr } = await rig.run(["run", "acts", "--yes"], { env });
  expect([code, stderr.includes(word)]).toEqual([0, false]);
  expect(stdout + stderr).toContain(`through proxy ${proxy.url}`);
  expect(proxy.asked).toEqual([`127.0.0.1:${new URL(rig.server.url).port} as ops:${word}`]);
  expect(rig.server.requests).toHaveLength(1);
});

test("consent is to the proxy too", async () => {
  await using one = await strictProxy();
  await using other = await strictProxy();
  platform(one.url);
  const asked = await rig.run(["run", "acts", "--json"]);
  const digest = /"approve":"([0-9a-f]+)"/.exec(asked.stdout)?.[1] ?? "none";
  platform(other.url);
  expect((await rig.run(["run", "acts", "--approve", digest])).code).not.toBe(0);
  expect(rig.server.requests).toEqual([]);
  platform(one.url);
  expect((await rig.run(["run", "acts", "--approve", digest])).code).toBe(0);
  expect(one.asked).toHaveLength(1);
});

describe("a finding through a proxy that carries nothing is unknown, not failed", () => {
  test("nobody listens there", async () => {
    const url = `http://127.0.0.1:${await closedPort()}`;
    platform(url);
    const ended = await rig.run(["run", "asks", "--json"]);
    expect(step(ended, "up")).toMatchObject({
      outcome: "unknown",
      failure: {
        target: `proxy ${url}`,
        instrument: true,
        sentence: `proxy ${url} does not answer: connection refused`,
      },
    });
  });

  test("it rejects the password, which is shown nowhere", async () => {
    await using proxy = await strictProxy({
      misdeed: (socket, { headers }) =>
        void socket.end(`HTTP/1.1 403 not ${headers["proxy-authorization"] ?? ""} ${word}\r\n\r\n`),
    });
    platform(withLogin(proxy.url));
    const ended = await rig.run(["run", "asks", "--json"], { env: { PROXY_PASSWORD: word } });
    expect(step(ended, "up")).toMatchObject({
      outcome: "unknown",
      failure: { type: "rejected", code: "403" },
    });
    expect(ended.stdout + ended.stderr).not.toMatch(new RegExp(`${word}|${basic}`));
  });

  test("what it says of the server is the server's", async () => {
    await using proxy = await strictProxy({
      misdeed: (socket) => void socket.end("HTTP/1.1 504 Gateway Timeout\r\n\r\n"),
    });
    platform(proxy.url);
    expect(step(await rig.run(["run", "asks", "--json"]), "up")).toMatchObject({ outcome: "failed" });
  });
});

test("a password that is not set is refused at its place, and nothing is sent", async () => {
  await using proxy = await strictProxy();
  platform(withLogin(proxy.url));
  const { code, stderr } = await rig.run(["run", "acts", "--yes"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/platform\.yaml:3:\d+: PROXY_PASSWORD is not set/);
  expect(proxy.asked).toEqual([]);
});

test("the environment's proxy is not used: it is said where a server elsewhere may need one", async () => {
  await using proxy = await strictProxy();
  const env = { http_proxy: proxy.url, HTTPS_PROXY: proxy.url };
  const direct = await rig.run(["run", "acts", "--yes"], { env });
  expect([direct.code, direct.stderr.includes("HTTPS_PROXY")]).toEqual([0, false]);
  expect(rig.server.requests).toHaveLength(1);
  rig.platform("prometheus: { url: https://metrics.invalid }");
  expect((await rig.run(["run", "acts", "--yes"], { env })).stderr).toContain(
    "warning: http_proxy, HTTPS_PROXY are set; lav-ir does not use them; say of prometheus which proxy it takes, or proxy: none",
  );
  rig.platform("prometheus: { url: https://metrics.invalid, proxy: none }");
  expect((await rig.run(["run", "acts", "--yes"], { env })).stderr).not.toContain("HTTPS_PROXY");
  expect(proxy.asked).toEqual([]);
});
