import { expect, test } from "vitest";
import { didYouMean, nearest } from "../../src/base/suggest.ts";

test.each([
  ["expct", "expect"],
  ["Expect", "expect"],
  ["tmeout", "timeout"],
  ["timout", "timeout"],
  ["titel", "title"],
  ["tilte", "title"],
])("%s was probably %s", (word, meant) => {
  expect(nearest(word, ["title", "timeout", "expect"])).toBe(meant);
});

test("nothing near is said to be near", () => {
  expect(nearest("zzz", ["title", "timeout"])).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
  expect(didYouMean("zzz", ["title"])).toBe("");
});

test("of two that are near the nearer one is suggested", () => {
  expect(didYouMean("market-sentinal", ["market-sentinels", "market-sentinel"])).toBe(
    " (did you mean market-sentinel?)",
  );
});

test("a word that was not typed to its end is the shortest that it begins", () => {
  expect(didYouMean("halt", ["resume", "halt-everything", "halt-all"])).toBe(" (did you mean halt-all?)");
  expect(nearest("ha", ["halt-all"])).toBeUndefined();
});

test("of a family the names after the dot are compared", () => {
  const kinds = ["service.logs", "service.restart", "redis.get"];
  expect(nearest("service.restrat", kinds)).toBe("service.restart");
  expect(nearest("servise.logs", kinds)).toBe("service.logs");
  expect(nearest("service.reload", kinds)).toBeUndefined();
});
