import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readPlain } from "../../src/language/plain-yaml.ts";
import { parseYaml } from "../../src/language/yaml.ts";
import { cases } from "../cases.ts";

const root = new URL("../../", import.meta.url).pathname;
const texts = ["runbooks", "test/runbook/golden", "test/runbooks"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => [join(folder, name), readFileSync(join(root, folder, name), "utf8")] as const),
);

/** By the whole parser; "odd" where the text is no YAML that it takes. */
function whole(text: string): unknown {
  const { node, problems } = parseYaml({ path: "x.yaml", text });
  return problems.length > 0 ? "odd" : node;
}

/** Where the plain reader gives a tree, it is the whole parser's. @returns whether it gave one. */
function agrees(text: string): boolean {
  const plain = readPlain(text);
  if (plain !== undefined) expect({ text, node: plain }).toEqual({ text, node: whole(text) });
  return plain !== undefined;
}

describe("the plain reader", () => {
  test.each(texts.filter(([path]) => path.startsWith("runbooks")))("reads %s", (_path, text) => {
    expect(agrees(text)).toBe(true);
  });

  test("gives what the whole parser gives, of every file there is", () => {
    for (const [, text] of texts) agrees(text);
  });

  test.each([
    ["a map", "a: 1\nb: two words\nc: true\n"],
    ["keys of several words", "a:\n  It answers: x == 1\n  Nobody waits: y\nb: { It is well: true }\n"],
    ["maps and lists below", "a:\n  b:\n    - x\n    - y: 1\n      z: 2\n  c: d\n"],
    ["a list as far left as its key", "a:\n- x\n- y\nb: 1\n"],
    ["comments", "# one\na: 1 # two\n\n# three\nb:\n  # four\n  c: 2\n# five\n"],
    ["brackets", 'a: [1, two, "three", [x], { y: z }]\nb: {}\nc: [] # none\n'],
    ["quotes", 'a: "x \\"y\\" \\\\"\nb: \'it\'\'s\'\nc: "# none: {}"\n'],
    ["a literal", "a: |\n  one\n    two\n\n  three\n\nb: 1\n"],
    ["no end of the last line", "a:\n  b: 1"],
    ["numbers", "a: -5\nb: 1.50\nc: 5m\nd: 2026-01-02\ne: 12345678901234567890\n"],
    ["a comment that is indented deeper than what follows", "a:\n  b: 1\n  # c\n\nd: 1\n"],
    ["one behind everything", "a:\n  - b:\n      c: 1\n    # d\n"],
    ["a key without a value", "a:\n  - b:\n    c:\n  - d:\n\ne:\n"],
    ["null", "a: null\nb: [null]\n"],
    ["a key without a value before a word that spells it", "a:\nnullable: 1\n"],
    ["what is only a sign elsewhere", 'a: x#y\nb: http://h:1/p?q={r}\nc: a - b\nd: "1"\n'],
  ])("reads %s", (_what, text) => {
    expect(agrees(text)).toBe(true);
  });

  test.each([
    ["an anchor", "a: &x 1\nb: *x\n"],
    ["a key with a comment and no value", "a: # none\nb: 1\n"],
    ["a tag", "a: !x 1\n"],
    ["a tab", "a:\t1\n"],
    ["a text over several lines", "a: one\n  two\n"],
    ["a quoted one", 'a: "one\n  two"\n'],
    ["brackets over several lines", "a: [1,\n  2]\n"],
    ["two equal keys", "a: 1\na: 2\n"],
    ["two equal keys in brackets", "a: { b: 1, b: 2 }\n"],
    ["a second document", "a: 1\n---\nb: 2\n"],
    ["a merge", "a: { <<: 1 }\n"],
    ["another spelling of a number", "a: 0x1F\n"],
    ["a key that is no text", "true: 1\n"],
    ["other ends of lines", "a: 1\r\nb: 2\r\n"],
    ["a folded text", "a: >\n  one\n  two\n"],
    ["a list of one line in another", "- - a\n"],
    ["a single text", "a\n"],
    ["nothing", ""],
  ])("leaves %s to the whole parser", (_what, text) => {
    expect(readPlain(text)).toBeUndefined();
  });

  test("is never other than the whole parser, whatever is changed in a file", () => {
    const sources = texts.map(([, text]) => text).filter((text) => text.length < 6000);
    const signs = fc.oneof(
      fc.constantFrom(
        ...Array.from("-:?,[]{}#&*!|>'\"%@` \n\t\\~<=.+$_0e"),
        "\n  ",
        "\n- ",
        ": ",
        " #",
        "- ",
        "''",
      ),
      fc.constantFrom(
        "---\n",
        "...\n",
        "# c\n",
        "\n  # c\n",
        "\n    # c\n",
        ":\n",
        "null",
        "true",
        "0x1",
        "1e3",
        "é",
        "\u00a0",
        "𝄞",
        "a: b",
        "\n\n",
        "|\n",
      ),
    );
    const change = fc.record({ at: fc.nat(), cut: fc.nat({ max: 6 }), put: signs });
    const from = fc.record({ source: fc.nat(), start: fc.nat(), lines: fc.integer({ min: 1, max: 25 }) });
    fc.assert(
      fc.property(from, fc.array(change, { maxLength: 3 }), ({ source, start, lines }, changes) => {
        const all = (sources[source % sources.length] ?? "").split(/(?<=\n)/);
        let text = all.slice(start % all.length, (start % all.length) + lines).join("");
        const margin = /^ */.exec(text)?.[0].length ?? 0;
        text = text.replaceAll(new RegExp(`^ {${margin}}`, "gm"), "");
        for (const { at, cut, put } of changes) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + put + text.slice(place + cut);
        }
        agrees(text);
      }),
      cases(1000),
    );
  });
});
