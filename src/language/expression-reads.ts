import { once } from "../base/once.ts";
import { functionNamed, macroNames } from "./functions/table.ts";
import type { Span } from "./source.ts";

/** A chain of names in an expression, from the root: `steps.health.status`, `steps["health"].status`. */
export interface Path {
  readonly names: readonly string[];
  /** Inside `has(…)`: reads of what may be missing are meant. */
  readonly guarded: boolean;
  readonly span: Span;
}

/** What is found of an expression. */
export interface NamesRead {
  readonly reads: Path[];
  readonly lookups: Lookup[];
  readonly compared: Comparison[];
}

/** A chain of names beside a text that is written out: `steps.a.outcome == "ok"`, each of an `in` by itself. */
export interface Comparison {
  readonly names: readonly string[];
  readonly text: string;
  /** Where the text stands. */
  readonly span: Span;
}

/** `all` in `all` on ten thousand items each takes a minute; one more would take a week. */
const deepestMacros = 2;

/** A key that is worked out: `platform.services[params.which]`. */
export interface Lookup {
  /** What it is looked for in, from the root. */
  readonly names: readonly string[];
  /** Where the key's own expression stands. */
  readonly key: Span;
  readonly guarded: boolean;
}

interface AstNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

const macros = once(() => new Set(["all", "exists", "exists_one", "map", "filter", ...macroNames]));

/** A macro that stands inside too many others. */
export interface TooDeep {
  readonly what: string;
  readonly span: Span;
}

/**
 * Finds every chain of names that starts at a free name, macro variables left out.
 * @param bound the variables of the macros around, innermost last.
 * @returns a macro that is inside too many others.
 */
export function collectReads(
  ast: unknown,
  guarded: boolean,
  bound: readonly string[],
  into: NamesRead,
): TooDeep | undefined {
  if (Array.isArray(ast)) {
    let deep: TooDeep | undefined;
    for (const item of ast) deep = collectReads(item, guarded, bound, into) ?? deep;
    return deep;
  }
  if (!isNode(ast)) return undefined;
  const chain = chainOf(ast);
  if (chain !== undefined) {
    if (!bound.includes(chain[0] ?? "")) {
      const asked = guarded || mayBeMissing(ast);
      into.reads.push({ names: chain, guarded: asked, span: { start: ast.start, end: ast.end } });
    }
    return undefined;
  }
  into.compared.push(...comparisonsOf(ast).filter(({ names: [root = ""] }) => !bound.includes(root)));
  const [head, ...rest] = Array.isArray(ast.args) ? (ast.args as unknown[]) : [ast.args];
  const within = isNode(head) ? chainOf(head) : undefined;
  const [key] = rest;
  if (
    (ast.op === "[]" || ast.op === "[?]") &&
    within !== undefined &&
    isNode(key) &&
    !bound.includes(within[0] ?? "")
  ) {
    into.lookups.push({ names: within, key: { start: key.start, end: key.end }, guarded });
  }
  if (ast.op === "call") return collectReads(rest, guarded || head === "has", bound, into);
  if (ast.op !== "rcall") return collectReads([head, ...rest], guarded, bound, into);
  const [subject, args] = rest;
  if (isNode(subject) && subject.op === "id" && isSpace(String(subject.args), String(head))) {
    // `cel.bind(x, value, expression)`
    if (head !== "bind" || !Array.isArray(args)) return collectReads(args, guarded, bound, into);
    const [name, value, expression] = args as unknown[];
    const named = isNode(name) ? [...bound, String(name.args)] : bound;
    return collectReads(value, guarded, bound, into) ?? collectReads(expression, guarded, named, into);
  }
  if (!macros().has(String(head))) return collectReads(rest, guarded, bound, into);
  const [first, ...body] = Array.isArray(args) ? (args as unknown[]) : [];
  const variable = isNode(first) && first.op === "id" ? String(first.args) : "";
  const inner =
    bound.length >= deepestMacros
      ? { what: String(head), span: { start: ast.start, end: ast.end } }
      : undefined;
  return (
    collectReads(subject, guarded, bound, into) ??
    collectReads(body, guarded, [...bound, variable], into) ??
    inner
  );
}

/** What functions are called by, and no value: `math` of `math.abs(x)`. */
function isSpace(space: string, name: string): boolean {
  return space === "cel" || space === "optional" || functionNamed(`${space}.${name}`) !== undefined;
}

const comparing = new Set(["==", "!=", "in"]);

function comparisonsOf({ op, args }: AstNode): readonly Comparison[] {
  if (!comparing.has(op) || !Array.isArray(args)) return [];
  const [left, right] = args as readonly unknown[];
  const sides =
    op === "in"
      ? [[left, itemsOf(right)]]
      : [
          [left, [right]],
          [right, [left]],
        ];
  return sides.flatMap(([side, others]) => {
    const names = isNode(side) ? chainOf(side) : undefined;
    if (names === undefined) return [];
    return (others as readonly unknown[]).flatMap((other) =>
      isNode(other) && other.op === "value" && typeof other.args === "string"
        ? [{ names, text: other.args, span: { start: other.start, end: other.end } }]
        : [],
    );
  });
}

function itemsOf(node: unknown): readonly unknown[] {
  return isNode(node) && node.op === "list" && Array.isArray(node.args) ? (node.args as unknown[]) : [];
}

const members = new Set([".", ".?"]);
const indexes = new Set(["[]", "[?]"]);

/** `a.?b`: whoever writes it has thought of its absence. */
function mayBeMissing(node: AstNode): boolean {
  if (node.op === ".?" || node.op === "[?]") return true;
  const [subject]: readonly unknown[] = Array.isArray(node.args) ? node.args : [];
  return isNode(subject) && mayBeMissing(subject);
}

function chainOf(node: AstNode): string[] | undefined {
  if (node.op === "id") return [String(node.args)];
  if (!(members.has(node.op) || indexes.has(node.op)) || !Array.isArray(node.args)) return undefined;
  const [subject, field] = node.args as unknown[];
  const name = members.has(node.op) ? field : isNode(field) && field.op === "value" ? field.args : undefined;
  const before = isNode(subject) ? chainOf(subject) : undefined;
  return before === undefined || typeof name !== "string" ? undefined : [...before, name];
}

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
