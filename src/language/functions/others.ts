import { Optional } from "@marcbachmann/cel-js";
import { NoValue } from "../../base/no-value.ts";
import type { JsonReader } from "../json-text.ts";
import { loadRe2, re2 } from "../re2.ts";
import { form, MissingValue, type ExpressionFunction } from "./function.ts";

type List = readonly unknown[];

let readJson: JsonReader | undefined;

/** What an expression of this text is evaluated with; each is loaded only where it is used. */
export async function loadEngines(text: string): Promise<void> {
  if (/match|regex/.test(text)) await loadRe2();
  if (text.includes(".json(")) readJson ??= await (await import("../json-text.ts")).jsonReader();
}

/** @throws where the pattern is none */
export function matches(subject: string, text: string): boolean {
  return re2(text).matcher(subject).find();
}

/** cel-go's `optional`, `regex` and `base64`, and a text read as JSON. */
export const otherFunctions: readonly ExpressionFunction[] = [
  {
    name: "matches",
    pattern: 1,
    written: "text.matches(pattern)",
    gives: "whether the pattern (RE2) is found in the text",
    example: ["'too many connections'.matches('many|few')", "true"],
    forms: [form(["string", "string"], "bool", matches)],
  },
  {
    name: "regex.extract",
    pattern: 1,
    written: "regex.extract(text, pattern)",
    gives: "the first match, or its one group, which may be missing",
    example: ["regex.extract('pid 42 ended', 'pid ([0-9]+)').orValue('')", "'42'"],
    forms: [
      form(["string", "string"], "optional<string>", (text: string, by: string) =>
        Optional.of(extracted(text, by, 1)[0]),
      ),
    ],
  },
  {
    name: "regex.extractAll",
    pattern: 1,
    written: "regex.extractAll(text, pattern)",
    gives: "every match, or its one group",
    example: ["regex.extractAll('a1 b2', '[0-9]')", "['1', '2']"],
    forms: [
      form(["string", "string"], "list<string>", (text: string, by: string) => extracted(text, by, Infinity)),
    ],
  },
  {
    name: "regex.replace",
    pattern: 1,
    written: "regex.replace(text, pattern, by[, most])",
    gives: "every match replaced, or the first ones; \\\\1 is the first group",
    example: ["regex.replace('2026-11-30', '([0-9]+)-([0-9]+)', r'\\2/\\1')", "'11/2026-30'"],
    forms: [
      form(["string", "string", "string"], "string", (text: string, by: string, to: string) =>
        replaced(text, by, to, -1n),
      ),
      form(["string", "string", "string", "int"], "string", replaced),
    ],
  },
  {
    name: "base64.encode",
    written: "base64.encode(bytes)",
    gives: "the bytes as base64; a text's: base64.encode(bytes(text))",
    example: ["base64.encode(b'hello')", "'aGVsbG8='"],
    forms: [form(["bytes"], "string", (bytes: Uint8Array) => Buffer.from(bytes).toString("base64"))],
  },
  {
    name: "base64.decode",
    written: "base64.decode(text)",
    gives: "the bytes of a base64 text; as text: string(base64.decode(text))",
    example: ["string(base64.decode('aGVsbG8='))", "'hello'"],
    forms: [form(["string"], "bytes", decoded)],
  },
  {
    name: "json",
    written: "text.json()",
    gives: "the value of a JSON text",
    example: ['\'{"queue": {"size": 3}}\'.json().queue.size', "3"],
    forms: [form(["string"], "dyn", parsed)],
  },
  {
    name: "optMap",
    written: "optional.optMap(x, expression of x)",
    gives: "the expression of the value, or nothing where there is none",
    example: ["{'a': 2}.?a.optMap(x, x * 2).orValue(0)", "4"],
    forms: [],
    macro: {
      over: "optional",
      gives: "optional<dyn>",
      run: (_list: List, [result]: List) => Optional.of(result),
    },
  },
  {
    name: "optFlatMap",
    written: "optional.optFlatMap(x, expression of x that may be missing)",
    gives: "the value of the expression, or nothing where either is missing",
    example: ["{'a': [1]}.?a.optFlatMap(x, x.first()).orValue(0)", "1"],
    forms: [],
    macro: { over: "optional", gives: "optional<dyn>", run: (_list: List, [result]: List) => flat(result) },
  },
];

function extracted(text: string, by: string, most: number): readonly string[] {
  const matcher = re2(by).matcher(text);
  if (matcher.groupCount() > 1) throw new Error("regex.extract() takes a pattern with one group at most");
  const group = matcher.groupCount();
  const found: string[] = [];
  while (found.length < most && matcher.find()) {
    const part: string | null = matcher.group(group);
    if (part !== null) found.push(part);
  }
  return found;
}

function replaced(text: string, by: string, to: string, most: bigint): string {
  const matcher = re2(by).matcher(text);
  let made = "";
  let behind = 0;
  for (let left = most; left !== 0n && matcher.find(); left--) {
    made += text.slice(behind, matcher.start()) + substituted(to, matcher);
    behind = matcher.end();
  }
  return made + text.slice(behind);
}

function substituted(
  to: string,
  matcher: { groupCount(): number; group(at: number): string | null },
): string {
  return to.replaceAll(/\\(.?)/gs, (found, letter: string) => {
    if (letter === "\\") return "\\";
    if (!/^\d$/.test(letter)) throw new Error(`regex.replace(): ${found} is no group`);
    if (Number(letter) > matcher.groupCount())
      throw new Error(`regex.replace(): the pattern has ${matcher.groupCount()} groups, and not ${letter}`);
    return matcher.group(Number(letter)) ?? "";
  });
}

function decoded(text: string): Uint8Array {
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") !== text.replace(/=+$/, ""))
    throw new Error("base64.decode(): that is no base64");
  return new Uint8Array(bytes);
}

function parsed(text: string): unknown {
  if (readJson === undefined) throw new Error("JSON was read before its reader was loaded");
  const read = readJson(text);
  if (read === undefined) throw new Error("json(): the text is no JSON");
  if (read.value instanceof NoValue) throw new MissingValue(`json(): ${read.value.why}`);
  return read.value;
}

function flat(result: unknown): unknown {
  if (result === undefined || result instanceof Optional) return result ?? Optional.none();
  throw new Error("optFlatMap() takes an expression that may be missing");
}
