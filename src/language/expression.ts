import { Environment, EvaluationError, ParseError, TypeError as CelTypeError } from "@marcbachmann/cel-js";
import type { RE2JS } from "re2js";
import { nearest } from "../base/suggest.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Span } from "./source.ts";

/**
 * Expressions are CEL: no loops, no assignments, no way to the process. Each is compiled once, checked
 * against the names its place can see, and evaluated on plain values. `matches()` runs on RE2's
 * linear-time engine, because JavaScript's takes seconds on `(a+)+$`.
 */
export interface Expression {
  /** As it was written. */
  readonly text: string;
  /** Every path of names it reads, from the root: `["steps", "health", "status"]`. */
  readonly reads: readonly Path[];
  /** @returns a value of plain data (integers are bigint), or why there is none. */
  evaluate(names: Readonly<Record<string, unknown>>): Result<unknown, EvaluationProblem>;
}

export interface Path {
  readonly names: readonly string[];
  /** Inside `has(…)`: reads of what may be missing are meant. */
  readonly guarded: boolean;
  readonly span: Span;
}

export interface EvaluationProblem {
  readonly message: string;
  /** A value it needs is not there: not the same as a wrong value. */
  readonly missing: boolean;
}

export interface ExpressionProblem {
  readonly message: string;
  /** Within the expression's text. */
  readonly span: Span;
  readonly hint?: string;
}

/** Names and their types as CEL writes them, or nested records of them. */
export type ScopeTypes = { readonly [name: string]: string | ScopeTypes };

// The library's own `matches` cannot be replaced, so calls are renamed to ours, letter for letter as
// long, and every position in a message stays right.
const ours = "_match_";

const base = new Environment({ homogeneousAggregateLiterals: false, unlistedVariablesAreDyn: true });
const checked = new Environment({ homogeneousAggregateLiterals: false });
for (const environment of [base, checked]) {
  environment.registerFunction(`string.${ours}(string): bool`, matches);
  environment.registerFunction(`${ours}(string, string): bool`, matches);
  environment.registerFunction("string(google.protobuf.Timestamp): string", (at: Date) => at.toISOString());
  environment.registerFunction("string(google.protobuf.Duration): string", String);
  // A rate that happens to be a whole number arrives as an integer: 98 / 100.0 must still divide.
  for (const [left, right] of [
    ["int", "double"],
    ["double", "int"],
  ]) {
    environment.registerOperator(
      `${left} + ${right}: double`,
      (a: number, b: number) => Number(a) + Number(b),
    );
    environment.registerOperator(
      `${left} - ${right}: double`,
      (a: number, b: number) => Number(a) - Number(b),
    );
    environment.registerOperator(
      `${left} * ${right}: double`,
      (a: number, b: number) => Number(a) * Number(b),
    );
    environment.registerOperator(
      `${left} / ${right}: double`,
      (a: number, b: number) => Number(a) / Number(b),
    );
  }
}

interface DurationClass {
  fromMilliseconds(ms: number): object;
}
const durationClass = (base.evaluate('duration("0s")') as object).constructor as unknown as DurationClass;

/** Milliseconds as a CEL duration. */
export function celDuration(ms: number): object {
  return durationClass.fromMilliseconds(ms);
}

/** Milliseconds of a CEL duration, or undefined for anything else. */
export function durationMs(value: unknown): number | undefined {
  return typeof value === "object" && value !== null && value.constructor === (durationClass as unknown)
    ? Number(value.valueOf())
    : undefined;
}

let engine: typeof RE2JS | undefined;

/** Must have run before an expression that calls `matches` is evaluated; loaded only for those. */
export async function loadMatches(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

function matches(subject: string, pattern: string): boolean {
  if (engine === undefined) throw new Error("matches() was evaluated before its engine was loaded");
  return engine.compile(pattern).matcher(subject).find();
}

/** Parses; what is wrong with the text itself comes back with its place. */
export function compile(text: string): Result<Expression, ExpressionProblem> {
  const renamed = renameMatches(text);
  let program;
  try {
    program = base.parse(renamed);
  } catch (error) {
    if (error instanceof ParseError) return fail(syntaxProblem(text, error));
    throw error;
  }
  const reads: Path[] = [];
  collectReads(program.ast, false, new Set(), reads);
  return ok({
    text,
    reads,
    evaluate(names) {
      try {
        return ok(program(names) as unknown);
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return fail(evaluationProblem(error));
      }
    },
  });
}

/** Checks the expression against what can be seen where it stands. */
export function check(
  expression: Expression,
  types: ScopeTypes,
  wanted?: "bool",
): ExpressionProblem | undefined {
  const environment = checked.clone();
  for (const [name, type] of Object.entries(types)) {
    if (typeof type === "string") environment.registerVariable(name, type);
    else environment.registerVariable({ name, schema: schemaOf(type) });
  }
  const result = environment.check(renameMatches(expression.text));
  if (!result.valid) return typeProblem(expression, result.error, types);
  if (wanted === "bool" && result.type !== "bool" && result.type !== "dyn") {
    const whole = { start: 0, end: expression.text.length };
    return { message: `this gives ${result.type}, and must give true or false`, span: whole };
  }
  return undefined;
}

type Schema = { [name: string]: string | Schema };

function schemaOf(types: ScopeTypes): Schema {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, typeof type === "string" ? type : schemaOf(type)]),
  );
}

function renameMatches(text: string): string {
  return text.includes("matches")
    ? text.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\bmatches(?=\s*\()/g, (part) =>
        part === "matches" ? ours : part,
      )
    : text;
}

function restore(message: string): string {
  return message.replaceAll(ours, "matches");
}

function syntaxProblem(text: string, error: ParseError): ExpressionProblem {
  const span = error.range ?? { start: 0, end: text.length };
  const around = text.slice(Math.max(0, span.start - 1), span.start + 2);
  if (text[span.start] === "=" && !/[=!<>]=|==/.test(around)) {
    return { message: "= assigns nothing here", span, hint: "Write == to compare." };
  }
  const summary = restore(error.summary ?? error.message)
    .replace("Unexpected token: EOF", "the expression ends too early")
    .replace(/^Unexpected/, "unexpected");
  return { message: summary, span, hint: "Expressions are CEL: a == b && c < 3." };
}

function typeProblem(
  expression: Expression,
  error: CelTypeError | ParseError | undefined,
  types: ScopeTypes,
): ExpressionProblem {
  const span = error?.range ?? { start: 0, end: expression.text.length };
  const summary = restore(error?.summary ?? "this does not fit together");
  const word = expression.text.slice(span.start, span.end);
  const unknown = /^(Unknown variable|No such key): (.*)$/.exec(summary);
  if (unknown === null) return { message: summary, span };
  const names = namesAt(expression, span, types);
  return { message: `${word} is not known here`, span, hint: known(word, names) };
}

/** The names that could have stood at this place. */
function namesAt(expression: Expression, span: Span, types: ScopeTypes): readonly string[] {
  const path = expression.reads.find((read) => read.span.start <= span.start && read.span.end >= span.end);
  let level: string | ScopeTypes = types;
  const word = expression.text.slice(span.start, span.end);
  for (const name of path?.names ?? []) {
    if (name === word || typeof level === "string") break;
    level = level[name] ?? types;
  }
  return typeof level === "string" ? [] : Object.keys(level);
}

function known(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  if (near !== undefined) return `Did you mean ${near}?`;
  return names.length === 0 ? "Nothing is known there." : `Known here: ${names.toSorted().join(", ")}.`;
}

function evaluationProblem(error: Error): EvaluationProblem {
  if (!(error instanceof EvaluationError)) return { message: error.message, missing: false };
  const summary = restore(error.summary ?? error.message);
  const absent = /^(?:Unknown variable|No such key): (.*)$/.exec(summary);
  return absent === null
    ? { message: summary, missing: false }
    : { message: `${absent[1] ?? "a value"} is missing`, missing: true };
}

interface AstNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
}

const macros = new Set(["all", "exists", "exists_one", "map", "filter"]);

/** Finds every chain of names that starts at a free name, macro variables left out. */
function collectReads(ast: unknown, guarded: boolean, bound: ReadonlySet<string>, into: Path[]): void {
  if (Array.isArray(ast)) {
    for (const item of ast) collectReads(item, guarded, bound, into);
    return;
  }
  if (!isNode(ast)) return;
  const chain = chainOf(ast);
  if (chain !== undefined) {
    if (!bound.has(chain[0] ?? "")) {
      into.push({ names: chain, guarded, span: { start: ast.start, end: ast.end } });
    }
    return;
  }
  const [head, ...rest] = Array.isArray(ast.args) ? (ast.args as unknown[]) : [ast.args];
  if (ast.op === "call") {
    collectReads(rest, guarded || head === "has", bound, into);
  } else if (ast.op === "rcall" && macros.has(String(head))) {
    const [subject, args] = rest;
    const variable =
      Array.isArray(args) && isNode(args[0]) && args[0].op === "id" ? String(args[0].args) : "";
    collectReads(subject, guarded, bound, into);
    collectReads(Array.isArray(args) ? args.slice(1) : [], guarded, new Set([...bound, variable]), into);
  } else {
    collectReads([head, ...rest], guarded, bound, into);
  }
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
