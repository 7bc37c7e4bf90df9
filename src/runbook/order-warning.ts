import type { Problems } from "../language/problems.ts";
import type { MapNode } from "../language/yaml.ts";

/** Sections in the order in which they run, whatever the file's order is. */
const order = ["diagnose", "steps", "resolve", "after"];

/** Warns where a file has its sections in another order than they run in: it would be read wrong at 3am. */
export function warnOfOrder(node: MapNode, problems: Problems): void {
  const sections = node.entries.filter(({ key }) => order.includes(key));
  const late = sections.find((one, at) =>
    sections.slice(0, at).some(({ key }) => order.indexOf(key) > order.indexOf(one.key)),
  );
  if (late === undefined) return;
  const runs = order.filter((key) => sections.some((one) => one.key === key));
  problems
    .under("order")
    .warn(
      late.keySpan,
      `${late.key} runs earlier than it is written here`,
      `The order is ${runs.join(", ")}.`,
    );
}
