import { describe, expect, test } from "vitest";
import { parseYaml } from "../../src/language/yaml.ts";

const problemsOf = (text: string) => parseYaml({ path: "a.yaml", text }).problems;

/** The text with everything written that its problems say. */
function fixed(text: string): string {
  const fixes = problemsOf(text).flatMap(({ fix }) => fix ?? []);
  return fixes.reduceRight(
    (all, { span, text: t }) => all.slice(0, span.start) + t + all.slice(span.end),
    text,
  );
}

describe("what YAML reads otherwise than it was written is said once, and quotes end it", () => {
  test.each([
    ["stale: a ? b : c", "stale: 'a ? b : c'", /reads the ": " of a \?: as a key/],
    ["stale: a == 'x' ? b : c  # why", "stale: \"a == 'x' ? b : c\"  # why", /of a \?:/],
    ["- title: Foo: bar", "- title: 'Foo: bar'", /reads the ": " in this text as a key/],
    [String.raw`m: r"\d" == 'a' ? b : c`, String.raw`m: 'r"\d" == ''a'' ? b : c'`, /of a \?:/],
    ["a: { x: y == [] }", "a: { x: 'y == []' }", /inside \{ \} YAML ends a text/],
    ["a: { x: size([1, 2]) == 2, y: 1 }", "a: { x: 'size([1, 2]) == 2', y: 1 }", /inside \{ \}/],
    ["a: { k: v, x: m['}'] }", "a: { k: v, x: \"m['}']\" }", /inside \{ \}/],
    ["a: [b, s in [200, 204]]", "a: [b, 's in [200, 204]']", /inside \{ \}/],
  ])("%s", (text, wanted, says) => {
    const problems = problemsOf(`${text}\n`);
    expect(problems.map(({ message }) => message)).toEqual([expect.stringMatching(says)]);
    expect(fixed(`${text}\n`)).toBe(`${wanted}\n`);
    expect(problemsOf(fixed(`${text}\n`))).toEqual([]);
  });

  test.each(["a: { x: y", "a: b: |\n  c", "a: &x b: c", "a: { x: [1, 2 }", "a: 'b': c", "a: { x: y == [ }"])(
    "what is wrong otherwise has no fix: %j",
    (text) => {
      const problems = problemsOf(`${text}\n`);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.flatMap(({ fix }) => fix ?? [])).toEqual([]);
    },
  );
});
