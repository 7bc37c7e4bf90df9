import type { Environment, EvaluationError } from "@marcbachmann/cel-js";
import { jsonText } from "../base/json.ts";
import { whyNone } from "../base/no-value.ts";
import { once } from "../base/once.ts";
import { among, quotient, same } from "./cel-values.ts";
import { instant, inZone, zonedParts } from "./cel-time.ts";
import { functionNamed, functions as offered, ownName } from "./functions/table.ts";

/**
 * Where an expression is not CEL, for docs/expressions.md: the library's own operators and functions cannot be
 * replaced, so one pass over the tree, before its first check, puts ours in their place.
 */
export const departures: readonly string[] = [
  "`/` of any two numbers is the exact quotient, a double (`int(a / b)` for the whole part); a divisor of 0 is unknown. `%` is for integers. Integers and doubles mix. `number * duration`, `duration / number` and `duration / duration` are there.",
  "`==`, `!=` and `in` between unlike kinds (text, number, boolean, time, duration, list, map; null aside, an empty list aside) are unknown, and an error at lint where the types are known.",
  "`has(a.b.c)` is false whatever of it is missing, not `c` alone.",
  "NaN and Infinity are no values: where one would arise it is missing.",
  "`timestamp()` takes RFC 3339 with a zone; digits beyond milliseconds are read and dropped. Hours of a zone follow the zone's rules, not the machine's.",
];

const operators: Readonly<Record<string, string>> = {
  "/": "_quotient_",
  "==": "_same_",
  "!=": "_other_",
  in: "_among_",
};
const functions = once((): Readonly<Record<string, string>> => ({
  timestamp: "_timestamp_",
  double: "_double_",
  int: "_int_",
  matches: ownName("matches"),
}));
const zoned = new Map<string, string>(zonedParts.map((name) => [name, `_${name}_`]));

/** The name that a person wrote for each of ours. */
const written = once(
  () =>
    new Map(
      [
        ...Object.entries(operators),
        ...Object.entries(functions()),
        ...zoned,
        ...offered.map(({ name }): [string, string] => [name, ownName(name)]),
      ].map(([name, our]) => [our, name]),
    ),
);

/** A message of the library with the words that a person wrote. */
export function asWritten(message: string): string {
  return message.replaceAll(/_[a-zA-Z]+_/g, (name) => written().get(name) ?? name);
}

/** A node of the library's tree; its typings leave `meta` out. */
export interface AstNode {
  readonly op: string;
  readonly args: unknown;
  readonly start: number;
  readonly end: number;
  readonly meta: { readonly check: unknown; readonly evaluate: unknown; macro?: Macro };
  readonly checkedType?: { readonly name: string };
  setMeta(key: string, value: unknown): void;
  clone(op: Operation, args: unknown): AstNode;
}
interface Macro {
  evaluate(...given: readonly unknown[]): unknown;
}

const timestamp = "google.protobuf.Timestamp";
const duration = "google.protobuf.Duration";

/** Registers what the pass puts in. @param ofMilliseconds makes a duration */
export function registerDepartures(environment: Environment, ofMilliseconds: (ms: number) => object): void {
  for (const [left, right] of pairs(["int", "double"])) {
    environment.registerFunction(`_quotient_(${left}, ${right}): double`, quotient);
  }
  environment.registerFunction(`_quotient_(${duration}, ${duration}): double`, quotient);
  for (const number of ["int", "double"]) {
    const times = (a: unknown, b: unknown): object => ofMilliseconds(Number(a) * Number(b));
    environment.registerFunction(
      `_quotient_(${duration}, ${number}): ${duration}`,
      (a: unknown, b: unknown) => ofMilliseconds(quotient(a, b)),
    );
    environment.registerOperator(`${number} * ${duration}: ${duration}`, times);
    environment.registerOperator(`${duration} * ${number}: ${duration}`, times);
  }
  environment.registerFunction("_same_(dyn, dyn): bool", same);
  environment.registerFunction("_other_(dyn, dyn): bool", (a: unknown, b: unknown) => !same(a, b));
  environment.registerFunction("_among_(dyn, dyn): bool", among);
  environment.registerFunction(`_timestamp_(string): ${timestamp}`, instant);
  environment.registerFunction(`_timestamp_(int): ${timestamp}`, (seconds: bigint) =>
    dated(Number(seconds) * 1000),
  );
  environment.registerFunction(`_timestamp_(${timestamp}): ${timestamp}`, (at: Date) => at);
  environment.registerFunction("_double_(dyn): double", asDouble);
  environment.registerFunction("_int_(dyn): int", asInteger);
  for (const name of zonedParts) {
    environment.registerFunction(`${timestamp}._${name}_(string): int`, (at: Date, zone: string) =>
      BigInt(inZone(at, zone)[name]),
    );
  }
}

function pairs(types: readonly string[]): readonly (readonly [string, string])[] {
  return types.flatMap((left) => types.map((right): [string, string] => [left, right]));
}

function dated(ms: number): Date {
  const at = new Date(ms);
  if (Number.isNaN(at.getTime()))
    throw new Error("timestamp() takes seconds since 1970, and this is no such time");
  return at;
}

function asDouble(value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number === "bigint") return Number(number);
  if (typeof number === "number" && Number.isFinite(number)) return number;
  throw new Error(`${jsonText(value)} is no number`);
}

function asInteger(value: unknown): bigint {
  if (value instanceof Date) return BigInt(Math.floor(value.getTime() / 1000));
  const digits = typeof value === "string" && /^[+-]?\d+$/.test(value);
  const number = typeof value === "number" && Number.isFinite(value) ? BigInt(Math.trunc(value)) : value;
  const whole = digits ? BigInt(value.replace("+", "")) : number;
  if (typeof whole !== "bigint") throw new Error(`${jsonText(value)} is no whole number`);
  if (BigInt.asIntN(64, whole) !== whole) throw new Error(`${jsonText(value)} does not fit into 64 bits`);
  return whole;
}

/**
 * Changes a tree that was just parsed, in place; the nodes keep their own `op` and `args` for who reads them.
 * @param sample `call([])` as the same library parsed it: how it checks and evaluates a call and a list.
 */
export function depart(ast: unknown, sample: unknown): void {
  const [call, list] = operationsOf(sample);
  visit(ast, (node) => {
    const { args } = node;
    if (!Array.isArray(args)) return;
    const operator = operators[node.op];
    if (operator !== undefined) node.setMeta("alternate", node.clone(call, [operator, args]));
    const name = String(args[0]);
    const own = Object.hasOwn(functions(), name) ? functions()[name] : undefined;
    if (node.op === "call" && own !== undefined) args[0] = own;
    if (node.op === "call" && node.meta.macro !== undefined) node.meta.macro = forgiving(node.meta.macro);
    const part = zoned.get(name);
    if (node.op === "rcall" && part !== undefined && Array.isArray(args[2]) && args[2].length === 1)
      args[0] = part;
    else if (node.op === "rcall") {
      const made = functionCall(args, (items) => node.clone(list, items));
      if (made !== undefined) node.setMeta("alternate", node.clone(call, made));
    }
  });
}

interface Operation {
  readonly name: string;
  readonly check: unknown;
  readonly evaluate: unknown;
}

function operationsOf(sample: unknown): readonly [call: Operation, list: Operation] {
  const [list]: readonly unknown[] = isNode(sample) && Array.isArray(sample.args) ? sample.args[1] : [];
  if (!isNode(sample) || sample.op !== "call" || !isNode(list) || list.op !== "list")
    throw new Error("that is no call of a list");
  const [ofCall, ofList] = [sample.meta, list.meta];
  return [
    { name: "call", check: ofCall.check, evaluate: ofCall.evaluate },
    { name: "list", check: ofList.check, evaluate: ofList.evaluate },
  ];
}

/** `text.charAt(2)` and `math.abs(2)` as calls of our own functions; undefined for what is none of ours. */
function functionCall(
  [name, receiver, given]: readonly unknown[],
  list: (items: readonly unknown[]) => AstNode,
): readonly unknown[] | undefined {
  if (!isNode(receiver) || !Array.isArray(given)) return undefined;
  const space = receiver.op === "id" ? functionNamed(`${String(receiver.args)}.${String(name)}`) : undefined;
  if (space !== undefined)
    return [ownName(space.name), space.variadic === true && given.length > 1 ? [list(given)] : given];
  const own = functionNamed(String(name));
  return own === undefined ? undefined : [ownName(own.name), [receiver, ...(given as unknown[])]];
}

/** `has(a.b.c)` is false whatever of it is missing, not `c` alone. */
function forgiving(macro: Macro): Macro {
  return {
    ...macro,
    evaluate(...given) {
      try {
        return macro.evaluate(...given);
      } catch (error) {
        const { code, summary } = error as Partial<EvaluationError>;
        if (code === "no_such_key" || code === "unknown_variable") return false;
        if (code === "unsupported_type" && whyNone(summary ?? "") !== undefined) return false;
        throw error;
      }
    },
  };
}

/** Every node of a tree, the innermost first. */
export function visit(value: unknown, each: (node: AstNode) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, each);
    return;
  }
  if (!isNode(value)) return;
  visit(value.args, each);
  each(value);
}

export function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && "op" in value && "args" in value;
}
