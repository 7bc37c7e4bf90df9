import { resolve } from "node:path";
import type { Problems } from "../language/problems.ts";
import { list, optional, text } from "../language/shape.ts";
import { positionOf, type Source } from "../language/source.ts";
import type { Node } from "../language/yaml.ts";
import { placeOf } from "./place.ts";

// Programs that the platform file vouches for: run as they are written there, they only look. An argument list
// with two marks for what may differ: `*` is one word, `**` any number of them. Nothing else in it is special.

/** One entry of `programs`. */
export interface VouchedProgram {
  /** The program, then its arguments, as they are written. */
  readonly words: readonly string[];
  /** Its line in the platform file. */
  readonly line: number;
  /** The program's absolute path; undefined where this machine has none of that name. */
  readonly path?: string;
}

const word = text({ template: "none", instead: "What differs is written * (one word) or ** (any number)." });

export const programsField = optional(
  list(list(word, { min: 1 })),
  'Programs that exec.read may run besides its own, each an argument list: `[git, log, "*"]`. `*` is one word, `**` any number of words; neither stands for one that begins with - or holds `..`, and nothing else is special. Everybody who may change this file can vouch for a program.',
);

/** The entries with their lines; a program's relative path is one below the platform file's folder. */
export function programsOf(
  programs: readonly (readonly string[])[] | undefined,
  { node, source, folder }: { readonly node: Node; readonly source: Source; readonly folder: string },
): readonly VouchedProgram[] | undefined {
  return programs?.map((words, index) => {
    const { line } = positionOf(source, placeOf(node, ["programs", index]).start);
    const [program = ""] = words;
    return { words, line, ...(program.includes("/") ? { path: resolve(folder, program) } : {}) };
  });
}

/** What no shape says: a program is named, or anything could be run. */
export function checkPrograms(
  programs: readonly (readonly string[])[] | undefined,
  node: Node,
  problems: Problems,
): void {
  for (const [index, [program = ""]] of (programs ?? []).entries()) {
    if (program !== "*" && program !== "**" && program !== "") continue;
    const hint = "Write the program's name or its path; what follows it may be * or **.";
    problems.add(placeOf(node, ["programs", index]), "an entry of programs names no program", hint);
  }
}
