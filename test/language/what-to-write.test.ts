import { expect, test } from "vitest";
import { compile } from "../../src/language/expression.ts";
import { linted } from "../runbook/lint.ts";

// A message says what to write instead.

test.each([
  ["now - row.t < 10m", "10m", "10m is no value of an expression", 'Write duration("10m").'],
  ["age < 500ms && b", "500ms", "500ms is no value of an expression", 'Write duration("500ms").'],
  ["age < 2d", "2d", "2d is no value of an expression", 'Write duration("48h").'],
  [
    String.raw`body.matches("a\.b")`,
    "\\.",
    String.raw`\. is no escape in a text`,
    String.raw`Write r'…' for a pattern, or \\. for the backslash itself.`,
  ],
])("%s", (text, at, message, hint) => {
  const compiled = compile(text);
  if (compiled.ok) throw new Error("it was read");
  const { span } = compiled.failure;
  expect([compiled.failure.message, compiled.failure.hint]).toEqual([message, hint]);
  expect(text.slice(span.start, span.end)).toBe(at);
});

test("what may be missing is not compared as it is", async () => {
  const text = "runbook: r\nsteps:\n  - http.get: http://localhost/\n    expect: json.list.first() < 3\n";
  expect(await linted(text)).toContain("Write .value(), or .orValue(…) with what to use instead.");
});

test("one alone where a list is wanted is shown as a list", async () => {
  expect(await linted("runbook: r\nsteps: [{ kafka.lag: orders-worker }]\n")).toContain(
    "kafka.lag must be a list, and is not one\n  2 | steps: [{ kafka.lag: orders-worker }]\n    |                      ^^^^^^^^^^^^^\n  Write [orders-worker].",
  );
});
