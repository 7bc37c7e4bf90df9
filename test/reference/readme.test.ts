import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventsPage } from "./events-page.ts";
import { expressionsPage } from "./expressions-page.ts";
import { kindsPage } from "./kinds-page.ts";
import { templatesPage } from "./templates-page.ts";
import { fillBlocks, madeParts } from "./blocks.ts";

test("README.md and docs/reference.md say what the code says; npm run reference writes them again", async () => {
  for (const [page, parts] of Object.entries(await madeParts())) {
    const text = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
    expect(text).toBe(fillBlocks(text, parts));
  }
});

test("README.md is read in five minutes: at most 150 lines", () => {
  const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
});

test("docs/events.md says what the code says; npm run reference writes it anew", () => {
  const text = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
  expect(text).toBe(eventsPage());
});

test("docs/expressions.md says what the code says; npm run reference writes it anew", () => {
  const text = readFileSync(new URL("../../docs/expressions.md", import.meta.url), "utf8");
  expect(text).toBe(expressionsPage());
});

test("docs/kinds.md says what the code says; npm run reference writes it anew", () => {
  const text = readFileSync(new URL("../../docs/kinds.md", import.meta.url), "utf8");
  expect(text).toBe(kindsPage());
});

test("docs/templates.md says what the code says; npm run reference writes it anew", () => {
  const text = readFileSync(new URL("../../docs/templates.md", import.meta.url), "utf8");
  expect(text).toBe(templatesPage());
});

test("README.md shows the commands that a new user types", () => {
  const text = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const { scripts } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    scripts: Record<string, string>;
  };
  const named = [...text.matchAll(/npm (?:run )?([\w:]+)/g)].map(([, name]) => name ?? "");
  expect(named).toContain("demo");
  const own = ["test", "ci", "link", "and"];
  expect(named.filter((name) => !own.includes(name) && !Object.hasOwn(scripts, name))).toEqual([]);
});
