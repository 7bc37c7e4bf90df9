import { getConformanceSuite } from "@bufbuild/cel-spec/testdata/tests.js";
import { beforeAll, describe, expect, test } from "vitest";
import { compile, durationMs } from "../../../src/language/expression.ts";
import { loadEngines } from "../../../src/language/functions/others.ts";

type Suite = ReturnType<typeof getConformanceSuite>;
type Case = Suite["tests"][number]["original"];

/** The published cases of what expressions offer: CEL itself and cel-go's extensions. */
const offered = [
  "basic",
  "bindings_ext",
  "comparisons",
  "conversions",
  "encoders_ext",
  "fields",
  "fp_math",
  "integer_math",
  "lists",
  "logic",
  "macros",
  "math_ext",
  "optionals",
  "parse",
  "plumbing",
  "string",
  "string_ext",
  "timestamps",
];

/** What is not CEL here, and how its cases are known, by their text or what is wrong with their value. A reason that no case has is one too many. */
const departures: readonly (readonly [reason: string, concerns: RegExp])[] = [
  ["there are no messages of protobuf", /TestAllTypes|\bproto[23]\b|NestedTest|google\.protobuf/],
  ["there are no unsigned integers", /\d(?:e\d+)?[uU]\b|0x\w+U|\buint\b/],
  ["there are no types as values", /\btype\(|^(?:bool|int|double|null_type|string|bytes|list|map|type) →/],
  ["NaN and Infinity are no values", /NaN|Infinity|isInf|isFinite|0\.0 ?\/ ?0\.0/],
  ["the quotient of two numbers is exact", /[\dn]\)? *\/ *[-(\d]/],
  ["bits are not offered", /math\.bit/],
  ["ofNonZeroValue and optional entries are not offered", /ofNonZeroValue|[[{,] ?\?/],
  ["unlike kinds are neither equal nor unequal", /are never equal/],
  ["a map has keys of text", /\{(?:null|true|\d+(?:\.\d+)?): ?\S|a map's keys are text/],
  [
    "whole and broken numbers are compared exactly",
    /9223372036854775807.*9223372036854775808\.0|9223372036854775808\.0.*9223372036854775807/,
  ],
  ["bytes have no order", /[<>]=? b'|dyn [<>] bytes/],
  ["a number begins with a digit", /^\.99/],
  [
    "math.ceil, floor, round and trunc take whole numbers too",
    /math\.(?:ceil|floor|round|trunc)\(dyn\(1\)\)/,
  ],
  ["has() asks for a member of a name", /has\([{o]/],
  ["a member of a literal is known not to be there before it is asked for", /Cannot index type/],
  ["a missing member of nothing is nothing", /\.invalid\b|\.absent\b/],
  ["times have milliseconds", /\.9{9}Z|nanos/],
  ["the smallest whole number is one", /^int\(-9223372036854775808\.0\)/],
  ["times and durations reach farther", /(?:0000|0001|9999)-\d\d-\d\d|\d{12}s'/],
  ["names with a point are members, and there are no quoted names", /^a\.b\.c →|`/],
  ["a function that there is none of is refused before anything runs", /f_unknown|^a\.\w+\(\) \|\| true →/],
  ["a condition of another kind is refused before anything runs", /32|'horses'|'cows'/],
  ["duration() takes text", /duration\(duration/],
  ["bytes are written in ASCII", /b'ÿ'|\\xff/],
  ["a negation has 64 bits as its number has", /^-\(-\d+\)/],
  ["an empty list literal has no items to go over", /^\[\]\.all/],
  ["a time is read by its parts, a duration by its quotient", /^x\.getMilliseconds/],
];

beforeAll(() => loadEngines("regex .json("));

function* casesOf(suite: Suite): Generator<Case> {
  for (const { original } of suite.tests) yield original;
  for (const inner of suite.suites) yield* casesOf(inner);
}

const suites = getConformanceSuite().suites.filter(({ name }) => offered.includes(name));
const met = new Set<string>();

describe("a published case passes, or a departure says why not", () => {
  test.each(suites.map((suite) => [suite.name, suite] as const))("%s", (_name, suite) => {
    const unexplained: string[] = [];
    for (const { expr, resultMatcher, bindings } of casesOf(suite)) {
      const said = wrong(expr, resultMatcher, bindings);
      if (said === undefined) continue;
      const reason = departures.find(([, concerns]) => concerns.test(`${expr} → ${said}`))?.[0];
      if (reason === undefined) unexplained.push(`${expr}: ${said}`);
      else met.add(reason);
    }
    expect(unexplained).toEqual([]);
  });

  test("no departure is listed that no case shows", () => {
    expect(departures.map(([reason]) => reason).filter((reason) => !met.has(reason))).toEqual([]);
  });
});

/** What is wrong with what came of it; undefined when it is as published. */
function wrong(expr: string, wanted: Case["resultMatcher"], bindings: Case["bindings"]): string | undefined {
  const names = Object.fromEntries(
    Object.entries(bindings).map(([name, { kind }]) => [
      name,
      kind.case === "value" ? published(kind.value) : undefined,
    ]),
  );
  const compiled = compile(expr);
  const result = compiled.ok ? compiled.value.evaluate(names) : compiled;
  if (wanted.case === "evalError") return result.ok ? "an error is published" : undefined;
  if (!result.ok) return result.failure.message;
  const value = wanted.case === "value" ? published(wanted.value) : true;
  const [got, right] = [plain(result.value), plain(value)].map((one) => JSON.stringify(one));
  return got === right ? undefined : `${got} is not ${right}`;
}

type Value = Extract<Case["resultMatcher"], { case: "value" }>["value"];

function published({ kind }: Value): unknown {
  if (kind.case === "listValue") return kind.value.values.map(published);
  if (kind.case === "mapValue")
    return new Map(
      kind.value.entries.map(({ key, value }) => [
        key === undefined ? "" : published(key),
        value === undefined ? null : published(value),
      ]),
    );
  return kind.case === "nullValue" ? null : kind.value;
}

/** In one form, whatever the two sides write a value as. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return `int ${value}`;
  if (typeof value === "number") return `double ${Object.is(value, -0) ? "-0" : value}`;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const ms = durationMs(value);
  if (ms !== undefined) return `${ms} ms`;
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  const named = entries.map(([key, item]): [string, unknown] => [String(key), plain(item)]);
  return Object.fromEntries(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
