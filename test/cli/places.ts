import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Ended } from "./rig.ts";

// One secret in all its forms, and every exit at which it is looked for.

export const secret = `kT9/xx+31 fa'Q"&<7`;
/** Of a rule: nobody has named it. */
const guessed = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
const bytes = Buffer.from(secret);
const shell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The secret as each custom writes it. */
export const forms: Readonly<Record<string, string>> = {
  raw: secret,
  json: JSON.stringify(secret).slice(1, -1),
  "json twice": JSON.stringify(JSON.stringify(secret)).slice(3, -3),
  percent: encodeURIComponent(secret),
  base64: bytes.toString("base64"),
  hexadecimal: bytes.toString("hex"),
  shell: shell(secret),
  sql: secret.replaceAll("'", "''"),
  html: secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
  "shell in json": JSON.stringify(shell(secret)).slice(1, -1),
  "sql in json": JSON.stringify(secret.replaceAll("'", "''")).slice(1, -1),
  wrapped: bytes.toString("base64").replaceAll(/.{12}/g, "$&\n"),
  guessed,
};
/** All of them in one text. */
export const all = Object.values(forms).join(" and ");

/** Every file below the folder of a rig but those that the test has written, packed ones unpacked. */
export function left(folder: string): ReadonlyMap<string, string> {
  const own = new Set(["runbooks/book.yaml", "runbooks/platform.yaml"]);
  const found = new Map<string, string>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (!entry.isFile() || own.has(name)) continue;
    const raw = readFileSync(path);
    found.set(name, (name.endsWith(".gz") ? gunzipSync(raw) : raw).toString("latin1"));
  }
  return found;
}

/** Where which form of the secret stands. */
export function leaks(places: Iterable<readonly [string, string]>): readonly string[] {
  return [...places].flatMap(([place, text]) =>
    Object.entries(forms)
      .filter(([, form]) => text.includes(form))
      .map(([name]) => `${place}: ${name}`),
  );
}

export const printed = ({ stdout, stderr }: Ended): readonly (readonly [string, string])[] => [
  ["stdout", stdout],
  ["stderr", stderr],
];
