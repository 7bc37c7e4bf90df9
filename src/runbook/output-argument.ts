import type { Expression } from "../language/expression.ts";
import type { ExpressionProblem } from "../language/expression-problem.ts";
import type { Step } from "./runbook.ts";
import type { Visible } from "./scope.ts";

/** A read of an output that is only there with an argument, which the step was not given. */
export function lacksArgument({ reads }: Expression, { steps, own }: Visible): ExpressionProblem | undefined {
  for (const { names, guarded, span } of reads) {
    const [root = "", id = "", output = ""] = names;
    const item = root === "steps" ? steps.get(id) : own;
    if (guarded || item?.type !== "step") continue;
    const lacked = lackedBy(item, root === "steps" ? output : root);
    if (lacked !== undefined) return { message: lacked.says, span, hint: `Write ${lacked.write}.` };
  }
  return undefined;
}

function lackedBy({ kind, args }: Step, output: string) {
  const takes = Object.hasOwn(kind.outputs, output) ? kind.outputs[output]?.takes : undefined;
  if (takes === undefined || args.type !== "fields" || Object.hasOwn(args.fields, takes.argument))
    return undefined;
  return takes;
}
