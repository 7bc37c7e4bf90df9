/** PostgreSQL with an authority of its own: both sides show a certificate, and each gone wrong. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPostgres, type PostgresServer } from "../../../sandbox/postgres.ts";
import { Authority, type Issued } from "../authority.ts";
import { http } from "../loopback.ts";
import { failure, Runs } from "./runs.ts";

const own = new Authority();
const strange = new Authority("another authority");
const client = own.issue({ name: "postgres" });
const servers: PostgresServer[] = [];
let mutual: PostgresServer;
let expired: PostgresServer;
const runs = new Runs(() => mutual);

const started = async ({ cert, keyFile }: Issued): Promise<PostgresServer> => {
  const server = await startPostgres({
    tls: { cert, key: readFileSync(keyFile, "utf8") },
    config: [`ssl_ca_file = '${own.caFile}'`],
    rules: ["hostssl all all 127.0.0.1/32 cert"],
  });
  servers.push(server);
  return server;
};

beforeAll(async () => {
  mutual = await started(own.issue());
  expired = await started(own.issue({ expired: true }));
});

afterAll(async () => {
  for (const server of servers) await server.stop();
  own[Symbol.dispose]();
  strange[Symbol.dispose]();
});

const shown = ({ certFile, keyFile }: Issued): string => `&sslcert=${certFile}&sslkey=${keyFile}`;
const to = ({ port }: { readonly port: number }, more: string, ca = own.caFile): string =>
  `postgresql://postgres@127.0.0.1:${port}/postgres?sslmode=verify-full&sslrootcert=${ca}${more}`;

test("verify-full and a client's certificate, from the address and from PG*", async () => {
  const sql = "SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
  expect(await runs.value(sql, { url: to(mutual, shown(client)) })).toBe("/CN=postgres");
  const env = {
    PGUSER: "postgres",
    PGSSLMODE: "verify-full",
    PGSSLROOTCERT: own.caFile,
    PGSSLCERT: client.certFile,
    PGSSLKEY: client.keyFile,
  };
  const url = `postgresql://127.0.0.1:${mutual.port}/postgres`;
  expect(await runs.value(sql, { url, env })).toBe("/CN=postgres");
});

describe("refused, and nothing happened", () => {
  test.each<[string, () => string, object]>([
    [
      "no certificate of the client's",
      () => to(mutual, ""),
      { type: "denied", message: "connection requires a valid client certificate (28000)" },
    ],
    [
      "a client's certificate for another name",
      () => to(mutual, shown(own.issue({ name: "somebody" }))),
      { type: "denied", message: expect.stringContaining("(28000)") },
    ],
    [
      "a client's certificate of another authority",
      () => to(mutual, shown(strange.issue({ name: "postgres" }))),
      { type: "denied", message: "it ended the TLS handshake: it rejected our certificate" },
    ],
    [
      "an authority that is not trusted",
      () => to(mutual, shown(client), strange.caFile),
      { type: "rejected", message: expect.stringMatching(/^its certificate is not trusted/) },
    ],
    [
      "a certificate that has expired",
      () => to(expired, shown(client)),
      { type: "rejected", code: "CERT_HAS_EXPIRED", message: "its certificate has expired" },
    ],
    [
      "a plain connection where TLS is wanted",
      () => `postgresql://postgres@127.0.0.1:${mutual.port}/postgres?sslmode=disable`,
      { type: "denied", message: expect.stringContaining("no encryption") },
    ],
  ])("%s", async (_what, url, expected) => {
    const failed = await failure(runs.read("SELECT 1", { url: url() }));
    expect(failed).toMatchObject({ ...expected, effect: "none" });
    expect(JSON.stringify(failed)).not.toContain("PRIVATE KEY");
  });

  test("HTTP at its port", async () => {
    await using server = await http((_request, reply) => void reply.end());
    expect(await failure(runs.read("SELECT 1", { url: to(server, shown(client)) }))).toMatchObject({
      type: "unreadable",
      message: "this port speaks HTTP",
      effect: "none",
    });
  });
});
