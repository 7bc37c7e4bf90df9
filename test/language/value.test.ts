import { describe, expect, test } from "vitest";
import {
  boolean,
  defaulted,
  duration,
  integer,
  json,
  list,
  map,
  number,
  object,
  oneOf,
  optional,
  required,
  text,
  type Shape,
} from "../../src/language/shape.ts";
import { celDuration } from "../../src/language/expression.ts";
import { readValue } from "../../src/language/read.ts";
import { Problems } from "../../src/language/problems.ts";
import type { Source } from "../../src/language/source.ts";
import { fit, render, show, templatesOf, type Value } from "../../src/language/value.ts";
import { parseYaml } from "../../src/language/yaml.ts";

function fitted(value: unknown, shape: Shape): unknown {
  const result = fit(value, shape.spec);
  return result.ok ? result.value : `! ${result.failure}`;
}

describe("a value that must fit a shape", () => {
  test.each<[unknown, Shape, unknown]>([
    ["a", text(), "a"],
    [5n, text(), "5"],
    [true, text(), "true"],
    [celDuration(90_000), text(), "1m30s"],
    [new Date(0), text(), "1970-01-01T00:00:00.000Z"],
    [5n, integer(), 5],
    [5, integer({ min: 5, max: 5 }), 5],
    [0.5, number(), 0.5],
    [false, boolean(), false],
    ["1m", duration(), 60_000],
    [celDuration(1500), duration(), 1500],
    [[1n, 2n], list(integer()), [1, 2]],
    [{ a: 1n }, map(integer()), { a: 1 }],
    [{ a: [celDuration(1000), new Map([["k", 5n]])] }, json(), { a: ["1s", { k: 5n }] }],
    [
      { n: 1n },
      object({ n: required(integer(), ""), t: defaulted(duration(), 5000, "") }),
      { n: 1, t: 5000 },
    ],
  ])("%o", (value, shape, read) => {
    expect(fitted(value, shape)).toEqual(read);
  });

  test.each<[unknown, Shape, string]>([
    [null, text(), "! must be text, and is empty"],
    [["a"], text(), "! must be text, and is a list"],
    ["c", oneOf("a", "b"), '! must be one of a, b, and is "c"'],
    ["x", text({ pattern: { test: /^y$/, says: "y" } }), '! must be y, and is "x"'],
    ["abc", integer(), '! must be a whole number, and is "abc"'],
    [1.5, integer(), "! must be a whole number, and is 1.5"],
    [9007199254740993n, integer(), "! must be a whole number of at most 15 digits, and is 9007199254740993"],
    [4, integer({ min: 5 }), "! must be at least 5, and is 4"],
    [6, integer({ max: 5 }), "! must be at most 5, and is 6"],
    [Infinity, number(), "! must be a number, and is null"],
    ["yes", boolean(), '! must be true or false, and is "yes"'],
    ["5x", duration(), '! must be a duration such as 30s or 1h30m, and is "5x"'],
    ["1s", duration({ min: 5000 }), '! must be at least 5s, and is "1s"'],
    ["1h", duration({ max: 5000 }), '! must be at most 5s, and is "1h"'],
    [{}, list(text()), "! must be a list, and is a map"],
    [[], list(text(), { min: 1 }), "! must have at least 1 in its list"],
    [["a"], list(integer()), '! must be a whole number, and is "a"'],
    [[], map(text()), "! must be a map, and is a list"],
    [{ a: [] }, map(text()), "! a must be text, and is a list"],
    [{ b: 1n }, object({ a: optional(text(), "") }), "! b has no field b"],
    [{}, object({ a: required(text(), "") }), "! needs a"],
    ["x".repeat(100), integer(), `! must be a whole number, and is "${"x".repeat(57)}…"`],
  ])("%o does not", (value, shape, why) => {
    expect(fitted(value, shape)).toBe(why);
  });
});

function readAs(yaml: string, shape: Shape): { value: Value; problems: readonly string[] } {
  const source: Source = { path: "v.yaml", text: yaml };
  const problems = new Problems(source);
  const { node } = parseYaml(source);
  if (node === undefined) throw new Error(`${yaml} is no YAML`);
  const value = readValue(node, shape.spec, "it", problems);
  return {
    value: value ?? { type: "constant", value: undefined, span: { start: 0, end: 0 } },
    problems: problems.list.map(({ message }) => message),
  };
}

const request = object(
  {
    url: required(text({ template: "url" }), "Where"),
    tries: defaulted(integer(), 3, "How often"),
    headers: optional(map(text({ secret: true })), "With what"),
  },
  { primary: "url" },
);

describe("an object in a file", () => {
  test("has its defaults, written as a map or as its primary field alone", () => {
    for (const yaml of ["url: http://h", "http://h"]) {
      const { value, problems } = readAs(yaml, request);
      expect(problems).toEqual([]);
      expect(render(value, {})).toEqual({ ok: true, value: { url: "http://h", tries: 3 } });
    }
  });

  test("fills its templates when it is rendered, each as its shape wants it", () => {
    const { value } = readAs("{ url: 'http://h/${p}', tries: '${n}' }", request);
    expect(render(value, { p: "a b", n: 5n })).toEqual({
      ok: true,
      value: { url: "http://h/a%20b", tries: 5 },
    });
    expect(render(value, { p: "a", n: "many" })).toMatchObject({
      ok: false,
      failure: { message: '${n} must be a whole number, and is "many"', missing: false },
    });
    expect(render(value, { p: "a" })).toMatchObject({
      ok: false,
      failure: { message: "n is missing in ${n}", missing: true },
    });
  });

  test("puts values into words where a person reads them", () => {
    const said = object({ question: required(text({ template: "sentence" }), "") }, { primary: "question" });
    const words = (yaml: string, it: unknown): unknown => render(readAs(yaml, said).value, { it });
    const asked = (question: string): object => ({ ok: true, value: { question } });
    expect(words("open at ${it}?", ["ATLAS", "DRACO"])).toEqual(asked("open at ATLAS, DRACO?"));
    expect(words("'${it}'", [])).toEqual(asked("none"));
    expect(words("rate ${it}", 0.123_456_789)).toEqual(asked("rate 0.1235"));
    expect(words("reached ${it}", null)).toEqual(asked("reached not known"));
  });

  test("shows what is known, marks what is not, and never a secret", () => {
    const { value } = readAs(
      "{ url: '${base}/x/${steps.a.b}', headers: { A: 'Bearer ${secrets.T}' } }",
      request,
    );
    expect(show(value, { base: "http://h", steps: {}, secrets: { T: "$T" } })).toEqual({
      url: "http://h/x/‹steps.a.b›",
      tries: 3,
      headers: { A: "Bearer $T" },
    });
    expect(templatesOf(value)).toHaveLength(2);
  });

  test.each([
    ["{}", ["it needs url"]],
    ["{ url: x, tris: 1 }", ["tris is not a key of it"]],
    ["null", ["it needs url"]],
    ["[a]", ["it must be text, and is a list"]],
  ])("%s: %j", (yaml, messages) => {
    expect(readAs(yaml, request).problems).toEqual(messages);
  });
});
