import { expect, test } from "vitest";
import { readAddress, shownAddress } from "../../../src/drivers/postgres/address.ts";

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
])("%s is shown as %s", (url, shown) => {
  const address = readAddress({ url });
  expect(address.ok && shownAddress(address.value)).toBe(shown);
});

test("a port that is none", () => {
  expect(readAddress({ url: "postgresql://db/lav", env: { PGPORT: "many" } })).toEqual({
    ok: false,
    failure: "has a port that is no port",
  });
});
