import { jsonText } from "../base/json.ts";
import { json, list } from "../language/shape.ts";
import { readValue } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import type { MapNode, Node } from "../language/yaml.ts";
import { entryOf } from "./keys.ts";
import { condition, sentence } from "./parse-expression.ts";
import { mostItems, type Foreach, type Step } from "./runbook.ts";

/** Reads `foreach`: an expression, or a list written out. And `label`, which goes with it. */
export function readForeach(node: MapNode, problems: Problems): Pick<Step, "foreach" | "label"> {
  const entry = entryOf(node, "foreach");
  const label = sentence(node, "label", problems);
  if (entry === undefined) {
    const what = entryOf(node, "steps") === undefined ? "step" : "group";
    const place = entryOf(node, "label")?.keySpan;
    if (place !== undefined)
      problems.add(place, `label names the items of a foreach, but this ${what} has no foreach`);
    return { foreach: undefined, label };
  }
  if (entry.value.type === "list") return { foreach: readList(entry.value, problems), label };
  const read = condition(node, "foreach", problems);
  const foreach: Foreach | undefined =
    read === undefined ? undefined : { type: "expression", condition: read, text: read.expression.text };
  return { foreach, label };
}

function readList(node: Extract<Node, { type: "list" }>, problems: Problems): Foreach | undefined {
  if (node.items.length > mostItems) {
    problems.add(
      node.span,
      `foreach takes at most ${mostItems} items, but this list has ${node.items.length}`,
    );
    return undefined;
  }
  const items = readValue(node, list(json()).spec, "foreach", problems);
  return items === undefined ? undefined : { type: "list", items, text: textOf(node) };
}

/** As a plan prints it. */
function textOf(node: Node): string {
  const text = jsonText(plainOf(node));
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function plainOf(node: Node): unknown {
  switch (node.type) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(plainOf);
    case "map":
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainOf(value)]));
  }
}
