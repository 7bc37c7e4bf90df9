import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { writtenText } from "../../src/language/written-text.ts";

test.each([
  ["api does not answer", "api does not answer"],
  ["http://localhost:3000", "http://localhost:3000"],
  ["http://[::1]:80", '"http://[::1]:80"'],
  ["a: b", '"a: b"'],
  ["a #b", '"a #b"'],
  ["true", '"true"'],
  ["1", '"1"'],
  ["...", '"..."'],
  ["", '""'],
])("%s is written %s", (text, written) => {
  expect(writtenText(text)).toBe(written);
});

test("any text is read back as it is, in a block and in a flow", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const written = writtenText(text);
      expect(parse(`a: ${written}\n`)).toEqual({ a: text });
      expect(parse(`{ ${written}: [${written}, b] }`)).toEqual({ [text]: [text, "b"] });
    }),
  );
});
