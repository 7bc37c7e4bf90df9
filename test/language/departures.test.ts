import { describe, expect, test } from "vitest";
import { celDuration, check, compile, durationMs } from "../../src/language/expression.ts";

type Names = Readonly<Record<string, unknown>>;

function evaluated(text: string, names: Names = {}): unknown {
  const compiled = compile(text);
  if (!compiled.ok) throw new Error(`${text}: ${compiled.failure.message}`);
  const result = compiled.value.evaluate(names);
  return result.ok ? (durationMs(result.value) ?? result.value) : `! ${result.failure.message}`;
}

describe("numbers", () => {
  test.each<[string, Names, unknown]>([
    ["errors / total < 0.01", { errors: 3n, total: 100n }, false],
    ["1 / 2", {}, 0.5],
    ["int(7 / 2)", {}, 3n],
    ["a / b", { a: 1.5, b: 2n }, 0.75],
    ["a / 0", { a: 1n }, "! division by zero"],
    ["a / 0.0", { a: 1.5 }, "! division by zero"],
    ["7 % 4", {}, 3n],
    ["duration('1m') / duration('10s')", {}, 6],
    ["age / 2", { age: celDuration(3000) }, 1500],
    ["2 * age + age * 0.5", { age: celDuration(1000) }, 2500],
    ["double('1.5')", {}, 1.5],
    ["double('NaN')", {}, '! "NaN" is no number'],
    ["double('Infinity') > 1.0", {}, '! "Infinity" is no number'],
    ["double('')", {}, '! "" is no number'],
    ["9007199254740993 == 9007199254740992.0", {}, false],
  ])("faults 2: %s", (text, names, value) => {
    expect(evaluated(text, names)).toEqual(value);
  });
});

describe("equal", () => {
  test.each<[string, Names, unknown]>([
    ["a != true", { a: "true" }, '! text and true or false are never equal: "true", true'],
    ["a == '200'", { a: 200n }, '! a number and text are never equal: 200, "200"'],
    ["!(a == '200')", { a: 200n }, '! a number and text are never equal: 200, "200"'],
    [
      "a == b",
      { a: new Date(0), b: "1970-01-01T00:00:00Z" },
      '! a time and text are never equal: a time, "1970-01-01T00:00:00Z"',
    ],
    ["a == null", { a: "x" }, false],
    ["a != null", { a: null }, false],
    ["a == b", { a: [1n, 2n], b: [1n, 2] }, true],
    ["a == []", { a: [] }, true],
    ["a == []", { a: ["x"] }, false],
    ["a == b", { a: [1n], b: ["1"] }, '! a number and text are never equal: 1, "1"'],
    ["a == b", { a: { x: 1n, y: "b" }, b: { y: "b", x: 1 } }, true],
    ["a == b", { a: { x: 1n }, b: { y: 1n } }, false],
    ["a == duration('1s')", { a: celDuration(1000) }, true],
    ["a == timestamp('1970-01-01T00:00:00Z')", { a: new Date(0) }, true],
    ["a in ['1', '2']", { a: 1n }, '! a number and text are never equal: 1, "1"'],
    ["a in [1, '1']", { a: "1" }, true],
    ["a in []", { a: 1n }, false],
    ["a in b", { a: "x", b: { x: 1n } }, true],
    ["a in b", { a: 1n, b: { x: 1n } }, "! a map's keys are text, and this is a number"],
    ["a in b", { a: "x", b: "xyz" }, "! in looks into a list or a map, and this is text"],
    ["[1, 2].exists(x, x == a)", { a: "2" }, '! a number and text are never equal: 1, "2"'],
    [
      "rows.filter(r, r.state != 'ok').size() / rows.size()",
      { rows: [{ state: "ok" }, { state: "bad" }] },
      0.5,
    ],
  ])("faults 2: %s", (text, names, value) => {
    expect(evaluated(text, names)).toEqual(value);
  });

  test.each([
    ["status != 'ok'", "a number is compared with text"],
    ["at == '2026-01-31T00:00:00Z'", "a time is compared with text"],
    ["[status].exists(x, x == 'a')", "a number is compared with text"],
  ])("where the types are known it is an error of the text: %s", (text, message) => {
    const compiled = compile(text);
    if (!compiled.ok) throw new Error(compiled.failure.message);
    expect(check(compiled.value, { status: "int", at: "google.protobuf.Timestamp" })?.message).toBe(message);
  });
});

describe("has", () => {
  test.each<[string, Names, boolean]>([
    ["has(steps.a.json.total)", { steps: {} }, false],
    ["has(steps.a.json.total)", { steps: { a: {} } }, false],
    ["has(steps.a.json.total)", { steps: { a: { json: {} } } }, false],
    ["has(steps.a.json.total)", { steps: { a: { json: null } } }, false],
    ["has(steps.a.json.total)", { steps: { a: { json: { total: 0n } } } }, true],
    ["has(steps.a.json.total) && steps.a.json.total > 1", { steps: {} }, false],
  ])("faults 2: %s (case %#)", (text, names, value) => {
    expect(evaluated(text, names)).toBe(value);
  });
});

describe("times", () => {
  const at = (iso: string): Date => new Date(iso);

  test.each([
    ["2026-01-31T23:59:59Z", "2026-01-31T23:59:59.000Z"],
    ["2026-01-31t23:59:59+05:30", "2026-01-31T18:29:59.000Z"],
    ["2026-01-31T23:59:59.123456789-01:00", "2026-02-01T00:59:59.123Z"],
  ])("faults 2: timestamp('%s')", (text, iso) => {
    expect(evaluated(`timestamp('${text}')`)).toEqual(at(iso));
    expect(evaluated("timestamp(a)", { a: text })).toEqual(at(iso));
  });

  test.each([
    "2026-01-31T23:59:59",
    "2026-01-31 23:59",
    "2026-01-31",
    "January 31, 2026 10:00 UTC",
    "2026-02-30T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-31T24:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-01-31T00:00:00+24:00",
    "2026-01-31T00:00:00+0100",
    "2026-01-31T00:00:00\u221201:00",
    "1769900399000",
    "",
  ])("faults 2: timestamp('%s') depends on where it is read, or is no time", (text) => {
    expect(evaluated("timestamp(a)", { a: text })).toBe(
      `! timestamp() takes a time such as 2026-01-31T23:59:59Z, and this is ${JSON.stringify(text)}`,
    );
    const compiled = compile(`timestamp('${text}') < now`);
    if (!compiled.ok) throw new Error(compiled.failure.message);
    const problem = check(compiled.value, { now: "google.protobuf.Timestamp" });
    expect([problem?.message, problem?.hint]).toEqual([
      `timestamp() takes a time such as 2026-01-31T23:59:59Z, and this is ${JSON.stringify(text)}`,
      "Write the zone: Z, or +01:00.",
    ]);
  });

  test.each([
    ["timestamp('2026-03-08T10:30:00Z').getHours('UTC')", 10n],
    // The machine's own zone may have no such hour: New York sprang from 2:00 to 3:00 that day.
    ["timestamp('2026-03-08T02:30:00Z').getHours('UTC')", 2n],
    ["timestamp('2026-07-01T12:00:00Z').getHours('Europe/London')", 13n],
    ["timestamp('2026-07-01T23:30:00Z').getDayOfWeek('Europe/London')", 4n],
    ["timestamp('2026-07-01T23:30:00Z').getDate('+05:30')", 2n],
    ["timestamp('2026-01-01T00:30:00Z').getFullYear('America/New_York')", 2025n],
    ["timestamp('2026-01-01T00:30:00Z').getDayOfYear('America/New_York')", 364n],
    ["timestamp('2026-12-31T12:00:00Z').getMonth('-08:00')", 11n],
    ["timestamp('2026-12-31T12:34:56.789Z').getMilliseconds('UTC')", 789n],
    ["timestamp('2026-12-31T12:34:56Z').getMinutes('Asia/Kolkata')", 4n],
    [
      "timestamp('2026-07-01T12:00:00Z').getHours('Nowhere/At_All')",
      '! no time zone is named "Nowhere/At_All"',
    ],
    ["timestamp('2026-07-01T12:00:00Z').getHours('+24:00')", '! no time zone is named "+24:00"'],
    ["timestamp('2026-07-01T12:00:00Z').getMinutes('-01:60')", '! no time zone is named "-01:60"'],
    ["timestamp('2026-07-01T12:00:00Z').getHours('+5:30')", '! no time zone is named "+5:30"'],
    ["timestamp('2026-07-01T12:00:00Z').getHours('-23:59')", 12n],
    ["timestamp('2026-07-01T12:00:00Z').getHours()", 12n],
  ])("faults 2: %s", (text, value) => {
    expect(evaluated(text)).toEqual(value);
  });
});

test.each([
  ["json.queue-size < 100", "json.queue-… is a subtraction", 'json["queue-size"]'],
  ["a.b.c-d == 1", "a.b.c-… is a subtraction", 'a.b["c-d"]'],
])("faults 2: %s is refused, for it reads a field less another one", (text, message, write) => {
  const compiled = compile(text);
  if (!compiled.ok) throw new Error(compiled.failure.message);
  const problem = check(compiled.value, { json: "dyn", a: "dyn", size: "dyn", d: "dyn" });
  expect([problem?.message, problem?.hint]).toEqual([
    message,
    `For the field write ${write}; for the subtraction put blanks around -.`,
  ]);
});

test.each(["json.queue - size < 100", "size-d > 1", "json.queue-1 > 0"])(
  "%s is the subtraction it looks like",
  (text) => {
    const compiled = compile(text);
    if (!compiled.ok) throw new Error(compiled.failure.message);
    expect(check(compiled.value, { json: "dyn", size: "int", d: "int" })).toBeUndefined();
  },
);
