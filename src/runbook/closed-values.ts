import { nearest } from "../base/suggest.ts";
import type { Expression } from "../language/expression.ts";
import type { ShapeSpec } from "../language/shape.ts";
import type { ExpressionProblem } from "../language/expression-problem.ts";
import { runEnds, stepEnds } from "./name-texts.ts";
import { seenItems, type Item, type Runbook } from "./runbook.ts";
import type { Visible } from "./scope.ts";

/** A comparison that can come out one way only: with a text that its other side never is. */
export function neverEqual(
  { compared }: Expression,
  runbook: Runbook,
  visible: Visible,
): ExpressionProblem | undefined {
  for (const { names, text, span } of compared) {
    const values = valuesOf(names, runbook, visible);
    if (values === undefined || isOf(text, values)) continue;
    const near = nearest(text, values);
    const message = `"${text}" is none of its values: ${values.join(", ")}`;
    return { message, span, ...(near === undefined ? {} : { hint: `Did you mean ${near}?` }) };
  }
  return undefined;
}

function valuesOf(
  [root = "", ...rest]: readonly string[],
  { params }: Runbook,
  { steps, own }: Visible,
): readonly string[] | undefined {
  const [first = "", ...more] = rest;
  switch (root) {
    case "run":
      return first === "outcome" && more.length === 0 ? runEnds : undefined;
    case "params":
      return more.length === 0 ? enumOf(params.find(({ name }) => name === first)?.shape) : undefined;
    case "steps":
      return ofItem(steps.get(first), more);
    default:
      return rest.length === 0 ? own?.kind.outputs[root]?.values : undefined;
  }
}

/** One of them, or several as an output names those of several instances: `exited, running`. */
function isOf(text: string, values: readonly string[]): boolean {
  return text.split(", ").every((one) => values.includes(one));
}

function enumOf(shape: ShapeSpec | undefined): readonly string[] | undefined {
  return shape?.type === "string" ? shape.enum : undefined;
}

function ofItem(
  item: Item | undefined,
  [name = "", ...more]: readonly string[],
): readonly string[] | undefined {
  if (item === undefined) return undefined;
  if (name === "outcome") return more.length === 0 ? stepEnds : undefined;
  if (item.type === "include")
    return ofItem(
      [...seenItems(item.items)].find(({ id }) => id === name),
      more,
    );
  if (item.type === "group" || item.foreach !== undefined || more.length > 0) return undefined;
  return item.kind.outputs[name]?.values;
}
