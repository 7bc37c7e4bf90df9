import { expect, test } from "vitest";
import { diagnosticText, place } from "../../src/language/diagnostic.ts";
import { lineText, positionOf, type Source } from "../../src/language/source.ts";

const source: Source = { path: "a.yaml", text: "one: 1\r\ntwo:\tx\n\nlast" };
const span = (start: number, end: number): { start: number; end: number } => ({ start, end });

test("a frame points at the place, keeps tabs one wide, and ends with the hint", () => {
  expect(diagnosticText({ message: "wrong", source, span: span(13, 14), hint: "Do it right." })).toBe(
    "a.yaml:2:6: wrong\n  2 | two: x\n    |      ^\n  Do it right.",
  );
});

test("a name that begins with a space is seen to", () => {
  expect(diagnosticText({ message: " ! is not a key", source, span: span(0, 3) })).toMatch(
    /^a\.yaml:1:1: ␣! is not a key\n/,
  );
});

test("other places that belong to it come with their frames", () => {
  const related = [{ message: "the first one", span: span(0, 3) }];
  expect(diagnosticText({ message: "twice", source, span: span(8, 11), related })).toBe(
    "a.yaml:2:1: twice\n  2 | two: x\n    | ^^^\na.yaml:1:1: the first one\n  1 | one: 1\n    | ^^^",
  );
});

test("at the end of the file, and in an empty one, a caret still stands", () => {
  expect(diagnosticText({ message: "m", source, span: span(20, 20) })).toBe(
    "a.yaml:4:5: m\n  4 | last\n    |     ^",
  );
  expect(diagnosticText({ message: "m", source: { path: "e", text: "" }, span: span(0, 1) })).toBe(
    "e:1:1: m\n  1 | \n    | ^",
  );
});

test("a long line is cut around the place, a span over several lines at the end of its first", () => {
  const text = `${"a".repeat(500)}HERE${"b".repeat(500)}\nnext`;
  const [, line = "", caret = ""] = diagnosticText({
    message: "m",
    source: { path: "l", text },
    span: span(500, 504),
  }).split("\n");
  expect(line.length).toBeLessThan(160);
  expect(line.slice(caret.indexOf("^"), caret.lastIndexOf("^") + 1)).toBe("HERE");
  const wide = diagnosticText({ message: "m", source, span: span(0, 20) });
  expect(wide).toBe("a.yaml:1:1: m\n  1 | one: 1\n    | ^^^^^^");
});

test("nothing in a file can reach the terminal as a command, or as a password", () => {
  const text = "a: \u001b[2J postgres://u:hunter2@h/x";
  const said = diagnosticText({
    message: "it is \u001b[31mred\nand two lines",
    source: { path: "a", text },
    span: span(3, 4),
  });
  expect(said).toBe(
    "a:1:4: it is ␛[31mred⏎and two lines\n  1 | a: ␛[2J postgres://u:•••••••@h/x\n    |    ^",
  );
});

test("a message of any length is cut", () => {
  expect(diagnosticText({ message: "k".repeat(100_000), source, span: span(0, 1) }).length).toBeLessThan(700);
});

test("places are right at every offset, and quick in a long file", () => {
  for (let offset = 0; offset <= source.text.length; offset++) {
    const before = source.text.slice(0, offset).split("\n");
    expect(positionOf(source, offset)).toEqual({
      line: before.length,
      column: (before.at(-1)?.length ?? 0) + 1,
    });
  }
  expect(lineText(source, 1)).toBe("one: 1");
  expect(lineText(source, 3)).toBe("");
  const long: Source = { path: "l", text: "a: 1\n".repeat(50_000) };
  for (let count = 0; count < 20_000; count++) positionOf(long, 249_990);
  expect(place(long, span(249_996, 249_997))).toBe("l:50000:2");
});
