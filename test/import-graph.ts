import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

/** Every file of a source tree, and the files that it imports: types and dynamic imports too. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** The graph of `src/`; paths are relative to it. */
export function sourceGraph(): ImportGraph {
  const source = fileURLToPath(new URL("../src/", import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .toSorted((a, b) => (a < b ? -1 : 1));
  return graphOf(new Map(files.map((file) => [file, readFileSync(`${source}${file}`, "utf8")])));
}

/** @param texts of the files by path, with `/` between folders */
export function graphOf(texts: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...texts].map(([file, text]) => {
      const named = [...text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, name = ""]) =>
        posix.join(posix.dirname(file), name),
      );
      return [file, [...new Set(named)]];
    }),
  );
}

/** Groups of files that can each be reached from every other of the group, sorted. */
export function circlesOf(graph: ImportGraph): readonly (readonly string[])[] {
  const reach = new Map([...graph.keys()].map((file) => [file, reachable(graph, file)]));
  const circles = new Map<string, readonly string[]>();
  for (const [file, others] of reach) {
    if (!others.has(file)) continue;
    const circle = [...others].filter((other) => reach.get(other)?.has(file) === true);
    const sorted = circle.toSorted((a, b) => (a < b ? -1 : 1));
    circles.set(sorted.join(" "), sorted);
  }
  return [...circles.values()];
}

function reachable(graph: ImportGraph, from: string): ReadonlySet<string> {
  const found = new Set<string>();
  const todo = [...(graph.get(from) ?? [])];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    todo.push(...(graph.get(file) ?? []));
  }
  return found;
}
