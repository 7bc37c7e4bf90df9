import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { readPlatform, type PlatformOverrides } from "../../src/platform/load.ts";

const two =
  "postgres:\n  main: { url: postgres://a@db1/x }\n  replica-b: { url: postgres://a@db2/x, admin: postgres://root@db2/x }\n";

function read(more: string, overrides: PlatformOverrides = {}) {
  return readPlatform({ path: "p.yaml", text: `platform: lav\nservices: {}\n${more}` }, undefined, overrides);
}

function stores(more: string, overrides: PlatformOverrides = {}) {
  const result = read(more, overrides);
  if (!result.ok) throw new Error(result.failure.map(diagnosticText).join("\n"));
  const { postgres, kafka, redis } = result.value;
  return { postgres, kafka, redis };
}

function said(more: string): string {
  const result = read(more);
  return result.ok ? "" : (result.failure.map(diagnosticText).join("\n").split("\n")[0] ?? "");
}

describe("several stores of a kind", () => {
  test("have their names; one that stands alone is main", () => {
    expect(stores(two).postgres).toEqual({
      main: { url: "postgres://a@db1/x" },
      "replica-b": { url: "postgres://a@db2/x", admin: "postgres://root@db2/x" },
    });
    expect(stores("redis: { url: redis://r }").redis).toEqual({ main: { url: "redis://r" } });
    expect(stores("kafka: { a: { brokers: [h:1] }, b: { brokers: [h:2] } }").kafka).toEqual({
      a: { brokers: ["h:1"] },
      b: { brokers: ["h:2"] },
    });
  });

  test("have a variable each, which says where the address is from", () => {
    const over = {
      DATABASE_URL_REPLICA_B: "postgres://b@db3/y",
      DATABASE_ADMIN_URL_REPLICA_B: "postgres://root@db3/y",
      DATABASE_URL_OTHER: "postgres://nobody/z",
    };
    expect(stores(two, over).postgres).toEqual({
      main: { url: "postgres://a@db1/x" },
      "replica-b": {
        url: "postgres://b@db3/y",
        admin: "postgres://root@db3/y",
        from: "DATABASE_URL_REPLICA_B",
      },
    });
    expect(stores(two, { DATABASE_URL: "postgres://c@db4/z" }).postgres["main"]).toEqual({
      url: "postgres://c@db4/z",
      from: "DATABASE_URL",
    });
    const blue = "redis: { blue: { url: redis://r } }";
    expect(stores(blue, { REDIS_URL: "redis://other", REDIS_URL_BLUE: "redis://s" }).redis).toEqual({
      blue: { url: "redis://s", from: "REDIS_URL_BLUE" },
    });
  });

  test.each([
    [
      "a name that no variable can have",
      "redis: { Blue_1: { url: redis://r } }",
      "p.yaml:3:10: Blue_1 is not a valid name of a store",
    ],
    [
      "one of them without an address",
      "postgres: { main: {}, b: { url: postgres://h/x } }",
      "p.yaml:3:19: main needs url",
    ],
    [
      "one beside a lone one",
      "postgres: { url: postgres://h/x, b: { url: postgres://h/x } }",
      "p.yaml:3:34: b is not a key of postgres",
    ],
    ["nothing", "postgres: {}", "p.yaml:3:11: postgres needs url"],
    ["a text", "postgres: postgres://h/x", "p.yaml:3:11: postgres must be a map of its fields"],
    [
      "TLS that its address does not say",
      "redis: { main: { url: rediss://a }, b: { url: redis://b, tls: true } }",
      "p.yaml:3:47: redis.b.tls is set, but redis.b.url does not use TLS; write rediss://",
    ],
    [
      "a password in the clear",
      "kafka: { main: { brokers: [h:1] }, b: { brokers: [h:2], sasl: { mechanism: PLAIN, user: u, password: P } } }",
      "p.yaml:3:63: kafka.b.sasl PLAIN sends the password unencrypted",
    ],
  ])("%s is refused, at its place", (_what, more, expected) => {
    expect(said(more)).toBe(expected);
  });
});
