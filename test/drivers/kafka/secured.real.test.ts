/** One broker with a listener for each way in: TLS, a client's certificate, PLAIN and SCRAM, and each gone wrong. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chosen } from "../../../sandbox/chosen.ts";
import { startKafka, type RunningKafka } from "../../../sandbox/kafka.ts";
import { createKafka } from "../../../src/drivers/kafka/kafka.ts";
import type { Sasl } from "../../../src/drivers/kafka/sasl.ts";
import type { TlsMaterial } from "../../../src/drivers/verified.ts";
import { Secret } from "../../../src/secrets/secret.ts";
import { Rig } from "../../cli/rig.ts";
import { Authority, type Issued } from "../authority.ts";
import { closedPort, http } from "../loopback.ts";
import { failure, value } from "../results.ts";
import { soon } from "../../patience.ts";

const word = "violet-harbour-17";
const own = new Authority();
const strange = new Authority("another authority");
const client = own.issue({ name: "ops" });
const names = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

let cluster: RunningKafka;
const at = (listener: string): string => cluster.nodes[0]?.addresses[listener] ?? "";

beforeAll(async () => {
  const server = own.issue();
  const jaas = (listener: string): Record<string, string> => {
    const of = `listener.name.${listener}`;
    const kafka = "org.apache.kafka.common.security";
    return {
      [`${of}.sasl.enabled.mechanisms`]: names.join(","),
      [`${of}.plain.sasl.jaas.config`]: `${kafka}.plain.PlainLoginModule required user_ops="${word}";`,
      [`${of}.scram-sha-256.sasl.jaas.config`]: `${kafka}.scram.ScramLoginModule required;`,
      [`${of}.scram-sha-512.sasl.jaas.config`]: `${kafka}.scram.ScramLoginModule required;`,
    };
  };
  const keystore = (listener: string, { bothFile }: Issued): Record<string, string> => ({
    [`listener.name.${listener}.ssl.keystore.location`]: bothFile,
  });
  cluster = await startKafka({
    version: chosen().kafka,
    listeners: {
      TLS: { protocol: "SSL" },
      MUTUAL: { protocol: "SSL" },
      EXPIRED: { protocol: "SSL" },
      OTHER: { protocol: "SSL" },
      LOGIN: { protocol: "SASL_SSL" },
      CLEAR: { protocol: "SASL_PLAINTEXT" },
      LOST: { protocol: "PLAINTEXT", advertised: "broker.nowhere.invalid:9092" },
    },
    scram: ["SCRAM-SHA-256", "SCRAM-SHA-512"].map((name) => `${name}=[name=ops,password=${word}]`),
    config: {
      "ssl.keystore.type": "PEM",
      "ssl.keystore.location": server.bothFile,
      "ssl.truststore.type": "PEM",
      "ssl.truststore.location": own.caFile,
      "listener.name.mutual.ssl.client.auth": "required",
      ...keystore("expired", own.issue({ expired: true })),
      ...keystore("other", own.issue({ for: "DNS:other.internal" })),
      ...jaas("login"),
      ...jaas("clear"),
    },
  });
});

afterAll(async () => {
  await cluster?.stop();
  own[Symbol.dispose]();
  strange[Symbol.dispose]();
});

const trusting: TlsMaterial = { ca: own.ca };
const login = (mechanism: Sasl["mechanism"], password = word): Sasl => ({
  mechanism,
  user: "ops",
  password: new Secret("KAFKA_PASSWORD", password),
});
const kafka = (brokers: string, tls?: TlsMaterial, sasl?: Sasl) => createKafka({ brokers, tls, sasl });

describe("is reached", () => {
  test("by TLS", async () => {
    const reached = kafka(at("TLS"), trusting);
    expect(value(await reached.cluster(soon())).brokers).toEqual([{ id: 1, address: at("TLS") }]);
    expect(value(await reached.topics(soon()))).toEqual([]);
  });

  test("by a client's certificate", async () => {
    const { cert, key } = client;
    expect(value(await kafka(at("MUTUAL"), { ...trusting, cert, key }).cluster(soon())).brokers).toHaveLength(
      1,
    );
  });

  test.each(names)("by TLS and a login by %s", async (name) => {
    expect(value(await kafka(at("LOGIN"), trusting, login(name)).topics(soon()))).toEqual([]);
  });

  test("by a login without TLS", async () => {
    expect(value(await kafka(at("CLEAR"), undefined, login("SCRAM-SHA-512")).topics(soon()))).toEqual([]);
  });
});

describe("is not reached", () => {
  type Case = [string, () => string, TlsMaterial | undefined, Sasl | undefined, object];
  test.each<Case>([
    [
      "an authority that is not trusted",
      () => at("TLS"),
      { ca: strange.ca },
      undefined,
      { type: "rejected", message: expect.stringMatching(/^its certificate is not trusted/) },
    ],
    [
      "a certificate that has expired",
      () => at("EXPIRED"),
      trusting,
      undefined,
      { type: "rejected", code: "CERT_HAS_EXPIRED", message: "its certificate has expired" },
    ],
    [
      "a certificate for another name",
      () => at("OTHER"),
      trusting,
      undefined,
      { type: "rejected", code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    ],
    [
      "no certificate of the client's",
      () => at("MUTUAL"),
      trusting,
      undefined,
      { type: "denied", message: expect.stringContaining("none is configured") },
    ],
    [
      "a client's certificate of another authority",
      () => at("MUTUAL"),
      { ...trusting, ...strange.issue({ name: "ops" }) },
      undefined,
      { type: "denied", message: expect.stringContaining("it rejected our certificate") },
    ],
    ...names.map((name): Case => [
      `the wrong password by ${name}`,
      () => at("LOGIN"),
      trusting,
      login(name, "wrong-word-99"),
      { type: "denied", message: expect.stringContaining(`login as ops by ${name}: `) },
    ]),
    [
      "a login where none is taken",
      () => at("TLS"),
      trusting,
      login("PLAIN"),
      { type: "denied", message: "it takes no login at this port" },
    ],
    [
      "no login where one is wanted",
      () => at("LOGIN"),
      trusting,
      undefined,
      { type: "denied", message: expect.stringContaining("the platform file has no kafka.sasl") },
    ],
    [
      "TLS at a plain port",
      () => cluster.brokers,
      trusting,
      undefined,
      {
        type: "unreadable",
        message: "this port speaks Kafka without TLS, and the platform file says kafka.tls",
      },
    ],
    [
      "a plain connection at a port of TLS",
      () => at("TLS"),
      undefined,
      undefined,
      { type: "unreadable", message: "this port speaks TLS" },
    ],
  ])("%s", async (_what, brokers, tls, sasl, expected) => {
    const failed = failure(await kafka(brokers(), tls, sasl).cluster(soon()));
    expect(failed).toMatchObject({ ...expected, effect: "none" });
    expect(JSON.stringify(failed)).not.toMatch(/wrong-word|violet-harbour|PRIVATE KEY/);
  });

  test("an advertised listener that does not resolve", async () => {
    const seed = kafka(cluster.brokers);
    const lost = kafka(at("LOST"));
    expect(value(await seed.cluster(soon())).brokers).toHaveLength(1);
    expect(failure(await lost.lag([], soon()))).toMatchObject({
      type: "unreachable",
      cause: "dns",
      target: "Kafka broker broker.nowhere.invalid:9092",
      message: "no such host; this is what broker 1 advertises (advertised.listeners)",
    });
  });

  test("HTTP at its port", async () => {
    await using server = await http((_request, reply) => void reply.end());
    expect(failure(await kafka(`127.0.0.1:${server.port}`).cluster(soon()))).toMatchObject({
      type: "unreadable",
      message: "this port speaks HTTP",
    });
  });

  test("TLS to a port that nobody listens on", async () => {
    expect(failure(await kafka(`127.0.0.1:${await closedPort()}`, trusting).cluster(soon()))).toMatchObject({
      type: "unreachable",
      cause: "refused",
    });
  });
});

test("a run finds all of it in its platform file", async () => {
  await using rig = await Rig.create();
  const files = `ca: ${own.caFile}, cert: ${client.certFile}, key: ${client.keyFile}`;
  const sasl = "sasl: { mechanism: SCRAM-SHA-512, user: ops, password: KAFKA_PASSWORD }";
  rig.runbook("book", "diagnose:\n  - id: topics\n    kafka.topics: {}\n");
  const env = { KAFKA_PASSWORD: word };
  for (const [listener, kafka] of [
    ["MUTUAL", `tls: { ${files} }`],
    ["LOGIN", `tls: { ca: ${own.caFile} }, ${sasl}`],
    ["CLEAR", `tls: false, ${sasl}`],
  ] as const) {
    rig.platform(`kafka: { brokers: ["${at(listener)}"], ${kafka} }`);
    const { code, stderr } = await rig.run(["run", "book"], { env });
    expect([listener, code, stderr]).toEqual([listener, 0, expect.any(String)]);
  }
});
