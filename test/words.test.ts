import { readdirSync, readFileSync } from "node:fs";
import { parseSync, Visitor } from "oxc-parser";
import { expect, test } from "vitest";
import { isScalar, parseDocument, visit } from "yaml";

// Words that no message, help text or runbook uses: they are foreign to the field, or mean two things. The list is
// held over every string literal of the program, comments excepted; what to write instead is beside each.
const unused: readonly (readonly [word: RegExp, instead: string, example: string])[] = [
  [/\bown words?\b/, "reported by", "every instance's own word"],
  [/\b(?:speaks?|spoke|spoken) (?:of|for)\b/, "mentions, indicates", "no journal speaks of it"],
  [/\b(?:is|are|was|were|made|ha[sd]|have|called|do|does) otherwise\b/, "differs", "it was made otherwise"],
  [/\banew\b/, "again, from the start", "started anew"],
  [/\ball the same\b/, "anyway", "send it all the same"],
  [/\bsuch of\b/, "name the thing", "3 such of others"],
  [/\bstands?\b(?!-| for)/, "is", "keep what stands here"],
  [/\blets? (?:\S+ ){1,2}(?:on|go on|come on)\b(?! \w+ing)/, "resume, allow", "let trading on again"],
  [/\bin need\b/, "under load, failing", "a machine in need"],
  [/\bfor want of\b/, "for lack of; OOM-killed", "killed for want of memory"],
  [/\bmeanwhile\b/, "during the change, the proof ...", "it was removed meanwhile"],
  [/\b(?:go|goes|going|went|gone) on\b/, "continue, resume", "lav-ir resume goes on"],
  [/\bmend(?:s|ed|ing)?\b/, "fix", "mend that first"],
  [/\bk(?:eep|eeps|ept) back\b/, "reserve", "3 more are kept back"],
  [/\bto and fro\b/, "flapping", "crossed to and fro"],
  [/\b(?:says?|said) no\b/, "rejected, declined", "the server said no"],
  [/\bno answer within\b/, "timed out after", "gave no answer within 5s"],
  [/\b(?:is|are|was|were) (?:told|looked|said)\b/, "name who does it", "while it was looked"],
  [/\bcannot be said\b/, "cannot evaluate", "x cannot be said"],
  [/\bwhoever\b/i, "name the person", "whoever has it"],
  [/\bkilled for (?:its )?memory\b/, "OOM-killed", "killed for memory: no"],
];

const root = new URL("..", import.meta.url);

interface Text {
  readonly at: string;
  readonly text: string;
}

/** Every literal of a program that has a blank in it; where a template has a value, `…`. */
function literalsOf(path: string, source: string): readonly Text[] {
  const found: Text[] = [];
  const add = (start: number, text: string) => {
    if (/\s/.test(text.trim()))
      found.push({ at: `${path}:${source.slice(0, start).split("\n").length}`, text });
  };
  const visitor = new Visitor({
    Literal: ({ start, value }) => {
      if (typeof value === "string") add(start, value);
    },
    TemplateLiteral: ({ start, quasis }) =>
      add(start, quasis.map(({ value }) => value.cooked ?? "").join("…")),
  });
  visitor.visit(parseSync(path, source).program);
  return found;
}

/** Every scalar of a runbook. */
function scalarsOf(path: string, source: string): readonly Text[] {
  const found: Text[] = [];
  visit(parseDocument(source), {
    Scalar: (_, node) => {
      if (isScalar<unknown>(node) && typeof node.value === "string")
        found.push({ at: path, text: node.value });
    },
  });
  return found;
}

function textsIn(folder: string): readonly Text[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const path = `${folder}${name}`;
    const read = /\.(?:ts|js)$/.test(name) ? literalsOf : name.endsWith(".yaml") ? scalarsOf : undefined;
    return read?.(path, readFileSync(new URL(path, root), "utf8")) ?? [];
  });
}

function foreignIn(texts: readonly Text[]): readonly string[] {
  return texts.flatMap(({ at, text }) =>
    unused.flatMap(([word, instead]) => {
      const found = word.exec(text);
      return found === null ? [] : [`${at}: "${found[0]}" in "${text.slice(0, 120)}": ${instead}`];
    }),
  );
}

test.each(["src/", "bin/", "runbooks/"])("no text in %s has a word of the list", (folder) => {
  const texts = textsIn(folder);
  expect(texts.length).toBeGreaterThan(0);
  expect(foreignIn(texts)).toEqual([]);
});

test.each(unused)("%s is found in a literal, and not in a comment", (_word, _instead, example) => {
  const source = `// ${example}\nexport const text = "${example}";\nexport const part = \`\${text} ${example}\`;\n`;
  expect(foreignIn(literalsOf("x.ts", source)).map((line) => line.split(": ")[0])).toEqual([
    "x.ts:2",
    "x.ts:3",
  ]);
});
