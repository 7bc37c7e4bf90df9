/** faults 0.2: no token and no password goes to a server that is not verified, whatever Node is told. */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { selfSigned, type Certificate } from "../drivers/certificate.ts";
import { Rig, step, type Ended } from "./rig.ts";

const secret = "a-secret-that-must-stay";
const unverified = { NODE_TLS_REJECT_UNAUTHORIZED: "0", EMERGENCY_TOKEN: secret };

let rig: Rig;
beforeEach(async () => void (rig = await Rig.create()));
afterEach(async () => await rig[Symbol.asyncDispose]());

/** A server with a certificate of its own making: what it is sent once the connection is encrypted. */
class Stranger implements AsyncDisposable {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  heard = "";
  connections = 0;
  readonly cert: string;

  private constructor(pem: Certificate, make: (stranger: Stranger) => Server) {
    this.cert = pem.cert;
    this.server = make(this);
  }

  /** TLS from the first byte on. */
  static async tls(answer = "", pem = selfSigned()): Promise<Stranger> {
    return await new Stranger(pem, (stranger) =>
      createTlsServer(pem, (socket) => stranger.hear(socket, answer)).on("connection", (socket: Socket) =>
        stranger.keep(socket),
      ),
    ).listening();
  }

  /** PostgreSQL's: asked in clear whether it encrypts, it says yes. */
  static async postgres(pem = selfSigned()): Promise<Stranger> {
    return await new Stranger(pem, (stranger) =>
      createServer((socket) => {
        stranger.keep(socket);
        socket.once("data", () => {
          socket.write("S");
          const secured = new TLSSocket(socket, { isServer: true, ...pem });
          // Asks for the password in clear, as a stranger would.
          stranger.hear(secured, Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]));
        });
      }),
    ).listening();
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  private async listening(): Promise<this> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return this;
  }

  private keep(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on("error", () => {});
  }

  private hear(socket: Socket, answer: string | Buffer): void {
    socket.on("error", () => {});
    let times = 0;
    socket.on("data", (chunk: Buffer) => {
      this.heard += chunk.toString("latin1");
      // Nobody waits for a third one.
      if (++times > 2) socket.destroy();
      else if (answer.length > 0) socket.write(answer);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }
}

function platform(services: string, more = ""): void {
  rig.file(
    "runbooks/platform.yaml",
    `platform: rig\nservices: ${services}\ncompose: { project: test, files: [compose.yaml] }
docker: { host: unix:///nowhere }\npostgres: { url: "postgres://127.0.0.1:1/none" }\nkafka: { brokers: ["127.0.0.1:1"] }\n${more}`,
  );
}

async function oneStep(text: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  rig.runbook("one", `secrets: [EMERGENCY_TOKEN]\nsteps:\n  - ${text}\n`);
  return await rig.run(["run", "one", "--yes", "--json"], { env: { ...unverified, ...env } });
}

describe("faults 0.2: with NODE_TLS_REJECT_UNAUTHORIZED=0 nothing is said to a stranger by", () => {
  test("halt-all", async () => {
    await using stranger = await Stranger.tls();
    const url = `https://127.0.0.1:${stranger.port}`;
    platform(
      `{ executioner: "${url}" }`,
      `trading: { venues: "${url}", deadline: 8s, proof: { window: 300ms } }\n`,
    );
    const { code, stdout } = await rig.run(["halt-all", "--reason", "x", "--yes"], { env: unverified });
    expect(stranger.connections).toBeGreaterThan(0);
    expect(stranger.heard).toBe("");
    expect(stdout).toMatch(/not trusted/);
    expect(code).not.toBe(0);
  });

  test("http.post", async () => {
    await using stranger = await Stranger.tls();
    const headers = "headers: { authorization: 'Bearer ${secrets.EMERGENCY_TOKEN}' }";
    const ended = await oneStep(
      `{ id: tell, http.post: { url: "https://127.0.0.1:${stranger.port}/x", ${headers} } }`,
    );
    expect(stranger.heard).toBe("");
    expect(step(ended, "tell")["failure"]).toMatchObject({
      effect: "none",
      message: expect.stringContaining("not trusted") as string,
    });
  });

  test("redis", async () => {
    await using stranger = await Stranger.tls("+OK\r\n");
    const ended = await oneStep("{ id: cache, redis.ping: {} }", {
      REDIS_URL: `rediss://:${secret}@127.0.0.1:${stranger.port}`,
    });
    expect(stranger.connections).toBeGreaterThan(0);
    expect(stranger.heard).toBe("");
    expect(step(ended, "cache")["outcome"]).not.toBe("ok");
  });

  test("sql, with sslmode=verify-full", async () => {
    await using stranger = await Stranger.postgres();
    const ended = await oneStep("{ id: look, sql.query: { sql: SELECT 1 } }", {
      DATABASE_URL: `postgres://lav:${secret}@127.0.0.1:${stranger.port}/lav?sslmode=verify-full`,
    });
    expect(stranger.connections).toBeGreaterThan(0);
    expect(stranger.heard).toBe("");
    expect(step(ended, "look")["outcome"]).not.toBe("ok");
  });
});

describe("faults 0.2: tls: { ca } in the platform file", () => {
  test("is trusted by http, redis and PostgreSQL, which then say what they have to say", async () => {
    const pem = selfSigned();
    await using server = await Stranger.tls("+OK\r\n", pem);
    await using postgres = await Stranger.postgres(pem);
    rig.file("runbooks/ca.pem", `# Ours.\n${pem.cert}`);
    platform("{}", "tls: { ca: ca.pem }\n");
    const env = {
      REDIS_URL: `rediss://:${secret}@127.0.0.1:${server.port}`,
      DATABASE_URL: `postgres://lav:${secret}@127.0.0.1:${postgres.port}/lav`,
    };
    await oneStep(`{ id: a, http.get: { url: "https://127.0.0.1:${server.port}/hello" } }`);
    await oneStep(`{ id: a, redis.ping: {} }`, env);
    expect(server.heard).toContain("GET /hello");
    expect(server.heard.toUpperCase()).toContain(`AUTH\r\n$${secret.length}\r\n${secret.toUpperCase()}`);
    await oneStep("{ id: a, sql.query: { sql: SELECT 1 } }", env);
    expect(postgres.heard).toContain(secret);
  });

  test("reaches a halt, and no other authority is believed in its place", async () => {
    await using server = await Stranger.tls("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n");
    const url = `https://127.0.0.1:${server.port}`;
    const more = `trading: { venues: "${url}", deadline: 8s, proof: { window: 300ms } }\ntls: { ca: ca.pem }\n`;
    platform(`{ executioner: "${url}" }`, more);
    const halt = async (): Promise<Ended> =>
      await rig.run(["halt-all", "--reason", "x", "--yes"], { env: unverified });
    rig.file("runbooks/ca.pem", server.cert);
    await halt();
    expect(server.heard).toContain(`Bearer ${secret}`);
    // Another authority in the same file: what the last halt has kept is not good any more.
    rig.file("runbooks/ca.pem", selfSigned().cert);
    server.heard = "";
    expect((await halt()).stdout).toMatch(/not trusted/);
    expect(server.heard).toBe("");
  });

  test.each([
    ["is not there", undefined, "does not exist"],
    ["holds none", "hello\n", "no certificate in"],
    [
      "holds half of one",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "cannot read certificate",
    ],
  ])("a file that %s is refused at its place", async (_what, text, says) => {
    platform("{}", "tls:\n  ca: ca.pem\n");
    if (text !== undefined) rig.file("runbooks/ca.pem", text);
    rig.runbook("one", "steps:\n  - { id: w, wait: 1s }\n");
    expect((await rig.run(["run", "one", "--dry-run"])).code).toBe(0);
    const { code, stderr } = await rig.run(["run", "one"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`^runbooks/platform.yaml:\\d+:7: (?=.*ca\\.pem).*${says}`));
  });
});
