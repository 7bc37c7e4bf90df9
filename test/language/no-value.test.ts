/** What came and is no value: an expression that needs it is unknown, for its reason; nothing else notices. */
import { describe, expect, test } from "vitest";
import { jsonText } from "../../src/base/json.ts";
import { NoValue } from "../../src/base/no-value.ts";
import { compile } from "../../src/language/expression.ts";
import { jsonOf, jsonReader } from "../../src/language/json-text.ts";
import { valueText } from "../../src/language/template.ts";
import { seen } from "../../src/output/sanitize.ts";
import { keepOutputs, restoreOutputs } from "../../src/run/journal-values.ts";
import { createRedactor } from "../../src/secrets/redactor.ts";

const none = new NoValue("x: NaN is no number", "NaN");
const names = { x: none, row: { x: none, y: 1n }, rows: [{ x: none }], xs: [none, 1] };
const evaluate = (text: string): unknown => {
  const compiled = compile(text);
  if (!compiled.ok) throw new Error(compiled.failure.message);
  const value = compiled.value.evaluate(names);
  return value.ok ? value.value : value.failure;
};

describe("an expression", () => {
  test.each([
    "x > 5",
    "!(x > 5)",
    "x == 5",
    'x == "NaN"',
    "x != 5",
    "x in [5]",
    "row.x > 0.05",
    "row.x + 1.0",
    "string(row.x)",
    "double(x)",
    "rows.exists(r, r.x > 5)",
    "rows.map(r, r.x).sum()",
    "xs.sum()",
    "math.greatest(xs)",
    "x.total > 3",
    "x",
    "row.x",
  ])("%s is unknown, for the reason", (text) => {
    expect(evaluate(text)).toEqual({ message: "x: NaN is no number", missing: true });
  });

  test("that does not need it is as ever", () => {
    expect(evaluate("row.y == 1 || row.x > 3")).toBe(true);
    expect(evaluate("has(row.x)")).toBe(false);
    expect(evaluate("row.?x.orValue(3)")).toBe(3n);
  });
});

test("is written as what came, and comes back from the journal", () => {
  expect(jsonText({ x: none, json: new NoValue("why"), xs: [none] })).toBe('{"x":"NaN","xs":["NaN"]}');
  expect(valueText(none)).toBe("NaN");
  expect(valueText(new NoValue("why"))).toBe("(why)");
  const redactor = createRedactor(["hunter2hunter2"]);
  const hidden = redactor.value({ doc: new NoValue("why", '{"a": "hunter2hunter2"}') });
  expect(jsonText(hidden)).not.toContain("hunter2");
  expect(jsonText(seen({ x: new NoValue("why", "a\u001bb") }))).not.toContain("\u001b");
  const back = restoreOutputs(JSON.parse(jsonText(keepOutputs({ x: none }, redactor))));
  expect(back["x"]).toBeInstanceOf(NoValue);
  expect(back["x"]).toMatchObject({ why: "x: NaN is no number", shown: "NaN" });
});

test("JSON with a key twice says which, and where", async () => {
  const why = 'the key "a" is there twice in its JSON, with different values (line 2, column 7)';
  const read = await jsonReader();
  expect(read('{"b": [\n{"a": 1, "a": 2}]}')?.value).toMatchObject({
    why: expect.stringContaining('the key "a"'),
  });
  expect((await jsonOf('{"a": 1,\n     "a": 2}', false))?.value).toMatchObject({ why });
  // Twice the same is once.
  expect(read('{"a": 1, "a": 1}')?.value).toEqual({ a: 1n });
  expect(read('{"a": ')).toBeUndefined();
});
