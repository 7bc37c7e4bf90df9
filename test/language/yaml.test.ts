import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Source } from "../../src/language/source.ts";
import { parseYaml, type Node } from "../../src/language/yaml.ts";
import { cases } from "../cases.ts";

function parsed(text: string): Node | undefined {
  const { node, problems } = parseYaml({ path: "y.yaml", text });
  expect(problems).toEqual([]);
  return node;
}

/** The text that every scalar of a tree claims to stand at. */
function* claims(node: Node, source: Source): Generator<[unknown, string | undefined]> {
  if (node.type === "scalar") {
    const { inner, value } = node;
    yield [value, inner === undefined ? undefined : source.text.slice(inner, inner + String(value).length)];
  } else if (node.type === "list") for (const item of node.items) yield* claims(item, source);
  else for (const entry of node.entries) yield* claims(entry.value, source);
}

describe("a tree", () => {
  test("knows where each value's own text begins, in quotes or not, or that it stands there differently", () => {
    const text =
      'a: plain\nb: \'single\'\nc: "double"\nd: "an\\tescape"\ne: |\n  block\nf: [x, 5]\ng: &n named\nh: *n\n';
    const source = { path: "y.yaml", text };
    expect([...claims(parsed(text) as Node, source)]).toEqual([
      ["plain", "plain"],
      ["single", "single"],
      ["double", "double"],
      ["an\tescape", undefined],
      ["block\n", undefined],
      ["x", "x"],
      [5n, "5"],
      ["named", "named"],
      ["named", "named"],
    ]);
  });

  test("keeps whole numbers of any width, and reads yes and no as the words they are", () => {
    expect(parsed("[9007199254740993, 1.5, yes, true, null, 0x1F]")).toMatchObject({
      items: [9007199254740993n, 1.5, "yes", true, null, 31n].map((value) => ({ value })),
    });
  });

  test("is none in an empty file", () => {
    expect(parsed("")).toBeUndefined();
    expect(parsed("# only a comment\n")).toBeUndefined();
  });
});

test("many keys, and many errors, take no longer than they are many", () => {
  const keys = Array.from({ length: 19_000 }, (_, index) => `k${index}: 1`).join("\n");
  expect(parseYaml({ path: "y.yaml", text: keys }).problems).toEqual([]);
  expect(parseYaml({ path: "y.yaml", text: "}\n".repeat(50_000) }).problems).toHaveLength(5);
});

test("no text makes it throw, and every place it names lies inside the text", () => {
  const piece = fc.constantFrom(
    "a",
    ":",
    " ",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    '"',
    "|",
    ">",
    "&a",
    "*a",
    "!t",
    "#",
    "---",
    "...",
    "? ",
    "%",
    "@",
    "\t",
    "\\",
    "<<",
    "1",
    "é😀",
    "\r\n",
    "\u0000",
    "null",
  );
  const near = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
      const { node, problems } = parseYaml({ path: "y.yaml", text });
      for (const { span, related = [] } of problems)
        for (const { start, end } of [span, ...related.map((one) => one.span)]) inside(start, end, text);
      if (node !== undefined) walk(node, text);
    }),
    cases(500),
  );
});

function inside(start: number, end: number, text: string): void {
  expect(start).toBeGreaterThanOrEqual(0);
  expect(end).toBeGreaterThanOrEqual(start);
  expect(end).toBeLessThanOrEqual(text.length);
}

function walk(node: Node, text: string): void {
  inside(node.span.start, node.span.end, text);
  if (node.type === "list") for (const item of node.items) walk(item, text);
  if (node.type === "map") {
    for (const entry of node.entries) {
      inside(entry.keySpan.start, entry.keySpan.end, text);
      walk(entry.value, text);
    }
  }
}
