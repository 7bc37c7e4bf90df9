import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres, type PostgresServer } from "../../../sandbox/postgres.ts";
import { selfSigned } from "../certificate.ts";
import { failure, Runs } from "./runs.ts";

const certificate = selfSigned();
let server: PostgresServer;
let root: string;
const runs = new Runs(() => server);
const encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

beforeAll(async () => {
  server = await startPostgres({ password: "right-word", tls: certificate });
  root = join(server.folder, "root.pem");
  writeFileSync(root, certificate.cert);
});

afterAll(async () => await server.stop());

const to = (options: string): string => `${server.url}?${options}`;

test.each<[string, boolean]>([
  ["", true],
  ["sslmode=prefer", true],
  ["sslmode=require", true],
  ["sslmode=disable", false],
])("with %j it is encrypted: %s", async (options, wanted) => {
  expect(await runs.value(encrypted, { url: to(options) })).toBe(wanted);
});

test.each(["verify-ca", "verify-full", "require"])(
  "%s with the certificate that vouches for it",
  async (mode) => {
    expect(await runs.value(encrypted, { url: to(`sslmode=${mode}&sslrootcert=${root}`) })).toBe(true);
  },
);

test.each(["verify-ca", "verify-full"])("%s without it is refused", async (mode) => {
  expect(await failure(runs.read("SELECT 1", { url: to(`sslmode=${mode}`) }))).toMatchObject({
    type: "rejected",
    message: expect.stringMatching(/^its certificate is not trusted/),
    effect: "none",
  });
});

test("a name that is not the certificate's: verify-ca lets it pass, verify-full does not", async () => {
  const url = (mode: string): string =>
    to(`sslmode=${mode}&sslrootcert=${root}`).replace("127.0.0.1", "localhost");
  expect(await runs.value(encrypted, { url: url("verify-ca") })).toBe(true);
  expect(await failure(runs.read("SELECT 1", { url: url("verify-full") }))).toMatchObject({
    type: "rejected",
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  });
});

test("a certificate's file that is not there", async () => {
  const url = to("sslmode=verify-full&sslrootcert=/nowhere/root.pem");
  expect(await failure(runs.read("SELECT 1", { url }))).toMatchObject({
    type: "argument",
    message: expect.stringContaining("/nowhere/root.pem"),
    effect: "none",
  });
});

test("a statement is cancelled there too", async () => {
  const cut = await runs.cut("read", "SELECT pg_sleep(30), 'marked'", "marked", {
    url: to("sslmode=require"),
  });
  expect(cut).toMatchObject({ type: "timeout", doing: "running the statement" });
  const left = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
  while ((await runs.value(left)) !== 0n);
});

test("a server without encryption: asked for, refused; preferred, done without", async () => {
  const plain = await startPostgres();
  try {
    expect(await failure(runs.read("SELECT 1", { url: `${plain.url}?sslmode=require` }))).toMatchObject({
      type: "rejected",
      code: "NO_SSL",
      effect: "none",
    });
    expect(await runs.value(encrypted, { url: `${plain.url}?sslmode=prefer` })).toBe(false);
  } finally {
    await plain.stop();
  }
});

test("over the server's socket", async () => {
  const url = `postgresql:///postgres?host=${server.folder}`;
  const { port } = server;
  const env = { PGPORT: String(port), PGUSER: "postgres" };
  const reply = await runs.read("SELECT inet_client_addr() AS address", { url, env });
  expect(reply).toMatchObject({ ok: true, value: { rows: [{ address: null }] } });
});

test("what the shell's PG* say does not reach the server", async () => {
  const before = { ...process.env };
  Object.assign(process.env, {
    PGOPTIONS: "-c search_path=evil",
    PGREPLICATION: "database",
    PGSSLNEGOTIATION: "direct",
  });
  try {
    expect(await runs.value("SELECT current_setting('search_path')", { url: to("sslmode=require") })).toBe(
      '"$user", public',
    );
  } finally {
    for (const name of ["PGOPTIONS", "PGREPLICATION", "PGSSLNEGOTIATION"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});
