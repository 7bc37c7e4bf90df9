import { expect, test } from "vitest";
import { printable } from "../../src/base/printable.ts";

test("an escape sequence cannot reach the terminal", () => {
  expect(printable("\u001b[2Jgone\u0007\u009b31m\u007f")).toBe("␛[2Jgone␇�31m␡");
});

test("letters that turn the direction of a line around are shown, not obeyed", () => {
  expect(printable("a\u202eb\u2066c")).toBe("a�b�c");
});

test("newlines, tabs and every other text stay", () => {
  const text = "zwölf\tμ ‹steps.x› 🚨\n第二行";
  expect(printable(text)).toBe(text);
});
