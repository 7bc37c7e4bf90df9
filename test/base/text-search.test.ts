import fc from "fast-check";
import { expect, test } from "vitest";
import { TextSearch } from "../../src/base/text-search.ts";

const letters = fc.string({
  unit: fc.constantFrom("a", "b", "A", "B", "é", "‹", "š"),
  minLength: 2,
  maxLength: 6,
});

test("finds exactly what looking for each one finds", () => {
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 6 }), fc.array(letters), (texts, parts) => {
      const value = parts.join("");
      const wanted = new Set(texts.filter((text) => value.includes(text)));
      expect(new TextSearch(texts, false).in(value)).toEqual(wanted);
    }),
    { numRuns: 500 },
  );
});

test("and whatever the case of ASCII letters is, when it is told to", () => {
  const search = new TextSearch(["password", "key", "://", "xox"], true);
  expect(search.in("a PassWORD of a KEY, http://x")).toEqual(new Set(["password", "key", "://"]));
  expect(search.in("ke")).toEqual(new Set());
  expect(search.in("")).toEqual(new Set());
});

test("for nothing, nothing is found", () => {
  expect(new TextSearch([], false).in("anything at all")).toEqual(new Set());
});
