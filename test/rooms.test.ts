import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { circlesOf, graphOf, sourceGraph, type ImportGraph } from "./import-graph.ts";

// The rooms of src/, the lowest first: a file imports from its own room and from those before it, types and
// dynamic imports included. docs/architecture.md says what each is for.
const rooms = [
  "base",
  "ssh",
  "secrets",
  "ports",
  "language",
  "platform",
  "kinds",
  "runbook",
  "plan",
  "approval",
  "events",
  "store",
  "run",
  "incident",
  "evidence",
  "drivers",
  "trading",
  "output",
  "app/context",
  "app/wiring",
  ["app/snapshot", "app/approval", "app/incident"],
  ["app/run", "app/halt"],
  "app/explain",
  "app/lint",
  "app/init",
  "cli",
] as const;

const floors: ReadonlyMap<string, number> = new Map(
  rooms.flatMap((room, floor) => [room].flat().map((name) => [name, floor] as const)),
);

/** The room of a file, or undefined where it lies in none. */
function roomOf(file: string): string | undefined {
  const [first = "", second = ""] = file.split("/");
  return [first, `${first}/${second}`].find((name) => floors.has(name));
}

function upwardIn(graph: ImportGraph): readonly string[] {
  return [...graph].flatMap(([file, imports]) =>
    imports.filter((other) => goesUp(file, other)).map((other) => `${file} imports ${other}`),
  );
}

function goesUp(file: string, other: string): boolean {
  const [own, its] = [roomOf(file), roomOf(other)];
  if (own === undefined || its === undefined) return true;
  const [from = 0, to = 0] = [floors.get(own), floors.get(its)];
  // Rooms of one floor stand side by side: neither knows the other.
  return to > from || (to === from && own !== its);
}

const graph = sourceGraph();

test("every file lies in a room, and every import is one of the tree's files", () => {
  expect([...graph.keys()].filter((file) => roomOf(file) === undefined)).toEqual([]);
  expect([...graph.values()].flat().filter((file) => file.endsWith(".ts") && !graph.has(file))).toEqual([]);
  expect(graph.size).toBeGreaterThan(400);
});

test("every room has files: one that is gone leaves the list", () => {
  const lived = new Set([...graph.keys()].map(roomOf));
  expect([...floors.keys()].filter((room) => !lived.has(room))).toEqual([]);
});

test("docs/architecture.md has the same rooms in the same order", () => {
  const page = readFileSync(new URL("../docs/architecture.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| (`src\/.*?`) \|/gm)].map(([, cell = ""]) =>
    [...cell.matchAll(/`src\/([\w/]+)\/`/g)].map(([, room = ""]) => room),
  );
  expect(rows).toEqual(rooms.map((room) => [room].flat()));
});

test("no import goes up", () => {
  expect(upwardIn(graph)).toEqual([]);
});

test("what runs a service is known to drivers, to the platform file and to what wires them alone", () => {
  const knows = [...graph.keys()].filter((file) =>
    /compose|systemd/i.test(readFileSync(new URL(`../src/${file}`, import.meta.url), "utf8")),
  );
  expect(knows.filter((file) => !/^(?:drivers|platform|app\/wiring)\//.test(file))).toEqual([]);
});

test("no file can be reached from itself by imports", () => {
  expect(circlesOf(graph)).toEqual([]);
});

test.each([
  ["a value", 'import { a } from "../kinds/kind.ts";'],
  ["a type", 'import type { A } from "../kinds/kind.ts";'],
  ["several lines", 'import {\n  a,\n  type B,\n} from "../kinds/kind.ts";'],
  ["what is handed on", 'export { a } from "../kinds/kind.ts";'],
  ["an effect", 'import "../kinds/kind.ts";'],
  ["a dynamic import", 'const { a } = await import("../kinds/kind.ts");'],
  ["the type of a dynamic import", 'type A = import("../kinds/kind.ts").A;'],
])("%s that goes up is found", (_what, text) => {
  const made = graphOf(new Map([["base/x.ts", text]]));
  expect(upwardIn(made)).toEqual(["base/x.ts imports kinds/kind.ts"]);
});

test("rooms side by side do not know each other, and a file outside every room knows nothing", () => {
  const texts = new Map([
    ["app/run/x.ts", 'import { a } from "../halt/y.ts";\nimport { b } from "../snapshot/y.ts";'],
    ["other/x.ts", 'import { a } from "../base/y.ts";'],
  ]);
  expect(upwardIn(graphOf(texts))).toEqual([
    "app/run/x.ts imports app/halt/y.ts",
    "other/x.ts imports base/y.ts",
  ]);
});

test("a circle through a type is found", () => {
  const texts = new Map([
    ["run/a.ts", 'import type { B } from "./b.ts";'],
    ["run/b.ts", 'import { c } from "./c.ts";'],
    ["run/c.ts", 'const a = await import("./a.ts");'],
    ["run/d.ts", 'import { a } from "./a.ts";'],
  ]);
  expect(circlesOf(graphOf(texts))).toEqual([["run/a.ts", "run/b.ts", "run/c.ts"]]);
});
