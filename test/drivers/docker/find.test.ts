/** Which engine is meant: one answer, for the client here and for the programs that are started. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readText } from "../../../src/app/context/engine.ts";
import { engineEnv } from "../../../src/drivers/docker/at.ts";
import { findEngine, type EngineChoice } from "../../../src/drivers/docker/find.ts";

let home: string;
let config: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "lav-docker-"));
  config = join(home, ".docker");
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const idOf = (name: string): string => createHash("sha256").update(name).digest("hex");
const tlsOf = (name: string): string => join(config, "contexts/tls", idOf(name), "docker");
/** As `docker context create` writes it. */
function context(name: string, host: string, tls = false): void {
  const meta = join(config, "contexts/meta", idOf(name));
  mkdirSync(meta, { recursive: true });
  const docker = { Host: host, SkipTLSVerify: true };
  writeFileSync(join(meta, "meta.json"), JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker } }));
  if (!tls) return;
  mkdirSync(tlsOf(name), { recursive: true });
  writeFileSync(join(tlsOf(name), "ca.pem"), "");
}
const current = (name: string): void => {
  mkdirSync(config, { recursive: true });
  writeFileSync(join(config, "config.json"), JSON.stringify({ auths: {}, currentContext: name }));
};
const find = async (env: Readonly<Record<string, string>> = {}, file: EngineChoice = {}) =>
  await findEngine({ HOME: home, ...env }, file, readText, join(home, "usual.sock"));

test("DOCKER_HOST goes before DOCKER_CONTEXT, that before the file, that before the context in use", async () => {
  for (const name of ["env", "file", "used"]) context(name, `tcp://${name}:1`);
  current("used");
  const env = { DOCKER_HOST: "tcp://host:1", DOCKER_CONTEXT: "env" };
  expect(await find(env, { context: "file" })).toEqual({ ok: true, value: { host: "tcp://host:1" } });
  expect(await find({ ...env, DOCKER_HOST: "" }, { context: "file" })).toMatchObject({
    value: { host: "tcp://env:1" },
  });
  expect(await find({}, { context: "file" })).toMatchObject({ value: { host: "tcp://file:1" } });
  expect(await find({}, { host: "unix:///own.sock" })).toMatchObject({ value: { host: "unix:///own.sock" } });
  expect(await find()).toMatchObject({ value: { host: "tcp://used:1" } });
  const usual = `unix://${home}/usual.sock`;
  expect(await find({ DOCKER_CONTEXT: "default" })).toMatchObject({ value: { host: usual } });
});

test("a context's certificates are its own, and never skipped", async () => {
  context("prod", "tcp://engine:2376", true);
  expect(await find({ DOCKER_CONTEXT: "prod", DOCKER_CERT_PATH: "/elsewhere" })).toEqual({
    ok: true,
    value: { host: "tcp://engine:2376", certs: tlsOf("prod") },
  });
});

test.each([
  [{ DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" }, "/certs"],
  [{ DOCKER_CERT_PATH: "/certs" }, "/certs"],
  [{ DOCKER_TLS: "1", DOCKER_CONFIG: "/settings" }, "/settings"],
])("%j is TLS, and a program is told all of it", async (env, certs) => {
  const found = await find({ DOCKER_HOST: "tcp://engine", ...env });
  // Docker's programs take other ports where none is written.
  expect(found).toMatchObject({ value: { host: "tcp://engine:2376", certs } });
  expect(found.ok && engineEnv(found.value)).toMatchObject({
    DOCKER_HOST: "tcp://engine:2376",
    DOCKER_TLS_VERIFY: "1",
    DOCKER_CERT_PATH: certs,
  });
});

test("a socket has no TLS, and a plain address names its port", async () => {
  const tls = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" };
  const found = await find({ DOCKER_HOST: "unix:///own.sock", ...tls });
  expect(found.ok && engineEnv(found.value)).toEqual({ DOCKER_HOST: "unix:///own.sock" });
  expect(await find({ DOCKER_HOST: "tcp://engine" })).toEqual({
    ok: true,
    value: { host: "tcp://engine:2375" },
  });
});

test("the file's folder goes before the variables' with the file's host", async () => {
  const env = { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/env" };
  expect(await find(env, { host: "tcp://e:1", certs: "/file" })).toMatchObject({ value: { certs: "/file" } });
  expect(await find(env, { host: "tcp://e:1" })).toMatchObject({ value: { certs: "/env" } });
  const host = { DOCKER_HOST: "tcp://other:1" };
  expect(await find(host, { host: "tcp://e:1", certs: "/file" })).toEqual({
    ok: true,
    value: { host: "tcp://other:1" },
  });
});

test("an engine without root is taken where the machine's socket is not ours", async () => {
  const server = createServer().listen(join(home, "docker.sock"));
  await once(server, "listening");
  expect(await find({ XDG_RUNTIME_DIR: home })).toMatchObject({
    value: { host: `unix://${home}/docker.sock` },
  });
  const usual = createServer().listen(join(home, "usual.sock"));
  await once(usual, "listening");
  expect(await find({ XDG_RUNTIME_DIR: home })).toMatchObject({
    value: { host: `unix://${home}/usual.sock` },
  });
  server.close();
  usual.close();
});

test("what cannot be found says what named it", async () => {
  expect(await find({ DOCKER_CONTEXT: "nosuch" })).toEqual({
    ok: false,
    failure: { variable: "DOCKER_CONTEXT", why: `there is no Docker context nosuch in ${config}` },
  });
  expect(await find({}, { context: "nosuch" })).toMatchObject({ failure: { key: "context" } });
  current("gone");
  expect(await find()).toEqual({
    ok: false,
    failure: { why: `there is no Docker context gone in ${config}` },
  });
  writeFileSync(join(config, "config.json"), "{");
  expect(await find()).toEqual({ ok: false, failure: { why: `${config}/config.json is not JSON` } });
});
