import fc from "fast-check";
import { expect, test } from "vitest";
import { TextSearch } from "../../src/secrets/search.ts";
import { cases } from "../cases.ts";

const letters = fc.string({
  unit: fc.constantFrom("a", "b", "A", "B", "é", "‹", "š"),
  minLength: 3,
  maxLength: 6,
});

/** Every text at every place. */
function slowly(texts: readonly string[], value: string): readonly string[] {
  return Array.from({ length: value.length }, (_, at) => at).flatMap((at) =>
    [...new Set(texts)].filter((text) => value.startsWith(text, at)).map((text) => `${at} ${text}`),
  );
}

test("finds exactly what looking for each one finds", () => {
  fc.assert(
    fc.property(fc.array(letters, { minLength: 1, maxLength: 6 }), fc.array(letters), (texts, parts) => {
      const value = parts.join("");
      const search = new TextSearch(texts, false);
      expect(search.in(value)).toEqual(new Set(texts.filter((text) => value.includes(text))));
      const places = search.places(value);
      expect(places.map(({ at, text }) => `${at} ${text}`).toSorted()).toEqual(
        slowly(texts, value).toSorted(),
      );
      expect(places.map(({ at }) => at)).toEqual(places.map(({ at }) => at).toSorted((a, b) => a - b));
    }),
    cases(500),
  );
});

test("and whatever the case of ASCII letters is, when it is told to", () => {
  const search = new TextSearch(["password", "key", "://", "xox"], true);
  expect(search.in("a PassWORD of a KEY, http://x")).toEqual(new Set(["password", "key", "://"]));
  expect(search.places("keY://").map(({ at }) => at)).toEqual([0, 3]);
  expect(search.in("ke")).toEqual(new Set());
  expect(search.in("")).toEqual(new Set());
});

test("for nothing, nothing is found", () => {
  expect(new TextSearch([], false).in("anything at all")).toEqual(new Set());
});

test("wherever it stands in a text that is longer than what is read at once", () => {
  const search = new TextSearch(["needle", "://", "eye"], true);
  for (const part of [65_536, 131_072, 196_608]) {
    for (let at = part - 12; at < part + 12; at++) {
      for (const text of ["needle", "://", "eye"]) {
        const long = `${"n".repeat(at)}${text}${"š".repeat(part - 9)}`;
        expect(search.places(long)).toEqual([{ at, text }]);
      }
    }
  }
});
