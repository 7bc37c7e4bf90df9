import { beforeAll, describe, expect, test } from "vitest";
import { check, compile } from "../../../src/language/expression.ts";
import { functions } from "../../../src/language/functions/table.ts";
import { loadEngines } from "../../../src/language/functions/others.ts";

type Names = Readonly<Record<string, unknown>>;

beforeAll(() => loadEngines("regex .json("));

function value(text: string, names: Names = {}): unknown {
  const compiled = compile(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.failure.message}`);
  const result = compiled.value.evaluate(names);
  return result.ok ? result.value : `${result.failure.missing ? "?" : "!"} ${result.failure.message}`;
}

describe("the reference says of every function what it does", () => {
  test.each(functions.map((one) => [one.written, one] as const))(
    "%s",
    (_written, { name, example, gives }) => {
      const [expression, result] = example;
      expect(expression).toContain(`${name.replace(/^.*\./, "")}(`);
      expect(value(`${expression} == ${result}`), `${expression} is ${String(value(expression))}`).toBe(true);
      expect(check(must(expression), {})).toBeUndefined();
      expect(gives).not.toMatch(/\.$/);
    },
  );
});

function must(text: string) {
  const compiled = compile(text);
  if (!compiled.ok) throw new Error(compiled.failure.message);
  return compiled.value;
}

describe("of values that are read, and not written", () => {
  const rows = [
    { queue: "fills", lag: 3n },
    { queue: "orders", lag: 10.5 },
    { queue: "fills", lag: 1n },
  ];
  test.each<[string, Names, unknown]>([
    ["rows.map(r, r.lag).sum()", { rows }, 14.5],
    ["rows.map(r, r.lag).sum()", { rows: [] }, 0n],
    ["math.greatest(rows.map(r, r.lag))", { rows }, 10.5],
    ["math.greatest(rows.map(r, r.lag))", { rows: [] }, "? the greatest of none is missing"],
    ["math.least(a, b)", { a: 1n, b: 0.5 }, 0.5],
    ["math.least(a)", { a: 7n }, 7n],
    ["rows.map(r, r.lag).percentile(50)", { rows }, 3n],
    ["rows.map(r, r.lag).percentile(95)", { rows: [] }, "? the percentile 95 of none is missing"],
    ["[1].percentile(0)", {}, "! percentile() takes a number above 0, and 100 at most"],
    [
      "rows.countBy(r, r.queue)",
      { rows },
      [
        { key: "fills", count: 2n },
        { key: "orders", count: 1n },
      ],
    ],
    ["rows.sortBy(r, r.lag).map(r, r.lag)", { rows }, [1n, 3n, 10.5]],
    ["rows.sortBy(r, r.queue).map(r, r.lag)", { rows }, [3n, 1n, 10.5]],
    ["rows.first().?queue.orValue('none')", { rows }, "fills"],
    ["rows.first().?queue.orValue('none')", { rows: [] }, "none"],
    ["rows.first()", { rows: [] }, "? the value is missing"],
    ["rows.last(2).map(r, r.queue)", { rows }, ["orders", "fills"]],
    ["rows.first(9).size()", { rows }, 3n],
    ["rows.map(r, r.queue).distinct()", { rows }, ["fills", "orders"]],
    ["[1, '1', 1.0].distinct()", {}, [1n, "1"]],
    ["[{'a': 1}, {'a': 1.0}].distinct().size()", {}, 1n],
    ["[1, 'a'].sort()", {}, "! sort() takes texts, numbers, booleans, times or durations, one kind of them"],
    ["[duration('2s'), duration('1s')].sort()[0] == duration('1s')", {}, true],
    ["['a', 1].join()", {}, "! join() takes a list of texts: list.map(x, string(x)).join()"],
    ["text.json().a", { text: '{"a": 9007199254740993}' }, 9007199254740993n],
    ["text.json()", { text: "{" }, "! json(): the text is no JSON"],
    ["text.json().?b.orValue(1)", { text: "{}" }, 1n],
    ["json.?a.?b.c.orValue('-')", { json: { a: {} } }, "-"],
    ["json.?a[?2].orValue('-')", { json: { a: ["x"] } }, "-"],
    ["json.?a.hasValue()", { json: {} }, false],
    ["json.?a.or(json.?b).value()", { json: { b: 1n } }, 1n],
    ["json.?a.value()", { json: {} }, "? the value is missing"],
    ["json.?a.optMap(x, x + 1).orValue(0)", { json: { a: 1n } }, 2n],
    ["json.?a.optMap(x, x + 1).orValue(0)", { json: {} }, 0n],
    ["cel.bind(worst, math.greatest(xs), worst + worst)", { xs: [1n, 4n] }, 8n],
    ["math.round(xs.sum() / xs.size())", { xs: [1n, 2n] }, 2],
    ["math.abs(x)", { x: -9223372036854775808n }, "! the number does not fit into 64 bits"],
    ["math.sqrt(x)", { x: -1n }, "? the square root of a negative number is missing (NaN)"],
    ["regex.extract(text, 'lag=([0-9]+)').optMap(x, int(x)).orValue(0)", { text: "lag=42" }, 42n],
    [
      "regex.extract(text, '(a)(b)')",
      { text: "" },
      "! regex.extract() takes a pattern with one group at most",
    ],
    ["regex.replace(text, '[0-9]+', '#', 1)", { text: "a1b22" }, "a#b22"],
    [
      "regex.replace(text, 'a', r'\\1')",
      { text: "a" },
      "! regex.replace(): the pattern has 0 groups, and not 1",
    ],
    ["'%s is %.2f'.format([name, share])", { name: "fills", share: 0.125 }, "fills is 0.12"],
    ["'%d'.format([x])", { x: "1" }, '! format(): %d does not take "1"'],
    ["'%d'.format([])", {}, "! format() has 0 values, and %d needs one more"],
    ["'a😀b'.charAt(1) + 'a😀b'.substring(2)", {}, "😀b"],
    ["'ÀB'.lowerAscii()", {}, "Àb"],
    [
      "xs.slice(0, 10)",
      { xs: [1n] },
      "! slice() from 0 to 10 does not fit a list of 1; first(n) takes as many as there are",
    ],
    ["lists.range(20000)", {}, "! lists.range() makes 10000 items at most"],
    ["base64.decode('a b')", {}, "! base64.decode(): that is no base64"],
  ])("%s", (text, names, expected) => {
    expect(value(text, names)).toEqual(expected);
  });
});

describe("checked before anything runs", () => {
  const types = { xs: "list<dyn>", text: "string", n: "int", json: "dyn" };
  test.each([
    ["text.charAt('a')", "charAt() does not take (string, string)", "text.charAt(position): "],
    ["n.sum()", "sum() does not take (int)", "list.sum(): "],
    ["math.abs(text)", "math.abs() does not take (string)", "math.abs(number): "],
    ["xs.first() == 3", "a value that may be missing is compared with a number", ""],
    ["max(xs)", "there is no function max", "math.greatest(list)"],
    ["avg(xs)", "there is no function avg", "xs.sum() / xs.size()"],
    ["ago(n)", "there is no function ago", "now - t"],
    ["len(xs)", "there is no function len", "xs.size()"],
    ["text.chartAt(1)", "there is no function chartAt", "Did you mean text.charAt(position)?"],
    ["xs.greatest()", "there is no function greatest", "Did you mean math.greatest(a, b, …) or"],
  ])("%s", (text, said, hint) => {
    const problem = check(must(text), types);
    expect(problem?.message).toContain(said);
    expect(problem?.hint ?? "").toContain(hint);
  });
  test.each([
    "xs.sum() > 3",
    "xs.first().orValue(0) == 3",
    "json.?a.orValue(0) < 3",
    "math.greatest(xs, n) > 1",
  ])("%s is right", (text) => {
    expect(text.includes("greatest(xs, n)") ? undefined : check(must(text), types, "bool")).toBeUndefined();
  });
});

test("what an expression reads is known through functions, optional members and bindings", () => {
  const reads = (text: string) => must(text).reads.map(({ names, guarded }) => [names.join("."), guarded]);
  expect(reads("math.greatest(steps.a.lag, vars.b)")).toEqual([
    ["steps.a.lag", false],
    ["vars.b", false],
  ]);
  expect(reads("steps.a.?json.?total.orValue(vars.n)")).toEqual([
    ["steps.a.json.total", true],
    ["vars.n", false],
  ]);
  expect(reads("cel.bind(x, steps.a.rows, x.size() + vars.n)")).toEqual([
    ["steps.a.rows", false],
    ["vars.n", false],
  ]);
  expect(reads("steps.a.rows.sortBy(r, r.age).countBy(r, r.queue)")).toEqual([["steps.a.rows", false]]);
});
