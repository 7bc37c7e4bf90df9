import { describe, expect, test } from "vitest";
import {
  readAddress,
  settled,
  shownAddress,
  unusedVariables,
  type Overlay,
} from "../../../src/drivers/postgres/address.ts";

function read(url: string, env: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  const address = readAddress({ url, env });
  if (!address.ok) throw new Error(address.failure);
  const { host, port, user, password, database, tls } = address.value;
  return { host, port, user, password, database, mode: tls.mode };
}

test("everything in the address", () => {
  expect(read("postgresql://lav%40x:p%2Fw@db:6432/tr%61de?sslmode=verify-full")).toEqual({
    host: "db",
    port: 6432,
    user: "lav@x",
    password: "p/w",
    database: "trade",
    mode: "verify-full",
  });
});

test("nothing in it, and nothing in the environment", () => {
  expect(read("postgres://")).toEqual({
    host: "127.0.0.1",
    port: 5432,
    user: "postgres",
    password: undefined,
    database: "postgres",
    mode: "prefer",
  });
});

test("the environment fills what is left out, and nothing else", () => {
  const env = {
    PGHOST: "other",
    PGPORT: "7000",
    PGUSER: "ops",
    PGPASSWORD: "word",
    PGDATABASE: "books",
    PGSSLMODE: "require",
  };
  expect(read("postgresql://", env)).toEqual({
    host: "other",
    port: 7000,
    user: "ops",
    password: "word",
    database: "books",
    mode: "require",
  });
  expect(read("postgresql://lav:own@db:1/trade?sslmode=disable", env)).toEqual({
    host: "db",
    port: 1,
    user: "lav",
    password: "own",
    database: "trade",
    mode: "disable",
  });
});

test.each([
  ["postgresql://lav:secret@db/trade", "db:5432/trade"],
  ["postgresql://lav@[::1]:6432/trade", "[::1]:6432/trade"],
  ["postgresql:///trade?host=/run/postgresql", "/run/postgresql:5432/trade"],
  ["postgresql://%2Frun%2Fpostgresql/trade", "/run/postgresql:5432/trade"],
  ["postgresql://lav@/trade?host=/run/pg&port=6432", "/run/pg:6432/trade"],
  ["postgresql://lav@:6432/trade", "127.0.0.1:6432/trade"],
  ["postgresql://?dbname=trade&user=lav&host=db&connect_timeout=10", "db:5432/trade"],
])("%s is shown as %s", (url, shown) => {
  const address = readAddress({ url });
  expect(address.ok && shownAddress(address.value)).toBe(shown);
});

test("a port that is none", () => {
  expect(readAddress({ url: "postgresql://db/lav", env: { PGPORT: "many" } })).toEqual({
    ok: false,
    failure: "has an invalid port",
  });
});

test.each([
  ["postgresql://a,b/trade", "names several hosts"],
  ["postgresql:///trade?host=a,b", "names several hosts"],
  ["postgresql:///trade?host=a%20b", "has a blank in its host"],
  ["postgresql://lav:p%00@a/trade", "has a NUL (%00) in it"],
  ["postgresql://a/trade%00", "has a NUL (%00) in it"],
  ["postgresql://a/trade?connect_timeout=soon", "has a connect_timeout that is no number of seconds"],
  [
    "postgresql://a/trade?sslrootcert=system&sslmode=require",
    "has sslrootcert=system, which takes sslmode=verify-full alone",
  ],
])("%s is refused", (url, says) => {
  expect(readAddress({ url })).toEqual({ ok: false, failure: says });
});

test.each([
  ["a,b", "goes by PGHOST, which names several hosts"],
  ["a b", "goes by PGHOST, which has a blank in its host"],
])("PGHOST=%s is refused where the address goes by it, and only there", (PGHOST, says) => {
  const env = { PGHOST };
  expect(readAddress({ url: "postgresql:///trade", env })).toEqual({ ok: false, failure: says });
  expect(readAddress({ url: "postgresql://a/trade", env })).toMatchObject({ ok: true });
});

test.each([
  ["postgresql://a/trade?sslrootcert=system", {}],
  ["postgresql://a/trade", { PGSSLROOTCERT: "system" }],
  ["postgresql://a/trade?sslrootcert=system&sslmode=verify-full", {}],
])("%s with %j trusts whom the machine trusts, and no file and no private authority", (url, env) => {
  const address = readAddress({ url, env, ca: "PEM" });
  expect(address.ok && address.value.tls).toEqual({ mode: "verify-full" });
});

describe("PG* beside an address", () => {
  const env = { PGHOST: "other", PGPORT: "7000", PGUSER: "app", PGPASSWORD: "secret-word", USER: "ada" };
  const after = (url: string, overlay: Overlay): Record<string, unknown> => {
    const put = settled(url, env, overlay);
    if (!put.ok) throw new Error(put.failure);
    expect(put.value).not.toContain("secret-word");
    // Whoever knows nothing of the environment reads the same server.
    const [with_, without] = [read(put.value, env), read(put.value)];
    expect({ ...without, user: "", password: "" }).toEqual({ ...with_, user: "", password: "" });
    return with_;
  };

  test("goes before the platform file's", () => {
    const file = { first: "environment", login: true } as const;
    expect(after("postgresql://lav@db:5432/trade", file)).toMatchObject({
      host: "other",
      port: 7000,
      user: "app",
      password: "secret-word",
      database: "trade",
    });
    expect(after("postgres://localhost", file)).toMatchObject({ host: "other", database: "app" });
  });

  test("fills an address of the environment, and changes nothing in it", () => {
    const own = { first: "address", login: true } as const;
    expect(after("postgresql://lav@db/trade?sslmode=require", own)).toMatchObject({
      host: "db",
      port: 7000,
      user: "lav",
      database: "trade",
      mode: "require",
    });
  });

  test("leaves an administrator's login as the file has it", () => {
    const admin = { first: "environment", login: false } as const;
    expect(after("postgresql://postgres@db/trade", admin)).toMatchObject({ host: "other", user: "postgres" });
  });
});

test("what of psql's variables is not used is known by name", () => {
  expect(unusedVariables({ PGOPTIONS: "-c search_path=evil", PGHOST: "db", PGDATA: "/x", PGTZ: "" })).toEqual(
    ["PGOPTIONS"],
  );
});
