import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, jsonText } from "../../src/base/json.ts";

test("integers of any width keep every digit", () => {
  expect(jsonText({ small: 5n, wide: 9007199254740993n, negative: -18446744073709551616n })).toBe(
    '{"small":5,"wide":9007199254740993,"negative":-18446744073709551616}',
  );
});

test.each([
  [undefined, "null"],
  [NaN, "null"],
  [Infinity, "null"],
  [-0, "0"],
  [null, "null"],
  [[undefined, () => 1], "[null,null]"],
  [{ left: undefined, kept: null }, '{"kept":null}'],
  [new Date(Date.UTC(2026, 0, 31, 14, 15, 2, 7)), '"2026-01-31T14:15:02.007Z"'],
  [new Date(NaN), "null"],
  [Buffer.from("hi"), '"aGk="'],
  [new Map([["a", 1n]]), '{"a":1}'],
])("%o is written %s", (value, written) => {
  expect(jsonText(value)).toBe(written);
});

test("a text that looks like an inner mark is only a text", () => {
  for (const text of ["\u0001n5", '"\u0001n5', 'x"\u0001n5"']) {
    expect(JSON.parse(jsonText({ [text]: text }))).toEqual({ [text]: text });
  }
});

test("canonical JSON sorts keys at every level, numbers among them, and looks into maps", () => {
  expect(canonicalJson({ b: [{ d: 1, c: 2n }], a: 0, 10: "x", 9: "y" })).toBe(
    '{"10":"x","9":"y","a":0,"b":[{"c":2,"d":1}]}',
  );
  expect(canonicalJson(new Map([["z", new Map([["k", 1]])]]))).toBe('{"z":{"k":1}}');
});

test("a structure without end is cut, not followed", () => {
  const around: { self?: unknown } = {};
  around.self = around;
  expect(jsonText(around)).toContain("nested too deeply");
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level++) deep = [deep];
  expect(() => JSON.parse(jsonText(deep)) as unknown).not.toThrow();
});

test("what is plain JSON is written as JSON.stringify would", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("canonical JSON does not depend on the order of keys", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const reversed = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(reversed)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});
