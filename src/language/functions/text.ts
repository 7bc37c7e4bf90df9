import { form, type ExpressionFunction } from "./function.ts";
import { formatted } from "./format.ts";

/** cel-go's `strings`, by its names and meanings. Positions count characters (code points), from 0. */
export const textFunctions: readonly ExpressionFunction[] = [
  {
    name: "charAt",
    written: "text.charAt(position)",
    gives: "the character there, an empty text at the end",
    example: ["'tango'.charAt(2)", "'n'"],
    forms: [
      form(["string", "int"], "string", (text: string, at: bigint) => {
        const letters = Array.from(text);
        return letters[position(at, letters.length)] ?? "";
      }),
    ],
  },
  {
    name: "format",
    written: "text.format([value, …])",
    gives:
      "the text with %s, %d, %f, %e, %x, %X, %o, %b replaced by the values in turn; %.2f has two decimals",
    example: ["'%s: %.1f %%'.format(['fills', 12.345])", "'fills: 12.3 %'"],
    forms: [form(["string", "list"], "string", formatted)],
  },
  {
    name: "indexOf",
    written: "text.indexOf(part[, from])",
    gives: "where the part first begins, -1 when it does not occur",
    example: ["'a-b-c'.indexOf('-', 2)", "3"],
    forms: [
      form(["string", "string"], "int", (text: string, part: string) => indexOf(text, part, 0n)),
      form(["string", "string", "int"], "int", indexOf),
    ],
  },
  {
    name: "lastIndexOf",
    written: "text.lastIndexOf(part[, from])",
    gives: "where the part last begins, at the position `from` or before it; -1 when it does not occur",
    example: ["'a-b-c'.lastIndexOf('-')", "3"],
    forms: [
      form(["string", "string"], "int", (text: string, part: string) => lastIndexOf(text, part)),
      form(["string", "string", "int"], "int", lastIndexOf),
    ],
  },
  {
    name: "join",
    written: "list.join([separator])",
    gives: "the texts of a list as one",
    example: ["['a', 'b'].join(', ')", "'a, b'"],
    forms: [
      form(["list"], "string", (list: readonly unknown[]) => joined(list, "")),
      form(["list", "string"], "string", joined),
    ],
  },
  {
    name: "lowerAscii",
    written: "text.lowerAscii()",
    gives: "A to Z as a to z, everything else as it is",
    example: ["'ÄBC'.lowerAscii()", "'Äbc'"],
    forms: [
      form(["string"], "string", (text: string) => text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase())),
    ],
  },
  {
    name: "upperAscii",
    written: "text.upperAscii()",
    gives: "a to z as A to Z, everything else as it is",
    example: ["'äbc'.upperAscii()", "'äBC'"],
    forms: [
      form(["string"], "string", (text: string) => text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase())),
    ],
  },
  {
    name: "replace",
    written: "text.replace(part, by[, most])",
    gives: "every occurrence of the part replaced, or the first ones",
    example: ["'a-b-c'.replace('-', '.', 1)", "'a.b-c'"],
    forms: [
      form(["string", "string", "string"], "string", (text: string, part: string, by: string) =>
        replaced(text, part, by, -1n),
      ),
      form(["string", "string", "string", "int"], "string", replaced),
    ],
  },
  {
    name: "split",
    written: "text.split(separator[, most])",
    gives: "its parts, at most so many; the last one has the rest",
    example: ["'a,b,c'.split(',', 2)", "['a', 'b,c']"],
    forms: [
      form(["string", "string"], "list<string>", (text: string, by: string) => split(text, by, -1n)),
      form(["string", "string", "int"], "list<string>", split),
    ],
  },
  {
    name: "substring",
    written: "text.substring(from[, to])",
    gives: "from a position to the end, or to the position before `to`",
    example: ["'tacocat'.substring(0, 4)", "'taco'"],
    forms: [
      form(["string", "int"], "string", (text: string, from: bigint) => {
        const letters = Array.from(text);
        return letters.slice(position(from, letters.length)).join("");
      }),
      form(["string", "int", "int"], "string", (text: string, from: bigint, to: bigint) => {
        const letters = Array.from(text);
        if (from > to) throw new Error(`substring() from ${from} to ${to}: the end is before the start`);
        return letters.slice(position(from, letters.length), position(to, letters.length)).join("");
      }),
    ],
  },
  {
    name: "strings.quote",
    written: "strings.quote(text)",
    gives: 'the text in double quotes, with \\n, \\" and the like written out',
    example: ["strings.quote('say \"hi\"')", '\'"say \\\\"hi\\\\""\''],
    forms: [form(["string"], "string", quoted)],
  },
  {
    name: "trim",
    written: "text.trim()",
    gives: "the text without blanks and line ends around it",
    example: ["'  ok\\n'.trim()", "'ok'"],
    // Unicode's White_Space has U+0085, which JavaScript's trim leaves, and not U+FEFF, which it takes.
    forms: [
      form(["string"], "string", (text: string) =>
        text.replaceAll(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, ""),
      ),
    ],
  },
];

function position(at: bigint, length: number): number {
  if (at < 0n || at > BigInt(length)) throw new Error(`there is no position ${at} in ${length} characters`);
  return Number(at);
}

function indexOf(text: string, part: string, from: bigint): bigint {
  const [letters, wanted] = [Array.from(text), Array.from(part)];
  for (let at = position(from, letters.length); at + wanted.length <= letters.length; at++)
    if (wanted.every((letter, offset) => letters[at + offset] === letter)) return BigInt(at);
  return -1n;
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const [letters, wanted] = [Array.from(text), Array.from(part)];
  const last = from === undefined ? letters.length : position(from, letters.length);
  for (let at = Math.min(last, letters.length - wanted.length); at >= 0; at--)
    if (wanted.every((letter, offset) => letters[at + offset] === letter)) return BigInt(at);
  return -1n;
}

function joined(list: readonly unknown[], by: string): string {
  for (const item of list)
    if (typeof item !== "string")
      throw new Error("join() takes a list of texts: list.map(x, string(x)).join()");
  return list.join(by);
}

function replaced(text: string, part: string, by: string, most: bigint): string {
  const pieces = part === "" ? ["", ...Array.from(text), ""] : text.split(part);
  const taken = most < 0n || most >= BigInt(pieces.length) ? pieces.length - 1 : Number(most);
  const rest = pieces.slice(taken);
  return [...pieces.slice(0, taken), rest.join(part)].join(by);
}

function split(text: string, by: string, most: bigint): readonly string[] {
  if (most === 0n) return [];
  const parts = by === "" ? Array.from(text) : text.split(by);
  if (most < 0n || most >= BigInt(parts.length)) return parts;
  const taken = Number(most) - 1;
  return [...parts.slice(0, taken), parts.slice(taken).join(by)];
}

const escapes: Readonly<Record<string, string>> = {
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

function quoted(text: string): string {
  const letters = Array.from(wellFormed(text), (letter) => escapes[letter] ?? letter);
  return `"${letters.join("")}"`;
}

/** A half of a surrogate pair is no character. */
function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
