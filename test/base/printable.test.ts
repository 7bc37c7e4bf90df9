import fc from "fast-check";
import { expect, test } from "vitest";
import { printable, printableJson, printableStyled } from "../../src/base/printable.ts";
import { nasty } from "./nasty.ts";

test("an escape sequence cannot reach the terminal", () => {
  expect(printable("\u001b[2Jgone\u0007\u009b31m\u007f")).toBe("␛[2Jgone␇\\u{9b}31m␡");
});

test("letters that turn the direction of a line around are shown, not obeyed", () => {
  expect(printable("a\u202eb\u2066c")).toBe("a\\u{202e}b\\u{2066}c");
});

test("newlines, tabs and every other text stay", () => {
  const text = "zwölf\tμ ‹steps.x› 🚨\n第二行";
  expect(printable(text)).toBe(text);
});

test.each([
  ["zero-width", "a\u200bb\u200dc\ufeffd\u2060e\u00adf", "a\\u{200b}b\\u{200d}c\\u{feff}d\\u{2060}e\\u{ad}f"],
  ["line and paragraph separators", "a\u2028b\u2029c", "a\\u{2028}b\\u{2029}c"],
  ["half a character", "a\ud800b", "a\\u{d800}b"],
  ["a tag", "a\u{e0041}b", "a\\u{e0041}b"],
  ["a filler", "a\u3164b", "a\\u{3164}b"],
])("faults 0.10: %s is shown by its number", (_name, text, wanted) => {
  expect(printable(text)).toBe(wanted);
});

test("faults 0.10: an emoji keeps what makes it one", () => {
  expect(printable("⚠️ ok")).toBe("⚠️ ok");
});

// oxlint-disable-next-line no-control-regex -- it is what it is about
const steering = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

test("faults 0.10: of any text nothing steers a terminal, and it is the same the second time", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(printable(text)).not.toMatch(steering);
      expect(printable(printable(text))).toBe(printable(text));
    }),
  );
});

test("faults 0.10: beside our own styling nothing of a text is a sequence; concealing is not ours", () => {
  fc.assert(
    fc.property(nasty, nasty, (before, after) => {
      const text = `${before}\u001b[1m\u001b[38;5;12m${after}\u001b[39m\u001b[22m`;
      // oxlint-disable-next-line no-control-regex -- it is what it is about
      expect(printableStyled(text).replaceAll(/\u001b\[[0-9;]*m/g, "")).not.toMatch(steering);
    }),
  );
  expect(printableStyled("\u001b[8mhidden\u001b[0m")).toBe("␛[8mhidden\u001b[0m");
  expect(printableStyled("\u001b[1;8mhidden")).toBe("␛[1;8mhidden");
});

test("faults 0.10: JSON stays the same value", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const json = printableJson(JSON.stringify({ [text]: text }));
      expect(json).not.toMatch(steering);
      expect(JSON.parse(json)).toEqual({ [text]: text });
    }),
  );
});
