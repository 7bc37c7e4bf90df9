/** An engine over TCP with TLS, by a context and without root, for the client here and for the programs; each gone wrong. */
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chosen } from "../../../sandbox/chosen.ts";
import { removeProject } from "../../../sandbox/remove.ts";
import { readText } from "../../../src/app/context/engine.ts";
import { engineEnv, type EngineAt } from "../../../src/drivers/docker/at.ts";
import { findEngine } from "../../../src/drivers/docker/find.ts";
import { createEngineReader } from "../../../src/drivers/docker/reader.ts";
import { Rig, step } from "../../cli/rig.ts";
import { soon } from "../../patience.ts";
import { Authority, type Issued } from "../authority.ts";
import { composeProject, type Project } from "../compose/project.ts";
import { http, listening, type Loopback } from "../loopback.ts";
import { failure, value } from "../results.ts";
import { dockerd, type Dockerd } from "./dockerd.ts";

const own = new Authority();
const strange = new Authority("another authority");
const client = own.issue({ name: "ops" });
let engine: Dockerd;
beforeAll(async () => void (engine = await dockerd(own)));
afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  own[Symbol.dispose]();
  strange[Symbol.dispose]();
});

/** A folder as DOCKER_CERT_PATH names one. */
function certs(issued: Issued | undefined, authority = own): string {
  const folder = mkdtempSync(join(own.folder, "certs-"));
  copyFileSync(authority.caFile, join(folder, "ca.pem"));
  if (issued === undefined) return folder;
  copyFileSync(issued.certFile, join(folder, "cert.pem"));
  copyFileSync(issued.keyFile, join(folder, "key.pem"));
  return folder;
}

/** Another listener of an engine that has a socket alone: its own certificate, and clients of this authority. */
const listener = async (socket: string, { cert, key }: Issued): Promise<Loopback> =>
  await listening(
    createServer({ cert, key: key.reveal(), ca: own.ca, requestCert: true }, (secured) => {
      const inner = connect(socket);
      secured.on("error", () => inner.destroy()).pipe(inner);
      inner.on("error", () => secured.destroy()).pipe(secured);
    }),
    "tcp",
  );

const engineIn = (found: Awaited<ReturnType<typeof findEngine>>): EngineAt => {
  if (!found.ok) throw new Error(found.failure.why);
  return found.value;
};
const shown = { ca: own.ca, cert: client.cert, key: client.key };
const ask = async (at: EngineAt) => await createEngineReader(at).json("/info", soon());
const tcp = (port: number, tls: EngineAt["tls"] = shown): EngineAt => ({
  host: `tcp://127.0.0.1:${port}`,
  ...(tls === undefined ? {} : { certs: "/certs", tls }),
});

describe("the client here", () => {
  test("reaches an engine that verifies its clients", async () => {
    expect(value(await ask(tcp(engine.port)))).toHaveProperty("ServerVersion");
  });

  test.each<[string, () => Promise<EngineAt> | EngineAt, object]>([
    [
      "no certificate",
      () => tcp(engine.port, { ca: own.ca }),
      { type: "denied", message: expect.stringMatching(/requires a client certificate, and none is/) },
    ],
    [
      "a certificate of another authority",
      () => tcp(engine.port, { ...shown, ...strange.issue({ name: "ops" }) }),
      { type: "denied", message: expect.stringContaining("it rejected our certificate") },
    ],
    [
      "another authority of the engine's",
      () => tcp(engine.port, { ...shown, ca: strange.ca }),
      { type: "rejected", message: expect.stringContaining("its certificate is not trusted") },
    ],
    [
      "a plain connection",
      () => ({ host: `tcp://127.0.0.1:${engine.port}` }),
      { type: "unreadable", message: expect.stringContaining("this port speaks TLS") },
    ],
  ])("is told what is wrong with %s", async (_what, at, expected) => {
    const failed = failure(await ask(await at()));
    expect(failed).toMatchObject({ ...expected, effect: "none" });
    expect(JSON.stringify(failed)).not.toContain("PRIVATE KEY");
  });

  test("is told of a certificate that has expired, and of a port without TLS", async () => {
    await using expired = await listener(`${engine.runtime}/docker.sock`, own.issue({ expired: true }));
    expect(failure(await ask(tcp(expired.port)))).toMatchObject({
      type: "rejected",
      message: "its certificate has expired",
    });
    await using plain = await http((_request, reply) => void reply.end());
    expect(failure(await ask(tcp(plain.port)))).toMatchObject({
      type: "unreadable",
      message: "it does not speak TLS, or no safe version of it",
    });
    // One that says nothing of it, as the engine's own does.
    expect(failure(await ask({ host: `tcp://127.0.0.1:${expired.port}` }))).toMatchObject({
      type: "unreadable",
      message: expect.stringContaining("this port speaks TLS"),
    });
  });

  test("finds what Docker's own client calls a context, and an engine without root", async () => {
    const config = mkdtempSync(join(tmpdir(), "lav-config-"));
    const env = { DOCKER_CONFIG: config, PATH: process.env["PATH"] ?? "" };
    const files = `ca=${own.caFile},cert=${client.certFile},key=${client.keyFile}`;
    const docker = (...args: readonly string[]): void =>
      void execFileSync("docker", ["context", ...args], { env, stdio: "pipe" });
    docker("create", "prod", "--docker", `host=tcp://127.0.0.1:${engine.port},${files}`);
    const named = engineIn(await findEngine({ ...env, DOCKER_CONTEXT: "prod" }, {}, readText));
    expect(named.host).toBe(`tcp://127.0.0.1:${engine.port}`);
    // What its programs are told is the same engine.
    const said = execFileSync("docker", ["version", "--format", "{{.Server.Version}}"], {
      env: { ...env, ...engineEnv(named) },
      encoding: "utf8",
    });
    expect(said.trim()).toMatch(/^\d+\./);
    docker("use", "prod");
    expect(engineIn(await findEngine(env, {}, readText))).toEqual(named);
    const rootless = { HOME: config, XDG_RUNTIME_DIR: engine.runtime };
    const found = engineIn(await findEngine(rootless, {}, readText, join(config, "no.sock")));
    expect(value(await ask(found))).toHaveProperty("ServerVersion");
    rmSync(config, { recursive: true });
  });
});

describe("Compose's program and the whole tool", () => {
  let project: Project;
  let secured: Loopback;
  beforeAll(async () => {
    project = await composeProject(chosen().compose);
    secured = await listener(project.host.replace("unix://", ""), own.issue());
    await project.compose("up", "-d", "web");
  });
  afterAll(async () => {
    await removeProject(project.host, project.name);
    await secured[Symbol.asyncDispose]();
    await project[Symbol.asyncDispose]();
  });

  test("a service is made again through the same door as it is looked at", async () => {
    const at = { ...tcp(secured.port), certs: certs(client) };
    const services = project.services(project.program, { engine: at });
    const [before] = value(await services.inspect("web", soon()));
    value(await services.recreate("web", soon()));
    const [after] = value(await services.inspect("web", soon()));
    expect(after?.id).not.toBe(before?.id);
  });

  test("by the variables, and by the platform file; what is wrong is said before anything happens", async () => {
    await using rig = await Rig.create();
    const compose = `compose: { project: ${project.name}, files: [${project.folder}/compose.yaml] }`;
    const platform = (docker: string): void =>
      void rig.file(
        "runbooks/platform.yaml",
        `platform: rig\nservices: { web: "http://127.0.0.1:1" }\n${compose}\n${docker}`,
      );
    rig.runbook("look", "diagnose: [{ id: web, service.inspect: web, expect: running }]\n");
    const host = `tcp://127.0.0.1:${secured.port}`;
    const run = async (env: Readonly<Record<string, string>>) =>
      await rig.run(["run", "look", "--json"], { env });
    platform("");
    const variables = (folder: string) => ({
      DOCKER_HOST: host,
      DOCKER_TLS_VERIFY: "1",
      DOCKER_CERT_PATH: folder,
    });
    expect((await run(variables(certs(client)))).code).toBe(0);
    mkdirSync(join(rig.folder, "none"));
    const missing = await run(variables(join(rig.folder, "none")));
    expect([missing.code, missing.stdout]).toEqual([2, expect.stringContaining("none/ca.pem")]);
    const old = await run(variables(certs(own.issue({ expired: true }))));
    expect([old.code, old.stdout]).toEqual([2, expect.stringContaining("expired at")]);
    platform(`docker: { host: "${host}", cert_path: ${certs(client)} }\n`);
    expect((await run({})).code).toBe(0);
    platform(`docker: { host: "${host}", cert_path: ${certs(client, strange)} }\n`);
    const untrusted = await run({});
    // The engine is the instrument: what cannot be asked is unknown.
    expect(untrusted.code).toBe(4);
    expect(JSON.stringify(step(untrusted, "web"))).toContain("its certificate is not trusted");
    expect(untrusted.stdout).not.toContain("PRIVATE KEY");
  });

  test("a halt looks for instances through it, once its requests are out", async () => {
    await using rig = await Rig.create();
    rig.file(
      "runbooks/platform.yaml",
      `platform: rig
services: { executioner: { url: "${rig.server.url}", compose: web } }
compose: { project: ${project.name}, files: [${project.folder}/compose.yaml] }
trading: { venues: "${rig.server.url}", deadline: 2s, proof: { window: 100ms } }
postgres: { url: "postgres://127.0.0.1:1/none" }
kafka: { brokers: ["127.0.0.1:1"] }
`,
    );
    const halt = async (env: Readonly<Record<string, string>>): Promise<string> => {
      const given = { EMERGENCY_TOKEN: "a-token-that-halts", ...env };
      const { stdout } = await rig.run(["halt-all", "--reason", "x", "--yes"], { env: given });
      expect(stdout).not.toContain("PRIVATE KEY");
      return stdout;
    };
    const by = (folder: string) => ({
      DOCKER_HOST: `tcp://127.0.0.1:${secured.port}`,
      DOCKER_CERT_PATH: folder,
    });
    expect(await halt(by(certs(client)))).not.toContain("cannot look for other instances");
    // What the first one kept of the platform file says nothing of the environment.
    for (const [env, says] of [
      [by(certs(client, strange)), "its certificate is not trusted"],
      [by("/nowhere"), "/nowhere/ca.pem"],
      [{ DOCKER_CONTEXT: "nosuch" }, "there is no Docker context nosuch"],
    ] as const)
      expect(await halt(env)).toMatch(new RegExp(`cannot look for other instances.*${says}`, "s"));
    expect(rig.server.count("POST /api/emergency/halt-all")).toBeGreaterThanOrEqual(4);
  });
});
