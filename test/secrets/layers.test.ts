import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { withoutFinds } from "../../src/secrets/layers.ts";
import { plainView, undone } from "../../src/secrets/view.ts";
import { cases } from "../cases.ts";

const clean = (text: string): string => withoutFinds(text, () => "‹›");
const secret = "q7Rv2kTx9w";

describe("a line is searched as it is read, and taken out as it is written", () => {
  const html = (text: string): string =>
    text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const json = (text: string): string => JSON.stringify(text).slice(1, -1);
  const wraps: readonly (readonly [string, (text: string) => string])[] = [
    ["JSON", json],
    ["entities", html],
    ["percents", encodeURIComponent],
    ["colours", (text) => text.replaceAll(/\w+/g, (word) => `\u001b[36m${word}\u001b[0m`)],
  ];
  const lines = [`password="${secret}"`, `{"db_password": "${secret}"}`, `<token>${secret}</token>`];
  const all = wraps.flatMap((outer) => wraps.map((inner) => [outer, inner] as const));

  test.each(all.map(([outer, inner]) => [outer[0], inner[0], outer[1], inner[1]] as const))(
    "%s around %s",
    (_outer, _inner, outer, inner) => {
      for (const line of lines) {
        expect(clean(outer(inner(line)))).not.toContain(secret);
        expect(clean(`before ${outer(inner(line))}\nafter`)).toMatch(/^before .*‹›.*\nafter$/);
      }
    },
  );
});

test("what is not undone keeps its place, and what is has the place of all that wrote it", () => {
  const written = 'a\\"b&lt;c%3Dd\u001b[0me\\u003cf';
  const view = undone(plainView(written));
  expect(view.text).toBe('a"b<c=de<f');
  const pieces = Array.from(view.text, (_, at) => written.slice(view.starts[at], view.ends[at]));
  expect(pieces).toEqual(["a", '\\"', "b", "&lt;", "c", "%3D", "d", "e", "\\u003c", "f"]);
});

test("JSON stays JSON, whatever stands in it", () => {
  const pieces = [
    ...Array.from('"\\/&;=:{}[], \n\t'),
    "password",
    "token",
    "secret",
    secret,
    "=",
    ": ",
    "&quot;",
    "%22",
    "\u001b[36m",
    "\u001b[0m",
  ];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(""));
  const name = fc.constantFrom("log", "password", "api_key", "message", "token");
  fc.assert(
    fc.property(fc.dictionary(name, fc.oneof(text, fc.integer(), fc.constant(null))), (value) => {
      const line = JSON.stringify({ ...value, nested: JSON.stringify(value) });
      expect(() => JSON.parse(clean(line)) as unknown).not.toThrow();
    }),
    cases(2_000),
  );
});
