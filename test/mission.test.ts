import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";

// test/mission.md quotes the lines of the document that this project carries out, each with what carries it. A section
// is added as another heading with its digest and its quotes.

const root = new URL("..", import.meta.url);
const page = readFileSync(new URL("mission.md", import.meta.url), "utf8");

interface Quoted {
  readonly line: string;
  readonly carriedBy: readonly string[];
}

interface Section {
  readonly name: string;
  readonly lines: number;
  readonly sha256: string;
  readonly quotes: readonly Quoted[];
}

function sections(): readonly Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [, lines = "", sha256 = ""] = /^SHA-256 of its (\d+) lines: `([0-9a-f]{64})`$/m.exec(text) ?? [];
      const quotes = text
        .split(/^- /m)
        .slice(1)
        .map((item) => ({
          line: /^`` (.*) ``$/m.exec(item)?.[1] ?? "",
          carriedBy: [...item.matchAll(/^ {2}- `(.+)`$/gm)].map(([, by = ""]) => by),
        }));
      return { name: text.split("\n")[0] ?? "", lines: Number(lines), sha256, quotes };
    });
}

/** Why a reference leads nowhere; undefined where it leads somewhere. */
function missing(reference: string): string | undefined {
  const at = reference.indexOf("#");
  const [path, what] = at === -1 ? [reference, undefined] : [reference.slice(0, at), reference.slice(at + 1)];
  const file = new URL(path, root);
  if (!existsSync(file)) return `${reference}: there is no such file`;
  if (what === undefined) return undefined;
  const there = path.endsWith(".yaml")
    ? inYaml(treeOf(file), what)
    : inText(readFileSync(file, "utf8"), path, what);
  return there ? undefined : `${reference}: it is not there`;
}

const trees = new Map<string, unknown>();

/** A file that many lines refer to is read once. */
function treeOf(file: URL): unknown {
  const known = trees.get(file.href) ?? (parse(readFileSync(file, "utf8")) as unknown);
  trees.set(file.href, known);
  return known;
}

/** A part of a runbook by its name, or a path; of a list by the id of an item. */
function inYaml(tree: unknown, what: string): boolean {
  if (namesIn(tree).includes(what)) return true;
  let here = tree;
  for (const name of what.split(".")) {
    if (Array.isArray(here)) here = here.find((item) => fieldOf(item, "id") === name);
    else here = fieldOf(here, name);
    if (here === undefined) return false;
  }
  return true;
}

/** What a runbook's parts are called, wherever they stand: ids, rungs, titles, and lines of a list. */
function namesIn(tree: unknown): readonly unknown[] {
  if (Array.isArray(tree)) return tree.flatMap((item) => (typeof item === "string" ? [item] : namesIn(item)));
  if (typeof tree !== "object" || tree === null) return [];
  const own = ["id", "rung", "title"].map((name) => fieldOf(tree, name));
  return [...own, ...Object.values(tree).flatMap((value) => namesIn(value))];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** A test by its whole title; in any other file, a text. */
function inText(text: string, path: string, what: string): boolean {
  return path.endsWith(".test.ts") ? text.includes(`"${what}"`) : text.includes(what);
}

test("there is a section for each part of the document", () => {
  expect(sections().map(({ name, lines }) => [name, lines])).toEqual([
    ["Incident Severity Classification", 45],
    ["🎯 Specific Incident Playbooks", 133],
    ["📞 Emergency Contacts & Escalation", 30],
    ["📊 Incident Communication Templates", 35],
    ["🔍 Post-Incident Review Process", 56],
    ["🛡️ Business Continuity Procedures", 41],
  ]);
});

test.each(sections().map((section) => [section.name, section] as const))(
  "%s: its quotes are all of its lines, each carried by something that exists",
  (_name, { lines, sha256, quotes }) => {
    const quoted = quotes.map(({ line }) => line);
    expect(quotes.filter(({ carriedBy }) => carriedBy.length === 0)).toEqual([]);
    expect(quotes.flatMap(({ carriedBy }) => carriedBy.flatMap((by) => missing(by) ?? []))).toEqual([]);
    const digest = createHash("sha256").update(quoted.join("\n")).digest("hex");
    expect([quoted.length, digest]).toEqual([lines, sha256]);
  },
);

test.each([
  ["runbooks/nosuch.yaml", "there is no such file"],
  ["runbooks/p0-response.yaml#nosuch", "it is not there"],
  ["runbooks/platform.yaml#clocks.answered.within.P9", "it is not there"],
  ["runbooks/platform.yaml#severities.P0.triggers.nosuch", "it is not there"],
  ["test/mission.test.ts#a test that there is" + " not", "it is not there"],
])("a reference that leads nowhere is found: %s", (reference, why) => {
  expect(missing(reference)).toBe(`${reference}: ${why}`);
});
