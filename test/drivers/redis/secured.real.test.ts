/** Redis with users of its ACL and TLS, and each gone wrong. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../sandbox/child.ts";
import { startRedis, type RedisServer } from "../../../sandbox/redis.ts";
import { createRedis } from "../../../src/drivers/redis/redis.ts";
import type { TlsMaterial } from "../../../src/drivers/verified.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { Rig } from "../../cli/rig.ts";
import { Authority, type Issued } from "../authority.ts";
import { failure, value } from "../results.ts";
import { soon } from "../../patience.ts";

const word = "violet-harbour-17";
const own = new Authority();
const strange = new Authority("another authority");
const client = own.issue({ name: "ops" });
const trusting: TlsMaterial = { ca: own.ca };

interface Secured extends RedisServer {
  readonly tlsPort: number;
}
const servers: RedisServer[] = [];
const secured = async (certificate: Issued, ask: "yes" | "no"): Promise<Secured> => {
  const tlsPort = await freePort();
  const server = await startRedis({
    config: [
      `tls-port ${tlsPort}`,
      `tls-cert-file ${certificate.certFile}`,
      `tls-key-file ${certificate.keyFile}`,
      `tls-ca-cert-file ${own.caFile}`,
      `tls-auth-clients ${ask}`,
      "user default off",
      `user ops on >${word} ~* &* +@all`,
    ],
  });
  servers.push(server);
  return { ...server, tlsPort };
};

let plain: Secured;
let mutual: Secured;
let expired: Secured;
beforeAll(async () => {
  plain = await secured(own.issue(), "no");
  mutual = await secured(own.issue(), "yes");
  expired = await secured(own.issue({ expired: true }), "no");
});
afterAll(async () => {
  for (const server of servers) await server.stop();
  own[Symbol.dispose]();
  strange[Symbol.dispose]();
});

const ping = async (url: string, tls?: TlsMaterial, password?: string) =>
  await createRedis({
    url,
    tls,
    password: password === undefined ? undefined : new Secret("REDIS_PASSWORD", password),
  }).command(["PING"], soon());

const at = (scheme: string, port: number, login = `ops:${word}`): string =>
  `${scheme}://${login}@127.0.0.1:${port}`;

describe("is reached", () => {
  test("as a user of the ACL over TLS, the password in the address or beside it", async () => {
    expect(value(await ping(at("rediss", plain.tlsPort), trusting))).toBe("PONG");
    expect(value(await ping(at("rediss", plain.tlsPort, "ops"), trusting, word))).toBe("PONG");
  });

  test("by a client's certificate", async () => {
    const { cert, key } = client;
    expect(value(await ping(at("rediss", mutual.tlsPort), { ...trusting, cert, key }))).toBe("PONG");
  });

  test("by a run that has all of it from its platform file", async () => {
    await using rig = await Rig.create();
    rig.runbook("book", "diagnose:\n  - id: up\n    redis.ping: {}\n");
    const tls = `tls: { ca: ${own.caFile}, cert: ${client.certFile}, key: ${client.keyFile} }`;
    const url = `"rediss://ops@127.0.0.1:${mutual.tlsPort}"`;
    rig.platform(`redis: { url: ${url}, password: REDIS_PASSWORD, ${tls} }`);
    const { code, stdout, stderr } = await rig.run(["run", "book"], { env: { REDIS_PASSWORD: word } });
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
  });
});

describe("is not reached", () => {
  test.each<[string, () => string, TlsMaterial | undefined, object]>([
    [
      "the wrong password",
      () => at("rediss", plain.tlsPort, "ops:wrong-word-99"),
      trusting,
      { type: "denied", message: expect.stringContaining("WRONGPASS") },
    ],
    [
      "no login",
      () => `rediss://127.0.0.1:${plain.tlsPort}`,
      trusting,
      { type: "denied", message: expect.stringContaining("NOAUTH") },
    ],
    [
      "an authority that is not trusted",
      () => at("rediss", plain.tlsPort),
      { ca: strange.ca },
      { type: "rejected", message: expect.stringMatching(/^its certificate is not trusted/) },
    ],
    [
      "a certificate that has expired",
      () => at("rediss", expired.tlsPort),
      trusting,
      { type: "rejected", code: "CERT_HAS_EXPIRED" },
    ],
    [
      "no certificate of the client's",
      () => at("rediss", mutual.tlsPort),
      trusting,
      { type: "denied", message: expect.stringContaining("none is configured") },
    ],
    [
      "a client's certificate of another authority",
      () => at("rediss", mutual.tlsPort),
      { ...trusting, ...strange.issue({ name: "ops" }) },
      { type: "denied", message: expect.stringContaining("it rejected our certificate") },
    ],
    [
      "TLS at a plain port",
      () => at("rediss", plain.port),
      trusting,
      {
        type: "timeout",
        doing: "the TLS handshake, which a port without TLS does not answer",
        effect: "none",
      },
    ],
    [
      "a plain connection at a port of TLS",
      () => at("redis", plain.tlsPort),
      undefined,
      {
        type: "unreadable",
        message: "this port speaks TLS; write rediss:// in Redis's address",
        effect: "none",
      },
    ],
  ])("%s", async (_what, url, tls, expected) => {
    const failed = failure(await ping(url(), tls));
    expect(failed).toMatchObject(expected);
    expect(JSON.stringify(failed)).not.toMatch(/wrong-word|violet-harbour|PRIVATE KEY/);
  });

  test("a key that another node of the cluster has", async () => {
    const [one, two] = await Promise.all(
      [0, 1].map(async () => {
        const bus = await freePort();
        const node = await startRedis({ config: ["cluster-enabled yes", `cluster-port ${bus}`] });
        servers.push(node);
        return { node, bus: String(bus), redis: createRedis({ url: node.url }) };
      }),
    );
    if (one === undefined || two === undefined) throw new Error("two nodes were started");
    const ask = async ({ redis }: typeof one, ...command: string[]): Promise<string> =>
      String(value(await redis.command(command, soon())));
    await ask(one, "CLUSTER", "ADDSLOTSRANGE", "0", "8191");
    await ask(two, "CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
    await ask(one, "CLUSTER", "MEET", "127.0.0.1", String(two.node.port), two.bus);
    while (!(await ask(one, "CLUSTER", "INFO")).startsWith("cluster_state:ok"));
    const failed = failure(await one.redis.command(["GET", "foo"], soon()));
    expect(failed).toMatchObject({
      type: "rejected",
      code: "MOVED",
      message: `this is one node of a cluster, and slot 12182 lies at 127.0.0.1:${two.node.port}; name that node as Redis's address`,
    });
  });
});
