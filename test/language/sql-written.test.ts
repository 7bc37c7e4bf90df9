import { expect, test } from "vitest";
import { object, required, text } from "../../src/language/shape.ts";
import { readNow } from "../../src/language/read.ts";
import { Problems } from "../../src/language/problems.ts";
import { parseYaml } from "../../src/language/yaml.ts";

const shape = object({ sql: required(text({ template: "none", syntax: "sql" }), "A statement") });

function read(yaml: string): Problems {
  const source = { path: "book.yaml", text: yaml };
  const problems = new Problems(source);
  const { node } = parseYaml(source);
  if (node === undefined) throw new Error("not YAML");
  readNow(node, shape, "it", problems);
  return problems;
}

test.each([
  ["folded", "sql: >\n  DELETE FROM t -- old ones\n  WHERE age > 7\n"],
  ["folded, its last line break left", "sql: >-\n  DELETE FROM t\n  -- old ones\n  WHERE age > 7\n"],
  ["plain", "sql: DELETE FROM t -- old ones\n  WHERE age > 7\n"],
  ["in quotes", 'sql: "DELETE FROM t -- old ones\n  WHERE age > 7"\n'],
  ["in single quotes", "sql: 'DELETE FROM t -- old ones\n  WHERE age > 7'\n"],
])("faults 1: a -- comment that swallows the next line is refused: %s", (_how, yaml) => {
  const { list } = read(yaml);
  expect(list.map(({ message }) => message)).toEqual([
    "sql: its lines become one here, and what follows -- is a comment to the end",
  ]);
});

test.each([
  ["a block that keeps its lines", "sql: |\n  DELETE FROM t -- old ones\n  WHERE age > 7\n"],
  ["one line", "sql: DELETE FROM t WHERE age > 7 -- old ones\n"],
  ["on the last of several lines", "sql: >\n  DELETE FROM t\n  WHERE age > 7 -- old ones\n"],
  ["lines that are kept in quotes", 'sql: "DELETE FROM t -- old ones\\nWHERE age > 7"\n'],
  ["no comment at all", "sql: >\n  SELECT '-- a'\n  FROM t\n"],
  ["a comment that ends by itself", "sql: >\n  DELETE FROM t /* old\n  ones */ WHERE age > 7\n"],
])("every other one is taken: %s", (_how, yaml) => {
  const { list, warnings } = read(yaml);
  expect([list, warnings]).toEqual([[], []]);
});

test("faults 1: a comment in a comment is told", () => {
  const { list, warnings } = read("sql: |\n  DELETE FROM t /* a /* b */ WHERE age > 7 -- */\n");
  expect(list).toEqual([]);
  expect(warnings.map(({ message }) => message)).toEqual([
    "sql: nested comment: it ends only where the outer one ends",
  ]);
});

test.each([
  ["between words", "DELETE FROM t AS d\u00a0WHERE\u00a0old", "U+00A0"],
  ["between a name and a symbol", "DELETE FROM t\u2003WHERE age\u2003> 7", "U+2003"],
  ["by itself", "DELETE FROM t \u3000 WHERE old", "U+3000"],
])("faults 1: a blank that is a letter of a name to the server is refused: %s", (_where, sql, name) => {
  const { list } = read(`sql: |\n  ${sql}\n`);
  expect(list.map(({ message }) => message)).toEqual([
    `sql: PostgreSQL takes ${name} for a letter of a name, and it looks like a blank`,
  ]);
});

test("the same blank in a string, a quoted name or a comment is the author's", () => {
  const { list } = read("sql: |\n  SELECT 'a\u00a0b', \"c\u00a0d\", $$\u2003$$ /* \u00a0 */ FROM é\n");
  expect(list).toEqual([]);
});
