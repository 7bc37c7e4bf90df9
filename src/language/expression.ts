import { Environment, ParseError } from "@marcbachmann/cel-js";
import type { RE2JS } from "re2js";
import { fail, ok, type Result } from "../base/result.ts";
import { notCode } from "./cel-text.ts";
import { depart, departureProblem, registerDepartures } from "./departures.ts";
import {
  evaluationProblem,
  hasChanged,
  ours,
  plainly,
  syntaxProblem,
  tooDeep,
  typeProblem,
  type EvaluationProblem,
  type ExpressionProblem,
  type ScopeTypes,
} from "./expression-problem.ts";
import { collectReads, type NamesRead, type Lookup, type Path } from "./expression-reads.ts";

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
  /** Every key that it works out. */
  readonly lookups: readonly Lookup[];
  /** @returns a value of plain data (integers are bigint), or why there is none. */
  evaluate(names: Readonly<Record<string, unknown>>): Result<unknown, EvaluationProblem>;
}

/** What a person writes is far below; what is above would only exhaust the stack, or take minutes. */
const longest = 10_000;
const limits = { maxAstNodes: 2000, maxDepth: 100 };
const base = new Environment({ homogeneousAggregateLiterals: false, unlistedVariablesAreDyn: true, limits });
const checked = new Environment({ homogeneousAggregateLiterals: false, limits });
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
  }
}

interface DurationClass {
  fromMilliseconds(ms: number): object;
}
const durationClass = (base.evaluate('duration("0s")') as object).constructor as unknown as DurationClass;

for (const environment of [base, checked]) registerDepartures(environment, celDuration);
const aCall: unknown = base.parse("int(1)").ast;

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

/** Plain data of a file as an expression sees it: whole numbers are integers. */
export function celData(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celData);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, celData(item)]));
}

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
  const whole = { start: 0, end: text.length };
  if (text.length > longest) {
    return fail({ message: `an expression has at most ${longest} characters`, span: whole });
  }
  if (text.trim() === "") return fail({ message: "there is no expression here", span: whole });
  const renamed = rename(text);
  let program;
  const found: NamesRead = { reads: [], lookups: [] };
  try {
    program = base.parse(renamed);
    depart(program.ast, aCall);
    const deep = collectReads(program.ast, false, [], found);
    if (deep !== undefined)
      return fail({ message: `${deep.what} inside two others takes too long`, span: deep.span });
  } catch (error) {
    if (error instanceof ParseError) return fail(syntaxProblem(text, error));
    // The library descends by recursion, without a limit for a row of ! or -.
    if (error instanceof RangeError) return fail({ message: tooDeep, span: whole });
    throw error;
  }
  return ok({
    text,
    ...found,
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
  for (const [name, type] of Object.entries(onlyRead(expression, types))) {
    if (typeof type === "string") environment.registerVariable(name, type);
    else environment.registerVariable({ name, schema: schemaOf(type) });
  }
  const parsed = environment.parse(rename(expression.text));
  depart(parsed.ast, aCall);
  const result = parsed.check();
  if (!result.valid) return typeProblem(expression, result.error, types);
  const departs = departureProblem(parsed.ast, expression.text);
  if (departs !== undefined) return departs;
  if (wanted === "bool" && result.type !== "bool" && result.type !== "dyn") {
    const whole = { start: 0, end: expression.text.length };
    return {
      message: `this gives ${plainly(result.type ?? "nothing")}, and must give true or false`,
      span: whole,
    };
  }
  return undefined;
}

/** The names that the expression reads: registering all of them costs more than the check itself. */
function onlyRead({ reads }: Expression, types: ScopeTypes): ScopeTypes {
  const read: Record<string, string | ScopeTypes> = {};
  for (const name of new Set(reads.map(({ names: [root = ""] }) => root))) {
    if (!Object.hasOwn(types, name)) continue;
    const type = types[name] ?? "dyn";
    const members = reads.filter(({ names: [root] }) => root === name).map(({ names: [, member] }) => member);
    // `steps` may hold hundreds; read as a whole it needs them all.
    read[name] =
      typeof type === "string" || members.includes(undefined)
        ? type
        : Object.fromEntries(Object.entries(type).filter(([member]) => members.includes(member)));
  }
  return read;
}

type Schema = { [name: string]: string | Schema };

function schemaOf(types: ScopeTypes): Schema {
  return Object.fromEntries(
    Object.entries(types).map(([name, type]) => [name, typeof type === "string" ? type : schemaOf(type)]),
  );
}

const renamed = new RegExp(`${notCode}|\\bmatches(?=\\s*\\()|\\bhas\\(\\s*changed\\s*\\)`, "g");

/** Letter for letter as long, so that every position stays right. */
function rename(text: string): string {
  if (!text.includes("matches") && !text.includes("changed")) return text;
  return text.replaceAll(renamed, (part) => {
    if (part === "matches") return ours;
    return part.startsWith("has(") ? hasChanged.padEnd(part.length) : part;
  });
}
