import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { diagnosticText } from "../../src/language/diagnostic.ts";
import { loadSource } from "../../src/runbook/load.ts";
import { loading } from "./lint.ts";

const valid = readFileSync(new URL("golden/everything.yaml", import.meta.url), "utf8").replace(
  /^ {2}- include[\s\S]*?\n\n/m,
  "\n",
);

/** Reads a text as a runbook; whatever it is, an answer comes back and every place lies inside the text. */
async function holds(text: string): Promise<boolean> {
  const loaded = await loadSource({ path: "r.yaml", text }, loading);
  if (loaded.ok) return true;
  const { failure } = loaded;
  if (failure.type === "unreadable") throw new Error("there was a text to read");
  expect(failure.diagnostics.length).toBeGreaterThan(0);
  for (const diagnostic of failure.diagnostics) {
    for (const { start, end } of [diagnostic.span, ...(diagnostic.related ?? []).map((one) => one.span)]) {
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeGreaterThanOrEqual(start);
      expect(end).toBeLessThanOrEqual(text.length);
    }
    expect(diagnosticText(diagnostic)).toMatch(/^r\.yaml:\d+:\d+: \S/);
  }
  return false;
}

test("the runbook that is changed below is right", async () => {
  expect(await holds(valid)).toBe(true);
});

test("any text is answered", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: "binary" }), fc.json()), async (text) => {
      await holds(text);
    }),
    { numRuns: 100 },
  );
});

test("a right runbook with pieces cut out, put in twice, or replaced is answered", async () => {
  const piece = fc.constantFrom(
    "",
    ":",
    "- ",
    "\n",
    "  ",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    "${",
    "}",
    "|",
    "&a ",
    "*a",
    "null",
    "5",
    "-1s",
    "true",
    "steps.",
    "id: ping\n",
    "<<",
    "!x ",
    "#",
    "\t",
  );
  const at = fc.nat({ max: valid.length });
  const change = fc.record({ at, length: fc.nat({ max: 40 }), piece, again: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      const text = changes.reduce((now, { at: from, length, piece: put, again }) => {
        const cut = now.slice(from, from + length);
        return now.slice(0, from) + put + (again ? cut + cut : "") + now.slice(from + length);
      }, valid);
      await holds(text);
    }),
    { numRuns: 100 },
  );
});

test("a right runbook with a value replaced by one of another type is answered", async () => {
  const lines = valid.split("\n");
  const value = fc.constantFrom(
    "5",
    "-0.5",
    "null",
    "[]",
    "[[a]]",
    "{}",
    "{ a: b }",
    "~",
    "''",
    "1e400",
    "0x1F",
    "2026-01-31",
    "99999999999999999999",
    '"${"',
    "${a.b}",
    "1s",
    "a b",
    "*x",
    "|\n      long",
  );
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: lines.length - 1 }), value, async (index, other) => {
      const changed = lines.with(index, (lines[index] ?? "").replace(/: .*$|:$/, `: ${other}`));
      await holds(changed.join("\n"));
    }),
    { numRuns: 100 },
  );
});
