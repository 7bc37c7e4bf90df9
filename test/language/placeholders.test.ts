import { beforeAll, expect, test } from "vitest";
import { check, compile } from "../../src/language/expression.ts";
import { loadEngines } from "../../src/language/functions/others.ts";
import type { ScopeTypes } from "../../src/language/expression-problem.ts";

beforeAll(() => loadEngines("matches"));

const leaves: ScopeTypes = {
  any: "dyn",
  sure: "bool",
  whole: "int",
  rate: "double",
  text: "string",
  took: "google.protobuf.Duration",
  at: "google.protobuf.Timestamp",
  rows: "list<dyn>",
  texts: "list<string>",
  table: "map<string, dyn>",
  words: "map<string, string>",
};
const types: ScopeTypes = {
  ...leaves,
  steps: { a: leaves, count: { size: "int" } },
  now: leaves["at"] ?? "",
};

function problemOf(text: string, wanted?: "bool"): string | undefined {
  const compiled = compile(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.failure.message}`);
  return check(compiled.value, types, wanted)?.message;
}

const names = Object.keys(leaves).flatMap((name) => [name, `steps.a.${name}`, `steps.a.?${name}`]);
const around = [
  "x",
  "!x",
  "-x",
  "size(x)",
  "has(x.y)",
  "x.y",
  "x.?y",
  'x["y"]',
  "x[0]",
  "x.all(i, i)",
  "x.orValue(1)",
  "x.hasValue()",
  "string(x)",
  'x.matches("a")',
  'x.contains("a")',
  "x.getHours()",
  "x ? 1 : 2",
  "x-size",
  "steps.count.size-x",
  "[x, 1]",
  "x.nothing(1)",
];

// What is behind // is no part of an expression, and a name for a type in it asks for the check by the names themselves.
const byNames = (text: string): string => `${text} // _of_`;

test.each(around)("%s is judged by types as it is by names", (form) => {
  for (const wanted of [undefined, "bool"] as const) {
    for (const name of names) {
      const text = form.replace("x", name);
      expect([text, problemOf(text, wanted)]).toEqual([text, problemOf(byNames(text), wanted)]);
    }
  }
});

test.each(["==", "!=", "<", "+", "-", "*", "/", "in", "&&"])(
  "%s is judged by types as it is by names",
  (sign) => {
    for (const left of Object.keys(leaves)) {
      for (const right of [...Object.keys(leaves), "1", "1.5", '"a"', "null", "[]"]) {
        const text = `${left} ${sign} ${right}`;
        expect([text, problemOf(text)]).toEqual([text, problemOf(byNames(text))]);
      }
    }
  },
);

test("a hyphen is seen although what stands around it is there", () => {
  expect(problemOf("any.queue-whole")).toMatch("is a subtraction");
  expect(problemOf("steps.a.whole-whole")).toMatch("is a subtraction");
});

test("a macro's variable hides no name for a type", () => {
  expect(problemOf("texts.all(_of_, steps.a.whole == _of_)")).toBeDefined();
});
