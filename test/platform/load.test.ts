import { describe, expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { readPlatform, type PlatformOverrides } from "../../src/platform/load.ts";
import { incidentPlanOf } from "../../src/platform/incident-plan.ts";
import type { Platform } from "../../src/platform/platform.ts";

const least = `platform: lav
compose: { project: lav, files: [docker-compose.yml] }
services:
  gateway: http://localhost:3000/
`;

function platform(text: string, environment?: string, overrides: PlatformOverrides = {}): Platform {
  const read = readPlatform({ path: "/etc/lav/platform.yaml", text }, environment, overrides);
  if (!read.ok) throw new Error(read.failure.map(diagnosticText).join("\n"));
  return read.value;
}

function said(text: string, environment?: string): string {
  const read = readPlatform({ path: "p.yaml", text }, environment, {});
  return read.ok ? "" : read.failure.map(diagnosticText).join("\n");
}

/** The public half of a key that nobody has, of these parts. */
function publicKey(type: string, ...parts: readonly Buffer[]): string {
  const counted = [Buffer.from(type), ...parts].flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return `${type} ${Buffer.concat(counted).toString("base64")}`;
}
const key = publicKey("ssh-ed25519", Buffer.alloc(32, 7));
/** With a modulus of so many bytes, and a zero in front of it as a positive number has. */
const rsa = (bytes: number): string =>
  publicKey("ssh-rsa", Buffer.from([1, 0, 1]), Buffer.concat([Buffer.alloc(1), Buffer.alloc(bytes, 0xc7)]));

describe("a platform file", () => {
  test("that says the least has the mission's defaults", () => {
    expect(platform(least)).toEqual({
      name: "lav",
      environment: undefined,
      production: false,
      path: "/etc/lav/platform.yaml",
      postgres: { main: { url: "postgres://localhost:5432/postgres" } },
      kafka: { main: { brokers: ["localhost:9092"] } },
      redis: { main: { url: "redis://localhost:6379" } },
      docker: {},
      compose: { project: "lav", files: ["/etc/lav/docker-compose.yml"], program: ["docker", "compose"] },
      services: {
        gateway: {
          name: "gateway",
          url: "http://localhost:3000",
          instances: ["http://localhost:3000"],
          runs: { by: "compose", service: "gateway" },
          health: "/health",
          api: true,
        },
      },
      objectives: { response: { P0: 900_000, P1: 3_600_000, P2: 14_400_000, P3: 86_400_000 } },
      trading: {
        service: "executioner",
        port: 3003,
        venues: "http://localhost:3010",
        book: "http://localhost:3002",
        topics: { orders: "orders", fills: "fills" },
        deadline: 8000,
        proof: { window: 2500, every: 600 },
        tokenHelp: expect.stringContaining("export EMERGENCY_TOKEN"),
        phones: [],
      },
      approvers: [],
      evidence: { tables: {}, rows: 10_000, bytes: 16_777_216, streams: [] },
      incident: incidentPlanOf({}, {}),
    });
  });

  test("Prometheus, by its address alone or with what it asks for", () => {
    expect(platform(`${least}prometheus: http://m:9090/prom/\n`).prometheus).toEqual({
      main: { url: "http://m:9090/prom" },
    });
    const asks = "{ url: https://m, tls: { ca: ca.pem }, login: { user: ops, password: WORD } }";
    const asked = {
      url: "https://m",
      tls: { files: { ca: expect.stringMatching(/^\/.*ca\.pem$/) as string } },
      login: { user: "ops", password: { name: "WORD" } },
    };
    expect(platform(`${least}prometheus: ${asks}\n`).prometheus).toEqual({ main: asked });
    const several = `{ main: ${asks}, replica: { url: http://r:9090/ } }`;
    expect(platform(`${least}prometheus: ${several}\n`).prometheus).toEqual({
      main: asked,
      replica: { url: "http://r:9090" },
    });
    const wrong = "{ url: https://m, tls: { cert: a.pem }, login: { user: 'a:b', password: WORD } }";
    const read = readPlatform({ path: "p.yaml", text: `${least}prometheus: ${wrong}\n` }, undefined, {});
    expect(read.ok ? [] : read.failure.map(({ message }) => message)).toEqual([
      "a login's name contains a colon, which Basic authentication does not allow",
      "prometheus.tls has only one of cert and key; it needs both",
    ]);
    const named = { path: "p.yaml", text: `${least}prometheus: { main: { url: http://m }, B: ${wrong} }\n` };
    const problems = readPlatform(named, undefined, {});
    expect(problems.ok ? [] : problems.failure.map(({ message }) => message)).toEqual([
      "B is not a valid name of a store",
      "a login's name contains a colon, which Basic authentication does not allow",
      "prometheus.B.tls has only one of cert and key; it needs both",
    ]);
  });

  test("a proxy beside a server, by its address alone or with what it asks for, or none", () => {
    const of = (proxy: string) =>
      platform(`platform: x\nservices:\n  web: { url: http://w, proxy: ${proxy} }\n`).services["web"]?.proxy;
    expect(of("http://p:3128/")).toEqual({ url: "http://p:3128" });
    expect(of("none")).toBe("none");
    const tls = "tls: { ca: ca.pem }, login: { user: ops, password: WORD }";
    expect(of(`{ url: "https://[::1]:3129", ${tls} }`)).toEqual({
      url: "https://[::1]:3129",
      tls: { files: { ca: expect.stringMatching(/^\/.*ca\.pem$/) as string } },
      login: { user: "ops", password: { name: "WORD" } },
    });
    const wrong = (proxy: string): readonly string[] => {
      const text = `platform: x\nservices:\n  web: { url: http://w, proxy: ${proxy} }\n`;
      const read = readPlatform({ path: "p.yaml", text }, undefined, {});
      return read.ok ? [] : read.failure.map(({ message }) => message);
    };
    for (const bad of ["http://p", "p:3128", "socks5://p:1", "http://ops:word@p:1", "http://p:1/x"]) {
      expect(wrong(bad)).toEqual([
        expect.stringMatching(/must be none, or an http or https address with a port and without a login/),
      ]);
    }
    expect(wrong("http://p:99999")).toEqual(["services.web.proxy http://p:99999 is not an address"]);
    expect(wrong(`{ url: none, ${tls} }`)).toEqual(["services.web.proxy is none, and has tls and login"]);
    expect(wrong("{ url: 'http://p:1', tls: { cert: a.pem } }")).toEqual([
      "services.web.proxy has tls, but its url does not use TLS; write https://",
      "services.web.proxy.tls has only one of cert and key; it needs both",
    ]);
    expect(wrong("{ url: 'http://p:1', login: { user: 'a:b', password: W } }")).toEqual([
      "a login's name contains a colon, which Basic authentication does not allow",
    ]);
  });

  test("goes below the process's environment; a variable that names nothing goes below it", () => {
    const over = {
      KAFKA_BROKERS: " a:1 , b:2,",
      DATABASE_URL: "postgres://db/x",
      REDIS_URL: "redis://r",
    };
    expect(platform(least, undefined, over)).toMatchObject({
      kafka: { main: { brokers: ["a:1", "b:2"], from: "KAFKA_BROKERS" } },
      postgres: { main: { url: "postgres://db/x", from: "DATABASE_URL" } },
      redis: { main: { url: "redis://r", from: "REDIS_URL" } },
    });
    expect(platform(least, undefined, { KAFKA_BROKERS: " , " }).kafka).toEqual({
      main: { brokers: ["localhost:9092"] },
    });
  });

  const environments = `${least}  executioner: { url: http://localhost:3003, instances: [http://a:1/, http://b:2] }
environments:
  production:
    production: true
    services: { gateway: https://gateway.lav }
    compose: { files: [/srv/prod.yml, more.yml] }
  staging:
`;

  test("faults 0.7: what Compose gets: one file or several, beside the platform file, and names", () => {
    const compose = (more: string): string => `${least.replace("}", `, ${more} }`)}`;
    expect(platform(compose("env_file: a.env")).compose).toMatchObject({ envFiles: ["/etc/lav/a.env"] });
    expect(
      platform(compose("env_file: [a.env, /srv/b.env], environment: [TAG, API_KEY]")).compose,
    ).toMatchObject({
      envFiles: ["/etc/lav/a.env", "/srv/b.env"],
      environment: ["TAG", "API_KEY"],
    });
  });

  test("with an environment laid over: maps key by key, lists and values whole", () => {
    expect(platform(environments, "production")).toMatchObject({
      environment: "production",
      production: true,
      services: {
        gateway: { url: "https://gateway.lav" },
        executioner: { url: "http://localhost:3003", instances: ["http://a:1", "http://b:2"] },
      },
      compose: { project: "lav", files: ["/srv/prod.yml", "/etc/lav/more.yml"] },
    });
    expect(platform(environments, "staging")).toEqual({ ...platform(environments), environment: "staging" });
  });

  test.each([
    ["empty", "", undefined, "p.yaml:1:1: the platform file is empty\n  1 | \n    | ^"],
    [
      "a list",
      "- a\n",
      undefined,
      "p.yaml:1:1: the platform file must be a map of its fields\n  1 | - a\n    | ^^^\n  Its fields: platform, production, postgres, kafka, redis, docker, compose, services, prometheus, objectives, people, teams, desks, incident, channels, severities, clocks, escalation, templates, vendors, trading, tls, approvers, evidence, files, programs, secrets, environments.",
    ],
    [
      "an unknown key",
      `${least}kafak: {}\n`,
      undefined,
      "p.yaml:5:1: kafak is not a key of the platform file\n  5 | kafak: {}\n    | ^^^^^\n  Did you mean kafka?",
    ],
    [
      "a wrong type",
      `${least}production: 1\n`,
      undefined,
      "p.yaml:5:13: production must be true or false, and is 1\n  5 | production: 1\n    |             ^",
    ],
    [
      "an address that is none",
      `${least}  b: localhost:3000\n`,
      undefined,
      'p.yaml:5:6: b must be an http or https address without a password, and is "localhost:3000"\n  5 |   b: localhost:3000\n    |      ^^^^^^^^^^^^^^',
    ],
    [
      "a template",
      `${least}production: \${PROD}\n`,
      undefined,
      "p.yaml:5:13: the platform file is read before anything runs, so ${…} is not allowed\n  5 | production: ${PROD}\n    |             ^^^^^^^\n  Write it out.",
    ],
    [
      "an environment nobody wrote",
      environments,
      "prod",
      "p.yaml:6:1: unknown environment prod\n  6 | environments:\n    | ^^^^^^^^^^^^\n  It has production, staging.",
    ],
    [
      "an environment, and none there are",
      least,
      "prod",
      "p.yaml:1:1: unknown environment prod\n  1 | platform: lav\n    | ^^^^^^^^\n  It has no environments.",
    ],
    [
      "an unknown key in the environment",
      `${least}environments: { e: { redsi: {} } }\n`,
      "e",
      "p.yaml:5:22: redsi is not a key of environment e\n  5 | environments: { e: { redsi: {} } }\n    |                      ^^^^^\n  Did you mean redis?",
    ],
    [
      "an approver without a key",
      `${least}approvers: { bob: [ssh-ed25519 AAAA] }\n`,
      undefined,
      "p.yaml:5:14: a key of bob is not an SSH public key\n  5 | approvers: { bob: [ssh-ed25519 AAAA] }\n    |              ^^^\n  Copy the line of the .pub file.",
    ],
    [
      "an approver whose key is too short",
      `${least}approvers:\n  bob: [${rsa(128)}]\n`,
      undefined,
      expect.stringMatching(
        /^p\.yaml:6:3: a key of bob is an RSA key of 1024 bits, which can be forged\n[^]* One of at least 2048, /,
      ) as string,
    ],
    ["an approver whose key is long enough", `${least}approvers: { bob: [${rsa(256)}] }\n`, undefined, ""],
    [
      "an approver whose name would match others",
      `${least}approvers: { "b*": [${key}] }\n`,
      undefined,
      `p.yaml:5:14: b* is not a valid name for an approver\n  5 | approvers: { "b*": [${key}] }\n    |              ^^^^\n  Letters and digits, and after the first . _ @ - as well.`,
    ],
    [
      "one key for two people",
      `${least}approvers: { ann: [${key}], bob: { keys: [${key}], logins: [b] } }\n`,
      undefined,
      expect.stringContaining(`ann and bob have the same key SHA256:`) as string,
    ],
  ])("%s is one clear message", (_what, text, environment, message) => {
    expect(said(text, environment)).toEqual(message);
  });

  test("a password in it is refused, and not shown", () => {
    for (const line of [
      "postgres: { url: postgres://u:hunter2@h/x }",
      "redis: { url: redis://:hunter2@h }",
      "kafka: { brokers: [sasl://u:hunter2@h:1] }",
    ]) {
      const message = said(`${least}${line}\n`);
      expect(message).toContain("must be an address without a password");
      expect(message).not.toContain("hunter2");
    }
    expect(said(`${least}postgres: { url: postgres://lav@h:5432/x }\n`)).toBe("");
  });
});
