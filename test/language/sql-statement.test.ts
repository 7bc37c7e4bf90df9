import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { refusalOfRead, refusalOfWrite, rollsBack } from "../../src/language/sql-statement.ts";

describe("what a text calls", () => {
  test("what stands in a string is never a name", () => {
    const inside = fc.string().map((text) => `${text.replaceAll("'", "''")} pg_reload_conf()`);
    fc.assert(fc.property(inside, (text) => refusalOfRead(`SELECT '${text}'`) === undefined));
  });
});

describe("a read", () => {
  test.each([
    "SELECT 1",
    "  ( SELECT 1 ) UNION SELECT 2",
    "-- first\nWITH a AS (SELECT 1) SELECT * FROM a",
    "SHOW max_connections",
    "EXPLAIN (ANALYZE) SELECT 1",
    "SELECT pg_terminate_backend FROM log",
    "SELECT 'pg_terminate_backend(1)'",
    "SELECT 1 -- pg_terminate_backend(1)",
    "SELECT pg_sleep(1), currval('a'), pg_stat_get_activity(1)",
    "SELECT lower(name) FROM lo",
  ])("%s may run", (sql) => {
    expect(refusalOfRead(sql)).toBeUndefined();
  });

  test.each([
    ["SELECT pg_terminate_backend(1)", "pg_terminate_backend()"],
    ["SELECT PG_Terminate_Backend (1)", "pg_terminate_backend()"],
    ['SELECT pg_catalog."pg_terminate_backend"(1)', "pg_terminate_backend()"],
    ["SELECT pg_cancel_backend/* a */\n(1)", "pg_cancel_backend()"],
    ["SELECT E'\\'', pg_reload_conf()", "pg_reload_conf()"],
    ["SELECT nextval('a')", "nextval()"],
    ["SELECT setval('a', 1)", "setval()"],
    ["SELECT set_config('a', 'b', false)", "set_config()"],
    ["SELECT * FROM dblink('a', 'DELETE')", "dblink()"],
    ["SELECT dblink_exec('a')", "dblink_exec()"],
    ["SELECT lo_export(1, '/tmp/a')", "lo_export()"],
    ["SELECT pg_advisory_lock(1)", "pg_advisory_lock()"],
    ["SELECT pg_try_advisory_xact_lock(1)", "pg_try_advisory_xact_lock()"],
    ["SELECT pg_create_physical_replication_slot('a')", "pg_create_physical_replication_slot()"],
    ["SELECT pg_drop_replication_slot('a')", "pg_drop_replication_slot()"],
    ["SELECT pg_stat_reset()", "pg_stat_reset()"],
    ["SELECT pg_stat_statements_reset()", "pg_stat_statements_reset()"],
    ["SELECT query_to_xml('SELECT pg_reload_conf()', true, true, '')", "query_to_xml()"],
    ["EXPLAIN ANALYZE SELECT pg_reload_conf()", "pg_reload_conf()"],
  ])("%s may not", (sql, called) => {
    expect(refusalOfRead(sql)).toBe(
      `${called} acts in spite of a read-only transaction, so a read may not call it; sql.exec may`,
    );
  });

  test.each([
    ["SELECT 1; SELECT 2", /^it has several statements, and a step sends one/],
    ["SELECT 1;; /* ; */ SELECT ';'", /^it has several/],
    ["DO $$ BEGIN END $$", /begins with DO/],
    ["CALL a()", /begins with CALL/],
    ["COPY a TO PROGRAM 'b'", /begins with COPY/],
    ["SET a = b", /begins with SET/],
    ["'SELECT'", /begins with A STRING/],
    ["", /no statement/],
    ["/* SELECT 1 */", /no statement/],
    ['SELECT U&"pg_terminate\\005fbackend"(1)', /cannot be checked/],
  ])("%s neither", (sql, says) => {
    expect(refusalOfRead(sql)).toMatch(says);
  });
});

test.each([
  ["BEGIN", /BEGIN is not for a step/],
  ["/* a */ commit", /COMMIT is not for a step/],
  ["PREPARE TRANSACTION 'a'", /PREPARE is not for a step/],
  ["COPY a FROM STDIN", /COPY needs a stream/],
  [" ", /no statement/],
  ["DELETE FROM a; DELETE FROM b;", /^it has several/],
])("as a change, %s is refused", (sql, says) => {
  expect(refusalOfWrite(sql)).toMatch(says);
});

test.each([
  "DELETE FROM a WHERE b = ';' ; -- ; c",
  "CREATE RULE a AS ON INSERT TO b DO ALSO (DELETE FROM c; DELETE FROM d)",
  "CREATE FUNCTION a() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END",
  "SELECT 1;;",
])("one statement: %s", (sql) => {
  expect(refusalOfWrite(sql)).toBeUndefined();
});

test.each<[string, boolean]>([
  ["DELETE FROM a", true],
  ["ALTER TABLE a ADD b int", true],
  ["SELECT pg_terminate_backend(1)", false],
  ["SELECT mine()", false],
  ["CALL mine()", false],
  ["WITH a AS (DELETE FROM b RETURNING 1) SELECT * FROM a", false],
  ["DELETE FROM a WHERE pg_notify('a', 'b') IS NULL", false],
  ["CREATE INDEX CONCURRENTLY a ON b (c)", false],
  ["VACUUM", false],
])("a rollback leaves nothing of %s: %s", (sql, nothing) => {
  expect(rollsBack(sql)).toBe(nothing);
});
