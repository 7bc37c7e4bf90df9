/** faults 4: addresses are read before anything happens, and none of what is wrong in them is shown. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Rig } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
  rig.server.on("POST /act", { json: {} });
  rig.runbook(
    "book",
    `
service: market
steps:
  - http.post: \${service.url}/act
  - sql.query: SELECT 1
`,
  );
});
afterEach(async () => await rig[Symbol.asyncDispose]());

async function refused(env: Record<string, string>, args = ["run", "book", "--yes"]): Promise<string> {
  const ended = await rig.run(args, { env });
  expect([ended.code, ended.stdout]).toEqual([2, ""]);
  expect(rig.server.requests).toEqual([]);
  expect(ended.stderr).not.toContain("sEcret");
  return ended.stderr;
}

test.each([
  [
    { DATABASE_URL: "mysql://lav:sEcret@db/lav" },
    "DATABASE_URL begins with mysql://; give postgresql://user",
  ],
  [
    { DATABASE_URL: "postgres://lav:sEcret@db/lav?sslmode=yes" },
    "DATABASE_URL has sslmode=yes, which is none of",
  ],
  [
    { DATABASE_URL: "postgres://lav:sE/cret@db/lav" },
    "DATABASE_URL cannot be parsed; in a login write /, ?, #, : and @",
  ],
  [{ DATABASE_ADMIN_URL: "db:5432" }, "DATABASE_ADMIN_URL has no scheme before its host; give postgresql://"],
  [{ DATABASE_URL: "postgres://a,b/lav" }, "DATABASE_URL names several hosts; give postgresql://"],
  [{ REDIS_URL: "redis://:sEcret%00@a" }, "REDIS_URL has a NUL (%00) in it; give redis://"],
  [
    { DATABASE_URL_FILE: "/run/secrets/sEcret" },
    "DATABASE_URL_FILE is set, and no address is read from a file; set DATABASE_URL",
  ],
  [{ REDIS_URL_FILE: "sEcret" }, "REDIS_URL_FILE is set, and no address is read from a file; set REDIS_URL"],
  [{ PGPORT: "many" }, "PGPORT is not a port; give a number from 1"],
  [{ PGSSLMODE: "off" }, "PGSSLMODE=off, which is none of disable"],
  [
    { KAFKA_BROKERS: "SASL_SSL://a:9093" },
    "KAFKA_BROKERS has no address of a broker as number 1; give host:9092",
  ],
  [{ REDIS_URL: "cache.internal:6380" }, "REDIS_URL has no scheme before its host; give redis://host"],
  [{ REDIS_URL: "not an address" }, "REDIS_URL has a blank or a line break in it; give redis://"],
  [{ DOCKER_HOST: "ssh://ops@engine" }, "DOCKER_HOST has a login or an option"],
])("%j is refused before the first step", async (env, says) => {
  expect(await refused(env)).toContain(says);
});

test("by every command that contacts the platform, and by lint", async () => {
  const env = { REDIS_URL: "cache.internal:6380" };
  for (const args of [
    ["trading", "status"],
    ["snapshot"],
    ["lint", "runbooks/book.yaml"],
    ["run", "book", "--dry-run"],
  ])
    expect(await refused(env, args)).toContain("REDIS_URL has no scheme before its host");
});

test("in the platform file, at its place", async () => {
  rig.platform("redis: { url: cache.internal:6380 }");
  expect(await refused({})).toMatch(
    /platform\.yaml:4:15: redis\.url has no scheme before its host; give redis:/,
  );
});

describe("PG*", () => {
  test("the plan names the server that they lead to", async () => {
    rig.platform("postgres: { url: postgresql://lav@db:5432/trade }");
    const env = { PGHOST: "replica", PGPORT: "6432" };
    const { code, stdout } = await rig.run(["run", "book", "--dry-run"], { env });
    expect(code).toBe(0);
    expect(stdout).toContain("replica:6432/trade");
    expect(stdout).not.toContain("db:5432");
  });

  test("one that is not used is named", async () => {
    const { stderr } = await rig.run(["run", "book", "--dry-run"], { env: { PGOPTIONS: "-c x=sEcret" } });
    expect(stderr).not.toContain("PGOPTIONS");
    const run = await rig.run(["run", "book"], { env: { PGOPTIONS: "-c search_path=sEcret", PGTZ: "UTC" } });
    expect(run.stderr).toContain("warning: PGOPTIONS, PGTZ are set; lav-ir does not use them");
    expect(run.stderr).not.toContain("sEcret");
  });
});

describe("a secret's form", () => {
  const book = `
service: market
secrets: [RIG_TOKEN]
steps:
  - http.post: { url: "\${service.url}/act", headers: { authorization: "\${secrets.RIG_TOKEN}" } }
`;
  beforeEach(() => void rig.runbook("book", book));
  const file = (bytes: Buffer | string): Record<string, string> => {
    writeFileSync(join(rig.folder, "token"), bytes);
    return { RIG_TOKEN_FILE: "token" };
  };

  test.each<[string, Buffer | string]>([
    ["with a line break of Windows at its end", "violet-harbour\r\n"],
    ["behind a byte-order mark", "\u{feff}violet-harbour\n"],
  ])("a file %s holds the secret alone", async (_what, bytes) => {
    const { code } = await rig.run(["run", "book", "--yes"], { env: file(bytes) });
    expect(code).toBe(0);
    expect(rig.server.requests.at(-1)?.authorization).toBe("violet-harbour");
  });

  test("so does a variable", async () => {
    const { code } = await rig.run(["run", "book", "--yes"], { env: { RIG_TOKEN: "violet-harbour\r" } });
    expect(code).toBe(0);
    expect(rig.server.requests.at(-1)?.authorization).toBe("violet-harbour");
  });

  test.each<[string, Buffer, string]>([
    ["UTF-16", Buffer.from("\u{feff}violet-sEcret", "utf16le"), "it is UTF-16; save it as UTF-8"],
    [
      "UTF-16, the other way round",
      Buffer.from("\u{feff}violet", "utf16le").swap16(),
      "it is UTF-16; save it as",
    ],
    ["no text", Buffer.from([0x76, 0xff, 0xfe, 0x80]), "it is not UTF-8"],
    ["two lines", Buffer.from("violet-sEcret\nharbour"), "it contains a line break (U+000A)"],
    [
      "a carriage return within",
      Buffer.from("violet-sEcret\rharbour"),
      "it contains a carriage return (U+000D)",
    ],
  ])("a file that is %s is refused by name", async (_what, bytes, says) => {
    expect(await refused(file(bytes))).toContain(`cannot read the secret RIG_TOKEN from token: ${says}`);
  });

  test("a variable with a control character in it is refused by name", async () => {
    expect(await refused({ RIG_TOKEN: "violet\u001bsEcret" })).toContain(
      "cannot read the secret RIG_TOKEN from RIG_TOKEN: it contains a control character (U+001B)",
    );
  });

  test("a key in PEM has several lines", async () => {
    const pem = "-----BEGIN PRIVATE KEY-----\nsEcretsEcret\n-----END PRIVATE KEY-----\n";
    const dry = await rig.run(["run", "book", "--dry-run"], { env: file(pem) });
    expect(dry.code).toBe(0);
  });
});
