import type { Node } from "../language/yaml.ts";
import { entryOf } from "./keys.ts";
import { readGroup, readInclude } from "./parse-group.ts";
import { readStep, type StepContext } from "./parse-step.ts";
import type { Item } from "./runbook.ts";

/** A list of steps: of a section, of a rung, of a group. */
export function readItems(node: Node, what: string, context: StepContext): readonly Item[] {
  if (node.type !== "list") {
    context.problems.add(node.span, `${what} must be a list of steps`);
    return [];
  }
  if (node.items.length === 0) context.problems.add(node.span, `${what} must have at least one step`);
  return node.items.flatMap((item) => {
    const read = readItem(item, context);
    return read === undefined ? [] : [read];
  });
}

function readItem(node: Node, context: StepContext): Item | undefined {
  if (node.type !== "map") {
    context.problems.add(node.span, "a step is a map: its verb with arguments, and its other keys");
    return undefined;
  }
  if (entryOf(node, "include") !== undefined) return readInclude(node, context);
  const steps = entryOf(node, "steps");
  return steps === undefined
    ? readStep(node, context)
    : readGroup(node, readItems(steps.value, "steps", context), context);
}
