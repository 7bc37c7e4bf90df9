import { Optional, type Environment } from "@marcbachmann/cel-js";
import type { ExpressionFunction } from "./function.ts";
import { listFunctions } from "./lists.ts";
import { numberFunctions } from "./numbers.ts";
import { otherFunctions } from "./others.ts";
import { textFunctions } from "./text.ts";

/** Every function that expressions have beside CEL's own: for checks, evaluation, the reference and messages. */
export const functions: readonly ExpressionFunction[] = [
  ...textFunctions,
  ...numberFunctions,
  ...listFunctions,
  ...otherFunctions,
];

const byName = new Map(functions.filter(({ macro }) => macro === undefined).map((one) => [one.name, one]));

/** The function of that name, `math.` and the like included. */
export function functionNamed(name: string): ExpressionFunction | undefined {
  return byName.get(name);
}

/** Whether a text may call one of them. */
export const callsFunction = new RegExp(
  `\\b(?:${functions.map(({ name }) => name.replace(/^.*\./, "")).join("|")})\\s*\\(`,
);

/** What it is registered as: the library has functions of the same names, which cannot be replaced. */
export function ownName(name: string): string {
  return `_${name.replace(".", "_")}_`;
}

/** Names that take one of the items, or the value, by a name of their own: `list.sortBy(x, …)`. */
export const macroNames: readonly string[] = functions
  .filter(({ macro }) => macro !== undefined)
  .map(({ name }) => name);

export function registerFunctions(environment: Environment): void {
  for (const { name, forms, macro } of functions) {
    for (const { types, run } of forms) {
      const [takes, gives] = types;
      environment.registerFunction(`${ownName(name)}(${takes.join(", ")}): ${gives}`, run, { async: false });
    }
    if (macro !== undefined)
      environment.registerFunction(`${macro.over}.${name}(ast, ast): ${macro.gives}`, expander(name, macro), {
        async: false,
      });
  }
}

/** What the library hands to a macro; its typings leave it out. */
interface Expanded {
  readonly receiver: AstNode;
  readonly args: readonly [AstNode, AstNode];
}
interface AstNode {
  readonly op: string;
  readonly args: unknown;
}
interface Checker {
  check(node: AstNode, context: Context): Type;
  getType(name: string): Type;
  createError(code: string, message: string, node: AstNode): Error;
}
interface Type {
  readonly kind: string;
  readonly valueType?: Type;
}
interface Context {
  forkWithVariable(name: string, type: Type): Overlay;
}
interface Overlay extends Context {
  reuse(parent: Context): Overlay;
  setIterValue(value: unknown, evaluator: Evaluator): Overlay;
}
interface Evaluator {
  run(node: AstNode, context: Context): unknown;
}

/** A macro evaluates its second argument with its first one standing for each item in turn. */
function expander(name: string, macro: NonNullable<ExpressionFunction["macro"]>) {
  return ({ receiver, args: [variable, expression] }: Expanded) => {
    if (variable.op !== "id" || typeof variable.args !== "string")
      throw new Error(`${name}() takes a name first, such as x`);
    const each = variable.args;
    let inner: Overlay | undefined;
    return {
      async: false,
      typeCheck(checker: Checker, _macro: unknown, context: Context): Type {
        const over = checker.check(receiver, context);
        if (over.kind !== macro.over && over.kind !== "dyn")
          throw checker.createError("no_matching_overload", `${name}() is of ${macro.over}s`, receiver);
        const item = over.kind === "dyn" ? over : (over.valueType ?? checker.getType("dyn"));
        inner = context.forkWithVariable(each, item.kind === "param" ? checker.getType("dyn") : item);
        checker.check(expression, inner);
        return checker.getType(macro.gives);
      },
      evaluate(evaluator: Evaluator, _macro: unknown, context: Context): unknown {
        if (inner === undefined) throw new Error(`${name}() was evaluated before it was checked`);
        const items = itemsOf(evaluator.run(receiver, context), name, macro.over);
        if (macro.over === "optional" && items.length === 0) return Optional.none();
        const overlay = inner.reuse(context);
        const results = items.map((item) => evaluator.run(expression, overlay.setIterValue(item, evaluator)));
        return macro.run(items, results);
      },
    };
  };
}

function itemsOf(value: unknown, name: string, over: string): readonly unknown[] {
  if (over === "list" && Array.isArray(value)) return value;
  if (over === "optional" && value instanceof Optional) return value.hasValue() ? [value.value()] : [];
  throw new Error(`${name}() is of ${over}s`);
}
