import fc from "fast-check";
import { expect, test } from "vitest";
import { sqlTokens, type SqlToken } from "../../src/language/sql.ts";

function shown(token: SqlToken): string {
  switch (token.type) {
    case "string":
      return "'…'";
    case "number":
      return "0";
    case "name":
      return `"${token.text}"`;
    case "placeholder":
      return `$${token.number}`;
    case "comment":
      return `{${token.text.trim()}${token.nested ? " !" : ""}}`;
    case "word":
    case "symbol":
      return token.text;
  }
}

test.each([
  ["SELECT 'a''b' FROM T", "select '…' from t"],
  ["SELECT 'a\\' , x", "select '…' , x"],
  ["SELECT E'a\\' , y', z", "select '…' , z"],
  ["SELECT E'a'\n -- on\n '\\' , y', z", "select '…' , z"],
  ["SELECT 'a' 'b', z", "select '…' '…' , z"],
  ['SELECT "a""b", U&"c"', 'select "a"b" , "c"'],
  ["SELECT $$ it's $a$ $$, x", "select '…' , x"],
  ["SELECT $a$ $$ $b$ $a$, x", "select '…' , x"],
  ["SELECT $1, a$b$c", "select $1 , a$b$c"],
  ["SELECT 1e5, 0x1F, 1.5", "select 0 , 0 , 0"],
  ["/* a /* b */ c */ SELECT -- d\n 1", "{a /* b */ c !} select {d} 0"],
  ["SELECT U&'\\0041', x", "select '…' , x"],
  ["SELECT 'never closed", "select '…'"],
  ["SELECT /* never closed", "select {never closed}"],
  ["SELECT $$ never closed", "select '…'"],
  ["SELECT 1 /* a */ /* b */", "select 0 {a} {b}"],
  ["DELETE FROM t /* a /* b */ WHERE x -- */", "delete from t {a /* b */ WHERE x -- !}"],
  ["DELETE FROM t -- a\rWHERE x", "delete from t {a} where x"],
  ["DELETE FROM t d\u00a0WHERE\u00a0old", "delete from t d\u00a0where\u00a0old"],
  ["SELECT 1\u3000, \u2028x", "select 0 \u3000 , \u2028x"],
  ["SELECT E'a'\n\u00a0'\\' , y", "select '…' \u00a0 '…' , y"],
  ["SELECT '-- a', \"/* b\", $$--$$, $1", "select '…' , \"/* b\" , '…' , $1"],
])("%s", (sql, expected) => {
  expect(sqlTokens(sql).map(shown).join(" ")).toBe(expected);
});

test("any text is read to its end, each token after the one before, nothing but space between them", () => {
  const pieces = ["'", '"', "$", "$$", "$1", "a", "E'", "/*", "*/", "--", "\n", "\\", "(", " ", "1", "U&"];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
      const sql = parts.join("");
      let end = 0;
      for (const token of sqlTokens(sql)) {
        expect(sql.slice(end, token.start).trim()).toBe("");
        expect(token.end).toBeGreaterThan(token.start);
        end = token.end;
      }
      expect(sql.slice(end).trim()).toBe("");
    }),
  );
});
