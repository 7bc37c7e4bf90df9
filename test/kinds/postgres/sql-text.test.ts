import { expect, test } from "vitest";
import { highestPlaceholder, sqlLine, psql, wrongCount } from "../../../src/kinds/postgres/sql-text.ts";

test.each<[string, number]>([
  ["SELECT 1", 0],
  ["SELECT $1, $2, $1", 2],
  ["SELECT '$3', $1", 1],
  ["SELECT E'it\\'s $4', $1", 1],
  ["SELECT 'it''s $4', $1", 1],
  ['SELECT "$5", $1', 1],
  ["SELECT $1 -- and $6", 1],
  ["SELECT $1 /* $7\n */", 1],
  ["SELECT $$ $8 $$, $1", 1],
  ["SELECT $tag$ $8 $$ $tag$, $1", 1],
  ["SELECT a$9 FROM t WHERE b = $1", 1],
  ["SELECT $10::int", 10],
  ["SELECT $1 /* a /* b */ $2 */", 1],
  ["SELECT U&'\\0041 $2', $1", 1],
])("%s has placeholders up to %i", (sql, highest) => {
  expect(highestPlaceholder(sql)).toBe(highest);
});

test.each([
  [
    "SELECT  a, -- the first\n  'two  spaces'\n/* all\nof it */ FROM t ;\n",
    'SELECT a, [comment: "the first"] \'two  spaces\' [comment: "all of it"] FROM t',
  ],
  ["SELECT 'two\nlines'", "SELECT 'two\\nlines'"],
  // What a reader takes for its condition is in the comment still: this deletes every row.
  [
    "DELETE FROM t /* a /* b */ WHERE age_days > 7 -- */",
    'DELETE FROM t [comment: "a /* b */ WHERE age_days > 7 --"]',
  ],
  [
    // What ends the mark of a comment cannot stand in the comment.
    "DELETE FROM t /* all] WHERE age_days > 7 -- */",
    'DELETE FROM t [comment: "all] WHERE age_days > 7 --"]',
  ],
  [
    'DELETE FROM t /* all"] WHERE age_days > 7 -- */',
    'DELETE FROM t [comment: "all\\"] WHERE age_days > 7 --"]',
  ],
])("faults 1: one line of %j shows what is sent", (sql, line) => {
  expect(sqlLine(sql)).toBe(line);
});

test("by hand a comment goes, however it nests", () => {
  const command = psql({ postgres: "db" }, "DELETE FROM t /* a /* b */ WHERE $1 -- */", [], {
    readOnly: false,
    transaction: true,
  });
  expect(command).toContain("printf '%s' 'DELETE FROM t' |");
});

test.each<[string, unknown, string | undefined]>([
  ["SELECT $1", ["a"], undefined],
  ["SELECT 1", undefined, undefined],
  ["SELECT $1", "‹steps.x.list›", undefined],
  ["SELECT $2", ["a"], "sql has placeholders up to $2, and params has 1"],
  ["SELECT 1", ["a"], "sql has no placeholder, and params has 1"],
  ["-- nothing\n;", [], "there is no statement in sql"],
])("%s with %j", (sql, params, wrong) => {
  expect(wrongCount(sql, params)).toBe(wrong);
});

test("by hand: parameters are psql's variables, and nothing is left to the shell", () => {
  const sql = "SELECT $1::text, '$1', $2::int[], $3";
  expect(
    psql({ postgres: "db:6432/lav" }, sql, ["it's $HOME", [1, null], null], {
      readOnly: true,
      transaction: false,
    }),
  ).toBe(
    `printf '%s' 'SELECT :'\\''p1'\\''::text, '\\''$1'\\'', :'\\''p2'\\''::int[], NULL' | ` +
      `PGOPTIONS='-c default_transaction_read_only=on' psql -h db -p 6432 -d lav -X -v ON_ERROR_STOP=1 ` +
      `-v 'p1=it'\\''s $HOME' -v 'p2={"1",NULL}'`,
  );
});
