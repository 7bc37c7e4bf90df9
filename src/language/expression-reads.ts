import type { Span } from "./source.ts";

/** A chain of names in an expression, from the root: `steps.health.status`. */
export interface Path {
  readonly names: readonly string[];
  /** Inside `has(…)`: reads of what may be missing are meant. */
  readonly guarded: boolean;
  readonly span: Span;
}

/** `all` in `all` on ten thousand items each takes a minute; one more would take a week. */
const deepestMacros = 2;

interface AstNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

const macros = new Set(["all", "exists", "exists_one", "map", "filter"]);

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
  into: Path[],
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
      into.push({ names: chain, guarded, span: { start: ast.start, end: ast.end } });
    }
    return undefined;
  }
  const [head, ...rest] = Array.isArray(ast.args) ? (ast.args as unknown[]) : [ast.args];
  if (ast.op === "call") return collectReads(rest, guarded || head === "has", bound, into);
  if (ast.op !== "rcall" || !macros.has(String(head))) {
    return collectReads([head, ...rest], guarded, bound, into);
  }
  const [subject, args] = rest;
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

function chainOf(node: AstNode): string[] | undefined {
  if (node.op === "id") return [String(node.args)];
  if (node.op !== "." || !Array.isArray(node.args)) return undefined;
  const [subject, name] = node.args as unknown[];
  const before = isNode(subject) ? chainOf(subject) : undefined;
  return before === undefined || typeof name !== "string" ? undefined : [...before, name];
}

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
