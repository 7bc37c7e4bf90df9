import { resolve } from "node:path";
import type { Problems } from "../language/problems.ts";
import { map, optional, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { keyPlace } from "./place.ts";

const folder = text({ template: "none", instead: "Write the folder out." });

export const filesField = optional(
  map(folder),
  "Folders of this machine by name, below which file.read and file.search read; relative to this file. No link is followed out of them.",
);

/** Absolute folders by name. */
export function fileRootsOf(
  files: Readonly<Record<string, string>>,
  base: string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([name, path]) => [name, resolve(base, path)]));
}

/** A root is the first part of a path: what no path begins with names none. */
export function checkFileRoots(
  files: Readonly<Record<string, string>> | undefined,
  node: Node,
  problems: Problems,
): void {
  for (const [name, path] of Object.entries(files ?? {})) {
    const at = keyPlace(node, ["files"], name);
    if (!/^[A-Za-z0-9_-]+$/.test(name)) {
      problems.add(at, `${name} cannot be the name of a folder`, "Letters, digits, _ and -.");
    } else if (path === "") problems.add(at, `files.${name} names no folder`);
  }
}
