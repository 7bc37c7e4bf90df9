import fc from "fast-check";
import { expect, test } from "vitest";
import { wordToType } from "../../src/base/typed-word.ts";
import { nasty } from "./nasty.ts";

const digest = "3fa92c71".repeat(8);

test.each(["market", "HALT", "17", "lav:regime:hold", "NYSE LSE", "127.0.0.1:8080", "Zürich"])(
  "faults 0.10: %s is typed as it is",
  (name) => expect(wordToType(name, name, digest)).toBe(name),
);

test.each([
  ["nothing: Enter alone is no consent", ""],
  ["a blank", " "],
  ["a blank at an end", "market "],
  ["two blanks", "NYSE  LSE"],
  ["two lines", "one\ntwo"],
  ["a tab", "one\ttwo"],
  ["a sequence", "\u001b]52;c;eA==\u0007"],
  ["a letter nobody sees", "mark\u200bet"],
  ["a mark on its own", "e\u0301t"],
  ["more than anybody types", "x".repeat(61)],
])("faults 0.10: %s cannot be typed, the digest's beginning stands for it", (_name, name) => {
  expect(wordToType(name, name, digest)).toBe("3fa92c71");
});

test("faults 0.10: a secret is never the word", () => {
  expect(wordToType("t-0123456789", "‹secret:known:aa›", digest)).toBe("3fa92c71");
});

test("faults 0.10: whatever the name, the word can be typed, and trimming does not change it", () => {
  fc.assert(
    fc.property(nasty, (name) => {
      const word = wordToType(name, name, digest);
      expect(word).toMatch(/^[^\s\p{C}]+( [^\s\p{C}]+)*$/u);
    }),
  );
});
