import fc from "fast-check";
import { expect, test } from "vitest";
import { stillJson } from "../../src/secrets/json-lines.ts";
import { cases } from "../cases.ts";

const again = (line: string): string => `again:${line}`;

function parses(line: string): boolean {
  try {
    JSON.parse(line);
    return /^[ \t]*[[{"]/.test(line);
  } catch {
    return false;
  }
}

/** Each line beside its own. */
function slowly(text: string, clean: string): string {
  const before = text.split("\n");
  const after = clean.split("\n");
  if (before.length !== after.length) return clean;
  return after
    .map((line, at) => {
      const was = before[at] ?? "";
      return line === was || parses(line) || !parses(was) ? line : again(was);
    })
    .join("\n");
}

test("a line of JSON that a token broke is made again, and no other", () => {
  const was = '{"a":"p w"}\nplain p w\n{"b":"p w"}';
  expect(stillJson(was, '{"a":"‹1›"}\nplain ‹2›\n{"b":‹3›}', again)).toBe(
    '{"a":"‹1›"}\nplain ‹2›\nagain:{"b":"p w"}',
  );
});

test("as looking at every line would have it", () => {
  // Of each piece, what it was and what redaction made of it.
  const piece = fc.constantFrom(
    ["x", "x"],
    ["\n", "\n"],
    ["\n", "\n"],
    ['{"a":"s"}', '{"a":"‹1›"}'],
    ['{"a":"s"}', '{"a":‹1›}'],
    ['{"a":"s"}', "‹1›"],
    ['["s"', '["‹1›"'],
    ["s\ns", "‹1›"],
    [" ", " "],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = pieces.map(([was]) => was).join("");
      const clean = pieces.map(([, is]) => is).join("");
      expect(stillJson(text, clean, again)).toBe(slowly(text, clean));
    }),
    cases(3_000),
  );
});
