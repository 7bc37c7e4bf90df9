import { expect, it } from "vitest";
import { choose, type Part } from "../../tools/matrix-plan.ts";

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
