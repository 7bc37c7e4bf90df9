import { Environment, Optional, ParseError } from "@marcbachmann/cel-js";
import { once } from "../base/once.ts";
import { remembered } from "../base/remembered.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { notCode } from "./cel-text.ts";
import { meantIn } from "./gap.ts";
import { depart, registerDepartures } from "./departures.ts";
import { departureProblem } from "./departure-problem.ts";
import {
  evaluationProblem,
  hasChanged,
  plainly,
  syntaxProblem,
  tooDeep,
  typeProblem,
  type EvaluationProblem,
  type ExpressionProblem,
  type ScopeTypes,
} from "./expression-problem.ts";
import { collectReads, type Comparison, type NamesRead, type Lookup, type Path } from "./expression-reads.ts";
import { callsFunction, registerFunctions } from "./functions/table.ts";
import { byTypes, registerPlaceholders } from "./placeholders.ts";

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
  /** What it compares with a text. */
  readonly compared: readonly Comparison[];
  /** @returns a value of plain data (integers are bigint), or why there is none. */
  evaluate(names: Readonly<Record<string, unknown>>): Result<unknown, EvaluationProblem>;
}

/** What a person writes is far below; what is above would only exhaust the stack, or take minutes. */
const longest = 10_000;
const limits = { maxAstNodes: 2000, maxDepth: 100 };
const options = { homogeneousAggregateLiterals: false, enableOptionalTypes: true, limits };

interface DurationClass {
  fromMilliseconds(ms: number): object;
}

interface Environments {
  readonly base: Environment;
  /** To check in, where a name has to be known. */
  readonly checked: Environment;
  /** To check in what reads names by their types. */
  readonly byType: () => Environment;
}

/** With what every expression may use. Made with the first expression, because it takes milliseconds. */
const plain = once((): Environments => {
  const base = new Environment({ ...options, unlistedVariablesAreDyn: true });
  base.registerFunction("string(google.protobuf.Timestamp): string", (at: Date) =>
    at.toISOString().replace(".000Z", "Z"),
  );
  base.registerFunction("string(google.protobuf.Duration): string", String);
  // A rate that happens to be a whole number arrives as an integer: 98 / 100.0 must still divide.
  for (const [left, right] of [
    ["int", "double"],
    ["double", "int"],
  ]) {
    base.registerOperator(`${left} + ${right}: double`, (a: number, b: number) => Number(a) + Number(b));
    base.registerOperator(`${left} - ${right}: double`, (a: number, b: number) => Number(a) - Number(b));
    base.registerOperator(`${left} * ${right}: double`, (a: number, b: number) => Number(a) * Number(b));
  }
  registerDepartures(base, celDuration);
  // A registration costs more than the copy.
  const checked = base.clone({ unlistedVariablesAreDyn: false });
  return { base, checked, byType: once(() => withPlaceholders(checked)) };
});

/** Functions cost milliseconds to register, and most expressions call none of them. */
const withFunctions = once((): Environments => {
  const { base, checked } = plain();
  const both = { base: base.clone(), checked: checked.clone() };
  for (const environment of Object.values(both)) registerFunctions(environment);
  return { ...both, byType: once(() => withPlaceholders(both.checked)) };
});

function withPlaceholders(checked: Environment): Environment {
  const environment = checked.clone();
  registerPlaceholders(environment);
  return environment;
}

const durations = once(
  () => (plain().base.evaluate('duration("0s")') as object).constructor as unknown as DurationClass,
);
const sample = once(() => plain().base.parse("size([])").ast as object);

function environmentsFor(text: string): Environments {
  return callsFunction.test(text) ? withFunctions() : plain();
}

/** Milliseconds as a CEL duration. */
export function celDuration(ms: number): object {
  return durations().fromMilliseconds(ms);
}

/** Milliseconds of a CEL duration, or undefined for anything else. */
export function durationMs(value: unknown): number | undefined {
  return typeof value === "object" && value !== null && value.constructor === (durations() as unknown)
    ? Number(value.valueOf())
    : undefined;
}

/** Plain data of a file as an expression sees it: whole numbers are integers. */
export function celData(value: unknown): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(celData);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, celData(item)]));
}

/** Runbooks say the same again and again: half of what lint reads it has read before. */
const compiled = remembered<Result<Expression, ExpressionProblem>>(1000);
const sound = remembered<boolean>(1000);

/** Parses; what is wrong with the text itself comes back with its place. */
export function compile(text: string): Result<Expression, ExpressionProblem> {
  return compiled(text, () => parse(text));
}

function parse(text: string): Result<Expression, ExpressionProblem> {
  const whole = { start: 0, end: text.length };
  if (text.length > longest) {
    return fail({ message: `an expression has at most ${longest} characters`, span: whole });
  }
  if (text.trim() === "") return fail({ message: "there is no expression here", span: whole });
  const renamed = rename(text);
  let program;
  const found: NamesRead = { reads: [], lookups: [], compared: [] };
  try {
    program = environmentsFor(text).base.parse(renamed);
    depart(program.ast, sample());
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
      const { stackTraceLimit } = Error;
      // What is missing before a run is an exception of the library, of which nobody sees where it was made.
      Error.stackTraceLimit = 0;
      try {
        return present(program(names));
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const problem = evaluationProblem(error);
        const [, name] = problem.missing ? (/^(\S+) is missing$/.exec(problem.message) ?? []) : [];
        const meant = name === undefined ? "" : meantIn(names, found.reads, name);
        return fail({ ...problem, message: `${problem.message}${meant}` });
      } finally {
        Error.stackTraceLimit = stackTraceLimit;
      }
    },
  });
}

/** What may be missing is its value outside of the expression, or missing. */
function present(value: unknown): Result<unknown, EvaluationProblem> {
  if (!(value instanceof Optional)) return ok(value);
  return value.hasValue() ? ok(value.value()) : fail({ message: "the value is missing", missing: true });
}

/** Checks the expression against what can be seen where it stands. */
export function check(
  expression: Expression,
  types: ScopeTypes,
  wanted?: "bool",
): ExpressionProblem | undefined {
  const plainly = byTypes(rename(expression.text), expression.reads, types);
  if (plainly !== undefined) {
    const { text, whole } = plainly;
    // The checker is asked where there is anything to it.
    if (whole !== undefined && (wanted !== "bool" || whole === "bool" || whole === "dyn")) return undefined;
    const right = sound(`${wanted ?? ""} ${text}`, () => {
      const environment = environmentsFor(text).byType();
      return problemIn(environment, { ...expression, text }, text, types, wanted) === undefined;
    });
    if (right) return undefined;
  }
  const read = onlyRead(expression, types);
  const asked = JSON.stringify([expression.text, wanted ?? "", read]);
  // What is wrong is said with all the names that are there, and is not kept.
  const right = sound(asked, () => typesProblem(expression, read, types, wanted) === undefined);
  return right ? undefined : typesProblem(expression, read, types, wanted);
}

function typesProblem(
  expression: Expression,
  read: ScopeTypes,
  types: ScopeTypes,
  wanted: "bool" | undefined,
): ExpressionProblem | undefined {
  const environment = environmentsFor(expression.text).checked.clone();
  for (const [name, type] of Object.entries(read)) {
    if (typeof type === "string") environment.registerVariable(name, type);
    else environment.registerVariable({ name, schema: schemaOf(type) });
  }
  return problemIn(environment, expression, rename(expression.text), types, wanted);
}

function problemIn(
  environment: Environment,
  expression: Pick<Expression, "text" | "reads">,
  text: string,
  types: ScopeTypes,
  wanted: "bool" | undefined,
): ExpressionProblem | undefined {
  const parsed = environment.parse(text);
  depart(parsed.ast, sample());
  const result = parsed.check();
  if (!result.valid) return typeProblem(expression, result.error, types, ofCel);
  const departs = departureProblem(parsed.ast, expression.text);
  if (departs !== undefined) return departs;
  if (wanted === "bool" && result.type !== "bool" && result.type !== "dyn") {
    const whole = { start: 0, end: expression.text.length };
    return {
      message: `this gives ${plainly(result.type ?? "nothing")}, but must give true or false`,
      span: whole,
    };
  }
  return undefined;
}

/** Names of CEL's own functions, for a message about one that there is none of. */
function ofCel(): ReadonlySet<string> {
  const names = plain()
    .base.getDefinitions()
    .functions.map(({ name }) => name);
  return new Set(names.filter((name) => /^[a-zA-Z]\w*$/.test(name)));
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

const renamed = new RegExp(`${notCode}|\\bhas\\(\\s*changed\\s*\\)`, "g");

/** Letter for letter as long, so that every position stays right. */
function rename(text: string): string {
  if (!text.includes("changed")) return text;
  return text.replaceAll(renamed, (part) =>
    part.startsWith("has(") ? hasChanged.padEnd(part.length) : part,
  );
}
