import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { loadEngines } from "../../src/language/functions/others.ts";
import { celDuration, check, compile, durationMs, type Expression } from "../../src/language/expression.ts";
import { cases } from "../cases.ts";

beforeAll(() => loadEngines("matches"));

function compiled(text: string): Expression {
  const result = compile(text);
  if (!result.ok) throw new Error(`${text}: ${result.failure.message}`);
  return result.value;
}

function valueOf(text: string, names: Readonly<Record<string, unknown>> = {}): unknown {
  const result = compiled(text).evaluate(names);
  return result.ok ? result.value : `! ${result.failure.missing ? "missing: " : ""}${result.failure.message}`;
}

describe("an expression", () => {
  test.each<[string, Record<string, unknown>, unknown]>([
    ["status == 200", { status: 200n }, true],
    ["1 == 1.0 && 1.5 != 1", {}, true],
    ["98 / 100.0", {}, 0.98],
    ["rate * 100 >= 90", { rate: 0.9 }, true],
    ["restarts < 3 && running", { restarts: 2n, running: true }, true],
    ["steps.health.status in [200, 204]", { steps: { health: { status: 204n } } }, true],
    ["rows.map(x, x.n)", { rows: [{ n: 1n }] }, [1n]],
    ["has(steps.a.b)", { steps: { a: {} } }, false],
    ["text.startsWith('a') ? 'yes' : 'no'", { text: "abc" }, "yes"],
    ["newest_age < duration('5m')", { newest_age: celDuration(299_999) }, true],
    ["string(now)", { now: new Date(0) }, "1970-01-01T00:00:00Z"],
    ["9007199254740993 + 1", {}, 9007199254740994n],
  ])("%s", (text, names, value) => {
    expect(valueOf(text, names)).toEqual(value);
  });

  test.each<[string, string | undefined]>([
    ["text.matches('(a')", "this is no pattern: missing closing ): `(a`"],
    ["regex.extract(text, 'a{2,1}').hasValue()", "this is no pattern: invalid repeat count: `{2,1}`"],
    [
      "regex.replace(text, '(?=a)', 'b') == ''",
      "this is no pattern: invalid or unsupported Perl syntax: `(?=`",
    ],
    ["regex.extractAll(text, other).size() > 0", undefined],
    ["text.matches('(a)')", undefined],
  ])("%s: a pattern that is written out is looked at", (text, said) => {
    expect(check(compiled(text), { text: "string", other: "string" })?.message).toBe(said);
  });

  test("durations go in and out as milliseconds", () => {
    expect(durationMs(valueOf("duration('1h') + d", { d: celDuration(250) }))).toBe(3_600_250);
    expect(durationMs(60_000)).toBeUndefined();
    expect(durationMs(null)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>, string]>([
    ["rows[5]", { rows: [1n, 2n] }, "! missing: there is no item 5"],
    ["rows[0]", { rows: [] }, "! missing: there is no item 0"],
    ["rows[-1]", { rows: [1n] }, "! missing: there is no item -1"],
    ["a.b", { a: {} }, "! missing: b is missing"],
    ["a.b", { a: null }, "! missing: b is missing"],
    ["nothing", {}, "! missing: nothing is missing"],
    ["a.constructor", { a: {} }, "! missing: constructor is missing"],
    ["1 / 0", {}, "! division by zero"],
    ["a % 0", { a: 1n }, "! modulo by zero"],
    ["9223372036854775807 + a", { a: 1n }, "! integer overflow: 9223372036854775808"],
    ["duration('5x')", {}, "! Invalid duration string: 5x"],
    ["int('x')", {}, '! "x" is no whole number'],
    ["'a' + b", { b: 1n }, "! no such overload: string + int"],
    ["d < 5", { d: celDuration(1) }, "! no such overload: duration < int"],
    ["text.matches('(')", { text: "a" }, "! error parsing regexp: missing closing ): `(`"],
  ])("%s has no value, and says why", (text, names, why) => {
    expect(valueOf(text, names)).toBe(why);
  });

  test("matches() takes no longer on a pattern made to be slow", () => {
    expect(valueOf("text.matches('(a+)+$')", { text: `${"a".repeat(20_000)}b` })).toBe(false);
    expect(valueOf("matches(text, '^h.llo')", { text: "hello" })).toBe(true);
  });

  test("the word matches stays what it is in a text, a field and a comment", () => {
    expect(
      valueOf("'matches(x)' + r'\\\\' + ' matches(' + a.matches // matches(", { a: { matches: "!" } }),
    ).toBe("matches(x)\\\\ matches(!");
  });

  test("reads are the paths from the root; macro variables are none, has() guards", () => {
    const { reads } = compiled("has(steps.a.b) && steps.a.b > params.n && rows.all(x, x.y < z && x in [z])");
    expect(reads.map(({ names, guarded }) => `${names.join(".")}${guarded ? "?" : ""}`)).toEqual([
      "steps.a.b?",
      "steps.a.b",
      "params.n",
      "rows",
      "z",
      "z",
    ]);
  });
});

describe("a text that is no expression", () => {
  test.each([
    ["a = b", "= assigns nothing here", [2, 3], "Write == to compare."],
    ["status=200", "= assigns nothing here", [6, 7], "Write == to compare."],
    ["a ==", "the expression is incomplete", [4, 4], undefined],
    ["", "there is no expression here", [0, 0], undefined],
    ["  ", "there is no expression here", [0, 2], undefined],
    ["(a", ") is expected, and the end found", [2, 2], undefined],
    ["a[1", "] is expected, and the end found", [3, 3], undefined],
    ["a.", "a name is expected, and the end found", [2, 2], undefined],
    ['"abc', "this text is never closed", [0, 4], undefined],
    ["a and b", "and is not allowed here", [2, 5], "Write &&."],
    ["a Or b", "Or is not allowed here", [2, 4], "Write ||."],
    ["a like b", "like is not allowed here", [2, 6], "Expressions are CEL: a == b && c < 3."],
    ["a & b", "unexpected character: &", [2, 3], undefined],
    ["$a", "unexpected character: $", [0, 1], undefined],
    ["__proto__", "reserved identifier: __proto__", [0, 9], undefined],
  ])("%j: %s", (text, message, [start, end], hint) => {
    const result = compile(text);
    expect(result.ok ? undefined : { ...result.failure, hint: undefined }).toEqual({
      message,
      span: { start, end },
      hint: undefined,
    });
    if (hint !== undefined) expect(result.ok ? undefined : result.failure.hint).toBe(hint);
  });

  test.each([
    ["brackets", "(".repeat(200) + "1" + ")".repeat(200)],
    ["additions", "1" + "+1".repeat(4000)],
    ["negations", "!".repeat(9000) + "true"],
    ["minus signs", "-".repeat(9000) + "1"],
  ])("many %s are refused, and exhaust nothing", (_what, text) => {
    const result = compile(text);
    expect(result.ok ? undefined : result.failure.message).toBe(
      "this expression is too long or nested too deeply",
    );
  });

  test("one of a megabyte is not even read", () => {
    const result = compile("a+".repeat(500_000));
    expect(result.ok ? undefined : result.failure.message).toBe("an expression has at most 10000 characters");
  });

  test("a loop in a loop in a loop would take hours", () => {
    const result = compile("a.all(x, b.all(y, c.exists(z, x + y == z)))");
    expect(result.ok ? undefined : result.failure).toEqual({
      message: "exists inside two others takes too long",
      span: { start: 18, end: 41 },
    });
    expect(compile("a.all(x, b.all(y, x < y))").ok).toBe(true);
  });
});

describe("against the names it can see", () => {
  const types = {
    status: "int",
    newest_age: "google.protobuf.Duration",
    params: { regime: "string", hold: "google.protobuf.Duration" },
    steps: { health: { status: "int", json: "dyn" } },
  };
  function problem(text: string, wanted?: "bool"): unknown {
    return check(compiled(text), types, wanted);
  }

  test("a path says the same as in brackets, where the library itself checks it", () => {
    const all = { ...types, vars: { flag: "dyn" }, on: "bool", in_all: "list<dyn>" };
    const word = fc.constantFrom(
      "status",
      "params",
      "regime",
      "steps",
      "health",
      "json",
      "vars",
      "flag",
      "on",
      "x",
    );
    const says = (text: string, wanted: "bool" | undefined): unknown => {
      const { message, hint } = check(compiled(text), all, wanted) ?? {};
      return [message, hint];
    };
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("bool" as const, undefined),
        (names, wanted) => {
          const text = names.join(".");
          expect(says(text, wanted)).toEqual(says(`(${text})`, wanted));
        },
      ),
      cases(500),
    );
  });

  test("what was wrong once is told with the names of each place", () => {
    const hint = (names: Record<string, string>): unknown => check(compiled("sta"), names)?.hint;
    expect(hint({ one: "int" })).toBe("Defined here: one.");
    expect(hint({ two: "int" })).toBe("Defined here: two.");
    expect(hint({ sta: "int" })).toBeUndefined();
  });

  test.each([
    "status == 200 && params.regime == 'CRISIS'",
    "newest_age < duration('5m')",
    "steps.health.json.anything[0].at_all == 1",
    "status == 1.5",
  ])("%s is right", (text) => {
    expect(problem(text, "bool")).toBeUndefined();
  });

  test.each([
    ["staus == 200", "staus is not defined here", [0, 5], "Did you mean status?"],
    ["params.regim == 'X'", "regim is not defined here", [7, 12], "Did you mean regime?"],
    ["steps.zzz.status == 1", "zzz is not defined here", [6, 9], "Defined here: health."],
    ["zzz", "zzz is not defined here", [0, 3], "Defined here: newest_age, params, status, steps."],
    [
      "status == 'ok'",
      "a number is compared with text",
      [0, 14],
      "They are never equal. Compare like with like: int(…), string(…), timestamp(…).",
    ],
    ["params.regime / 2 == 1", "no such overload: string / int", [0, 17], undefined],
    ["newest_age < 5", "no such overload: duration < int", [0, 14], undefined],
    ["status + 1", "this gives int, but must give true or false", [0, 10], undefined],
    [
      "status.matches('a')",
      "matches() does not take (int, string)",
      [0, 19],
      "text.matches(pattern): whether the pattern (RE2) is found in the text.",
    ],
  ])("%s: %s", (text, message, [start, end], hint) => {
    expect(problem(text, "bool")).toEqual({
      message,
      span: { start, end },
      ...(hint === undefined ? {} : { hint }),
    });
  });
});

test("no text whatever makes compiling or evaluating throw, and every place lies inside it", () => {
  const piece = fc.constantFrom(
    "a",
    "b.c",
    "steps.",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "==",
    "=",
    "!",
    "-",
    "1",
    "2.5",
    '"',
    "'",
    "r'",
    "\\",
    "?",
    ":",
    ".all(x,",
    "has(",
    "matches(",
    ",",
    " ",
    "//",
    "\n",
    "in",
    "😀",
    "\u0000",
  );
  const near = fc.array(piece, { maxLength: 15 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), near), (text) => {
      const result = compile(text);
      if (result.ok) {
        result.value.evaluate({ a: [1n, { c: "x" }], b: { c: 2.5 }, steps: {} });
        const problem = check(result.value, { a: "dyn", b: { c: "double" }, steps: {} }, "bool");
        if (problem !== undefined) inside(problem.span, text);
        for (const read of result.value.reads) inside(read.span, text);
      } else inside(result.failure.span, text);
    }),
    cases(500),
  );
});

function inside(span: { start: number; end: number }, text: string): void {
  expect(span.start).toBeGreaterThanOrEqual(0);
  expect(span.end).toBeGreaterThanOrEqual(span.start);
  expect(span.end).toBeLessThanOrEqual(text.length);
}

test("a name that is missing in a map that only the run knows is told with the one that was meant", () => {
  const names = { info: { memory: { used_memory: 1n }, other: 1n }, list: [{ count: 1n }] };
  const said = (text: string): unknown => {
    const compiled = compile(text);
    return compiled.ok ? compiled.value.evaluate(names) : compiled.failure;
  };
  const missing = (message: string): unknown => ({ ok: false, failure: { message, missing: true } });
  expect(said("info.memory.used_memry < 5")).toEqual(
    missing("used_memry is missing (did you mean used_memory?)"),
  );
  expect(said("info.memry.used_memory < 5")).toEqual(missing("memry is missing (did you mean memory?)"));
  expect(said("info.clients.blocked < 5")).toEqual(missing("clients is missing"));
});
