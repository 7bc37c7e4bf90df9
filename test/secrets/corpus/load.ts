import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// The corpus: lines as logs, configurations and shells have them, in families. A file holds several:
//
//   # name of the family
//   PGPASSWORD=«{a12}» psql -h db
//
// What stands between « and » must go; everything else must stay, to the character. A family without « is one whose
// lines must not change at all. ⏎ is a newline, ⇥ a tab, ␛ an escape, ␀ a NUL, ␁ what separates FIX, ␠ a blank at a line's end.
//
// No secret stands in a file: each {…} is made here, from a seed, so that no scanner of a host takes one for real.
//   {m12} letters of both cases
//   {a12} letters of both cases and digits   {x32} hexadecimal    {X32} the same in upper case   {d9} digits
//   {u16} capital letters and digits         {l8} small letters   {b24} base64 of 24 bytes       {} nothing
// {} keeps the beginning of a vendor's tokens apart in the file.

/** A line, with what has to be gone from it. */
export interface Sample {
  readonly family: string;
  readonly text: string;
  /** The pieces between which something must go; one piece: nothing may change. */
  readonly stays: readonly string[];
  /** What must go, in order. */
  readonly goes: readonly string[];
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const signs: Readonly<Record<string, string>> = {
  "⏎": "\n",
  "⇥": "\t",
  "␛": "\u001b",
  "␀": "\0",
  "␁": "\u0001",
  "␠": " ",
};
const letters = "abcdefghijkmnopqrstuvwxyz";
const alphabets: Readonly<Record<string, string>> = {
  a: `${letters}${letters.toUpperCase()}23456789`,
  m: `${letters}${letters.toUpperCase()}`,
  x: "0123456789abcdef",
  X: "0123456789ABCDEF",
  d: "123456789",
  u: "ABCDEFGHJKLMNPQRSTUVWXYZ234567",
  l: letters,
};

/** Every line of the corpus. */
export function corpus(): readonly Sample[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .toSorted()
    .flatMap((name) => read(readFileSync(`${folder}${name}`, "utf8")));
}

function read(file: string): readonly Sample[] {
  let family = "";
  return file.split("\n").flatMap((line) => {
    if (line.startsWith("# ")) family = line.slice(2);
    return line === "" || line.startsWith("# ") ? [] : [sample(family, line)];
  });
}

/** Its secrets are made from the line: those of two lines differ, and each run has the same. */
function sample(family: string, line: string): Sample {
  let made = 0;
  const text = line
    .replaceAll(/[⏎⇥␛␀␁␠]/g, (sign) => signs[sign] ?? "")
    .replaceAll(/\{([amxXdulb]?)(\d*)\}/g, (written, kind: string, length: string) =>
      kind === "" ? (length === "" ? "" : written) : generated(kind, Number(length), `${line} ${made++}`),
    );
  const parts = text.split(/[«»]/);
  return {
    family,
    text: parts.join(""),
    stays: parts.filter((_, index) => index % 2 === 0),
    goes: parts.filter((_, index) => index % 2 === 1),
  };
}

function generated(kind: string, length: number, seed: string): string {
  const bytes = Buffer.concat(
    Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
      createHash("sha256").update(`${seed} ${block}`).digest(),
    ),
  ).subarray(0, length);
  if (kind === "b") return bytes.toString("base64");
  const alphabet = alphabets[kind] ?? "";
  const text = [...bytes].map((byte) => alphabet[byte % alphabet.length]).join("");
  // A password of letters alone would be a word to some rule: a digit stands in each that may hold one.
  return kind === "a" && length > 2 ? `${text.slice(0, 2)}${(bytes[0] ?? 0) % 10}${text.slice(3)}` : text;
}
