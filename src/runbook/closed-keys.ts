import { nearest } from "../base/suggest.ts";
import type { Expression } from "../language/expression.ts";
import type { ExpressionProblem } from "../language/expression-problem.ts";
import type { Value } from "../language/value.ts";
import type { Step } from "./runbook.ts";
import type { Visible } from "./scope.ts";

/** A key of an output that its step's arguments say it has not: `sum.erors` beside `select: { errors: … }`. */
export function unknownKeyRead(
  { reads }: Expression,
  { steps, own }: Visible,
): ExpressionProblem | undefined {
  for (const { names, span } of reads) {
    const [root = "", id = ""] = names;
    const item = root === "steps" ? steps.get(id) : own;
    const [output = "", key] = root === "steps" ? names.slice(2) : names;
    if (key === undefined || item?.type !== "step") continue;
    if (root === "steps" && item.foreach !== undefined) continue;
    const known = keysOf(item, output);
    if (known === undefined || known.includes(key)) continue;
    const near = nearest(key, known);
    return {
      message: `${output} of ${item.kind.name} has no ${key}; it has ${known.join(", ")}`,
      span,
      ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }),
    };
  }
  return undefined;
}

/** Undefined where only the run knows them. */
function keysOf({ kind, args }: Step, output: string): readonly string[] | undefined {
  const keys = Object.hasOwn(kind.outputs, output) ? kind.outputs[output]?.keys : undefined;
  if (keys === undefined || args.type !== "fields") return undefined;
  const given: Value | undefined = args.fields[keys.argument];
  if (given?.type === "fields") return Object.keys(given.fields);
  const value = given?.type === "constant" ? given.value : undefined;
  if (typeof value === "object" && value !== null) return Object.keys(value);
  const name = typeof value === "string" ? value.toLowerCase() : "";
  return keys.lone?.includes(name) === true ? [name] : undefined;
}
