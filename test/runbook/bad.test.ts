import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { linted } from "./lint.ts";

// Each bad file stands beside what lint says of it, to the character.
const folder = new URL("bad/", import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.replace(/\.yaml$/, ""));

test.each(names)("%s", async (name) => {
  const text = readFileSync(new URL(`${name}.yaml`, folder), "utf8");
  const said = readFileSync(new URL(`${name}.txt`, folder), "utf8");
  expect(`${await linted(text)}\n`).toBe(said);
});

test("every text beside a file has its file", () => {
  const texts = readdirSync(folder).filter((file) => file.endsWith(".txt"));
  expect(texts.map((file) => file.replace(/\.txt$/, "")).toSorted()).toEqual(names.toSorted());
});
