import { describe, expect, test } from "vitest";
import { celDuration } from "../../src/language/expression.ts";
import {
  fill,
  fillSentence,
  parseTemplate,
  tellSentence,
  type Template,
} from "../../src/language/template.ts";

function parsed(text: string): Template {
  const template = parseTemplate(text);
  if (!template.ok) throw new Error(template.failure.message);
  return template.value;
}

function filled(text: string, names: Readonly<Record<string, unknown>>, encode = false): unknown {
  const value = fill(parsed(text), names, encode ? { encode: "url" } : {});
  return value.ok ? value.value : `! ${value.failure.message} in ${value.failure.expression}`;
}

describe("a template", () => {
  test("inside double quotes keeps its values there", () => {
    const quoted = (text: string, names: object) => fill(parsed(text), { ...names }, { encode: "quoted" });
    expect(quoted('up{job="${it}"} > ${n}', { it: 'a"} or vector(1) # \\\n', n: 5n })).toEqual({
      ok: true,
      value: 'up{job="a\\"} or vector(1) # \\\\\\n"} > 5',
    });
    // One that is all of it is the author's own text.
    expect(quoted("${it}", { it: 'up{job="a"}' })).toEqual({ ok: true, value: 'up{job="a"}' });
  });

  test.each<[string, Record<string, unknown>, unknown]>([
    ["plain", {}, "plain"],
    ["", {}, ""],
    ["${n}", { n: 5n }, 5n],
    ["${rows}", { rows: [1n] }, [1n]],
    ["n is ${n}", { n: 5n }, "n is 5"],
    ["${a}${b}", { a: "x", b: true }, "xtrue"],
    [
      "took ${d}, at ${t}",
      { d: celDuration(90_000), t: new Date(0) },
      "took 1m30s, at 1970-01-01T00:00:00.000Z",
    ],
    ["${m}!", { m: { a: [1n, null] } }, '{"a":[1,null]}!'],
    ["cost $${n} and $5 and ${n}", { n: 1n }, "cost ${n} and $5 and 1"],
    ["$${", {}, "${"],
    ["${ {'a': '}'}.a }", {}, "}"],
    ["${'it\\'s }' + \"}\"}", {}, "it's }}"],
    ["${n // a } in a comment\n}", { n: 1n }, 1n],
    ["${x} {not} }", { x: "a" }, "a {not} }"],
  ])("%j", (text, names, value) => {
    expect(filled(text, names)).toEqual(value);
  });

  test("in a URL encodes what comes after its start", () => {
    const names = { base: "http://h:1/a b", q: "x&y=/?#ä" };
    expect(filled("${base}/p/${q}", names, true)).toBe("http://h:1/a b/p/x%26y%3D%2F%3F%23%C3%A4");
    expect(filled("http://h/${base}", names, true)).toBe("http://h/http%3A%2F%2Fh%3A1%2Fa%20b");
  });

  test.each([
    ["http://h/orders/${it}", ""],
    ["http://h/orders/${it}", "."],
    ["http://h/orders/${it}", ".."],
    ["http://h/orders/${it}", null],
    ["http://h/orders/${it}?all=1", ""],
    ["http://h/orders/.${it}/x", "."],
    ["http://h/orders/%2E${it}#x", "."],
    ["${base}/${it}/x", ".."],
    // Some servers read an escaped slash as one.
    ["http://h/orders/${it}", "../x"],
    ["http://h/orders/${it}", "a/.."],
    ["http://h/orders/${it}/fills", "..\\x"],
  ])("in a URL a path %s with the value %j is refused", (text, it) => {
    expect(filled(text, { base: "http://h", it }, true)).toMatch(
      /^! .* would lead to another path of the URL in it$/,
    );
  });

  test.each([
    ["http://h/orders/v${it}", "", "http://h/orders/v"],
    ["http://h/orders/${it}", "...", "http://h/orders/..."],
    ["http://h/orders/${it}", "group/a..b", "http://h/orders/group%2Fa..b"],
    ["http://h/orders/${it}", "%2e%2e", "http://h/orders/%252e%252e"],
    ["http://h/orders?id=${it}", "", "http://h/orders?id="],
    ["http://h/orders?id=${it}", "..", "http://h/orders?id=.."],
    ["${it}/orders", "http://h/", "http://h//orders"],
  ])("in a URL %s with the value %j is taken", (text, it, url) => {
    expect(filled(text, { it }, true)).toBe(url);
  });

  test("that needs what is not there says so", () => {
    expect(filled("a ${steps.x.y}", { steps: {} })).toBe("! x is missing in steps.x.y");
  });
});

test.each<[string, unknown, string]>([
  ["down: ${it}", ["ATLAS", "ELARA"], "down: ATLAS, ELARA"],
  ["down: ${it}", [], "down: none"],
  ["${it}", Array.from({ length: 12 }, (_, at) => at), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, and 2 more"],
  ["${it}", ["a, b", "c"], "a, b; c"],
  ["OOM-killed: ${it}", false, "OOM-killed: no"],
  ["${it}", true, "yes"],
  ["fill rate ${it}", null, "fill rate not known"],
  ["${it} bps", 0.8811171766790042, "0.8811 bps"],
  ["${it}", -12345.67891, "-12345.679"],
  ["${it}", 5, "5"],
  ["until ${it}", new Date(0), "until 1970-01-01T00:00:00.000Z"],
  ["${it}", { a: 1 }, '{"a":1}'],
  ["${it}", [{ user: "lav", idle: true }], "user lav, idle yes"],
  [
    "${it}",
    [
      { user: "lav", n: 1 },
      { user: "ops", n: 2 },
      { user: "lav", n: 1 },
    ],
    "2 × user lav, n 1; user ops, n 2",
  ],
  [
    "${it}",
    Array.from({ length: 14 }, (_, n) => ({ n: n < 3 ? 0 : n })),
    "3 × n 0, n 3, n 4, n 5, n 6, n 7, n 8, n 9, n 10, n 11, and 2 more",
  ],
  ["${it}", [{ a: { b: 1 } }, {}], 'a {"b":1}, {}'],
])("a sentence %j with %j", (text, it, said) => {
  expect(fillSentence(parsed(text), { it })).toEqual({ ok: true, value: said });
});

test.each<[string, string]>([
  ["3 routes: ${json.total}", "3 routes: (json.total is missing)"],
  ["${json.a.b} of ${json.n}", "(json.a is missing) of 3"],
  ["${json.list[4]}", "(no value: there is no item 4)"],
  ["${json.n / 0}", "(no value: division by zero)"],
  ["${has(json.total) ? 1 : json.other}", "(json.other is missing)"],
  ["${json.?total}", "(no value: the value is missing)"],
  ["${json.n + json.text}", "(no value: no such overload: int + string)"],
  ["${json.list.map(one, one.total)}", "(no value: total is missing)"],
])("a sentence %j that cannot be filled has a gap: %s", (text, said) => {
  const json = { n: 3n, text: "x", list: [{}] };
  expect(tellSentence(parsed(text), { json })).toBe(said);
});

test.each([
  ["a ${n", "this ${ is never closed", [2, 4]],
  ["${'}", "this text is never closed", [2, 3]],
  ["a ${n = 1}", "= assigns nothing here", [6, 7]],
  ["${}", "there is no expression here", [2, 2]],
  ["${a} ${b c}", "c is not allowed here", [9, 10]],
])("%j: %s", (text, message, [start, end]) => {
  const template = parseTemplate(text);
  expect(template.ok ? undefined : template.failure).toMatchObject({ message, span: { start, end } });
});
