// An expression with what it reads replaced by a name for its type: `steps.health.status == 200` is checked as
// `_of_._int_ == 200`, and so is every other whole number that is compared with 200. Runbooks differ in their names far
// more than in what they ask, and registering names costs the library more than the check.
//
// It answers only "there is nothing wrong". What is wrong is said by a check with the names themselves; and so is
// whatever is not names and dots that lead to a type.

import type { Environment } from "@marcbachmann/cel-js";
import type { ScopeTypes } from "./expression-problem.ts";
import type { Path } from "./expression-reads.ts";

/** Every type that a name may lead to, and its name here. */
const byType: Readonly<Record<string, string>> = {
  dyn: "_dyn_",
  bool: "_bool_",
  int: "_int_of_",
  double: "_double_of_",
  string: "_string_",
  "google.protobuf.Duration": "_duration_",
  "google.protobuf.Timestamp": "_time_",
  "list<dyn>": "_list_",
  "list<string>": "_texts_",
  "map<string, dyn>": "_map_",
  "map<string, string>": "_words_",
};

/** What stands before the name where a dot stood: `a.b-c` is told from `b-c`. */
const holder = "_of_";

/** An expression by its types. */
export interface ByType {
  readonly text: string;
  /** Of an expression that is one name, or names and dots, and nothing else. */
  readonly whole?: string;
}

/** Lets an environment know the names for types. */
export function registerPlaceholders(environment: Environment): void {
  const schema = Object.fromEntries(Object.entries(byType).map(([type, name]) => [name, type]));
  environment.registerVariable({ name: holder, schema });
  for (const [name, type] of Object.entries(schema)) environment.registerVariable(name, type);
}

/** @returns nothing where an expression reads otherwise than by names and dots that lead to a type */
export function byTypes(text: string, reads: readonly Path[], types: ScopeTypes): ByType | undefined {
  if (text.includes(holder)) return undefined;
  let made = "";
  let at = 0;
  let whole: string | undefined;
  for (const { names, span } of reads.toSorted((a, b) => a.span.start - b.span.start)) {
    const typed = typedPart(text, span.start, names, types);
    if (typed === undefined) return undefined;
    made += text.slice(at, span.start) + typed.written;
    at = typed.end;
    if (span.start === 0 && at === text.length) whole = typed.whole;
  }
  return { text: made + text.slice(at), ...(whole === undefined ? {} : { whole }) };
}

interface TypedPart {
  /** Its type; not of `.?`, which gives an optional. */
  readonly whole?: string;
  /** What stands for it. */
  readonly written: string;
  /** Where it ends in the text: what comes behind it reads on in a value of this type. */
  readonly end: number;
}

/** The names, as far as they lead to a type; the last of them may be one that is asked for by `.?`. */
function typedPart(
  text: string,
  start: number,
  names: readonly string[],
  types: ScopeTypes,
): TypedPart | undefined {
  let type: string | ScopeTypes = types;
  let end = start;
  let dot = "";
  for (const name of names) {
    if (dot === ".?" || !Object.hasOwn(type, name)) return undefined;
    if (end > start) dot = text.startsWith(".?", end) ? ".?" : ".";
    if (!text.startsWith(dot + name, end)) return undefined;
    end += dot.length + name.length;
    type = type[name] ?? "dyn";
    if (typeof type === "string") break;
  }
  const name = typeof type === "string" ? byType[type] : undefined;
  if (typeof type !== "string" || name === undefined || /\w/.test(text[end] ?? "")) return undefined;
  if (dot === ".?") return { written: `${holder}.?${name}`, end };
  return { whole: type, written: dot === "" ? name : `${holder}.${name}`, end };
}
