import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { choose, parts, type Part } from "../../tools/matrix-plan.ts";

const part = (name: string, seconds: number): Part => ({ name, args: [], paths: [name], seconds });
const all = [part("long", 300), part("short", 20), part("middling", 100), part("untouched", 1)];
const names = (seconds: number): readonly (readonly string[])[] => {
  const { run, left } = choose(all, ({ name }) => name !== "untouched", seconds);
  return [run.map(({ name }) => name), left.map(({ name }) => name)];
};

it("runs what was touched, and leaves the longest out where the time would not do", () => {
  expect(names(1000)).toEqual([["short", "middling", "long"], []]);
  expect(names(130)).toEqual([["short", "middling"], ["long"]]);
  expect(names(19)).toEqual([[], ["short", "middling", "long"]]);
  expect(names(-5)).toEqual([[], ["short", "middling", "long"]]);
});

it("knows of every file of the matrix how long it takes: each is in one part, by its name", () => {
  const folder = fileURLToPath(new URL("../", import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".matrix.test.ts"))
    .map((path) => `test/${path}`);
  const named = parts.filter(({ args }) => args.includes("matrix")).flatMap(({ args }) => args.slice(2));
  expect(named.toSorted()).toEqual(files.toSorted());
});
