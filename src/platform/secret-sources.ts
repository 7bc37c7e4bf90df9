import { resolve } from "node:path";
import type { Problems } from "../language/problems.ts";
import { list, map, object, optional, text } from "../language/shape.ts";
import type { Node } from "../language/yaml.ts";
import { keyPlace, placeOf } from "./place.ts";
import { isSecretAddress } from "./secret-address.ts";

// Where a secret comes from that neither its variable NAME nor NAME_FILE has.

/** An entry of `secrets`. */
export type SecretSource =
  /** An absolute path. */
  | { readonly type: "file"; readonly file: string }
  /** An argument list that prints the secret; `folder` is what a path in its first word is relative to. */
  | { readonly type: "command"; readonly command: readonly string[]; readonly folder: string }
  /** It has a source that is not asked now: why not, in words that complete "the platform file: ". */
  | { readonly type: "withheld"; readonly why: string };

export type SecretSources = Readonly<Record<string, SecretSource>>;

const instead = "Write it out.";
const word = text({ template: "none", instead });

export const secretsField = optional(
  map(
    object({
      file: optional(word, "File that holds it, relative to this file."),
      command: optional(
        list(word, { min: 1 }),
        "Argument list of a program that prints it: once, within 10 s, 64 KiB at the most; one line break at its end is taken off.",
      ),
    }),
  ),
  "Where secrets come from by name, after the variables NAME and NAME_FILE: `{ file: … }` or `{ command: […] }`. A command runs before anything else does, never for lint, show or a dry run, and only while nobody else could change this file.",
);

type Read = Readonly<Record<string, { readonly file?: string; readonly command?: readonly string[] }>>;

export function secretSourcesOf(read: Read, folder: string): SecretSources {
  return Object.fromEntries(
    Object.entries(read).map(([name, { file, command = [] }]): [string, SecretSource] => [
      name,
      file === undefined
        ? { type: "command", command, folder }
        : { type: "file", file: resolve(folder, file) },
    ]),
  );
}

/** What no shape says: names that a secret may have, and that each comes from one place. */
export function checkSecretSources(read: Read, node: Node, problems: Problems): void {
  for (const [name, { file, command }] of Object.entries(read)) {
    const at = keyPlace(node, ["secrets"], name);
    const wrong = wrongName(name);
    if (wrong !== undefined) {
      problems.add(at, ...wrong);
      continue;
    }
    const its = `secrets.${name}`;
    const hint = `Write ${name}: { file: … } or ${name}: { command: […] }.`;
    if (file !== undefined && command !== undefined)
      problems.add(placeOf(node, ["secrets", name]), `${its} has both file and command`, "Keep one of them.");
    else if (file === undefined && command === undefined)
      problems.add(at, `${its} says neither file nor command`, hint);
    else if (file?.trim() === "")
      problems.add(placeOf(node, ["secrets", name, "file"]), `${its}.file names no file`);
    else if (command?.[0]?.trim() === "")
      problems.add(placeOf(node, ["secrets", name, "command"]), `${its}.command names no program`);
  }
}

/** Why no secret can be given by this name here, and what to do instead. */
function wrongName(name: string): readonly [string, string] | undefined {
  if (name === "EMERGENCY_TOKEN")
    return [
      "EMERGENCY_TOKEN is never read from this file: a halt waits for nothing else",
      "Export EMERGENCY_TOKEN, or EMERGENCY_TOKEN_FILE with the path of its file.",
    ];
  if (name === "PGPASSWORD" || isSecretAddress(name))
    return [`${name} is a part of an address, which comes from the environment alone`, `Export ${name}.`];
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) return undefined;
  return [`${name} cannot be the name of a secret`, "Capital letters, digits and _, such as SLACK_WEBHOOK."];
}
