import { readTree } from "../language/tree.ts";
import type { Source } from "../language/source.ts";

/**
 * Ids of the alerts that a runbook answers, read of its file alone: whoever looks for the runbook of an alert that
 * fires gets it even where a step of it has a mistake, which `run` will say. Undefined where the file is no YAML.
 */
export function alertsIn(source: Source): readonly string[] | undefined {
  const { node } = readTree(source);
  if (node?.type !== "map") return undefined;
  const alerts = node.entries.find(({ key }) => key === "alerts")?.value;
  if (alerts?.type !== "list") return [];
  return alerts.items.flatMap((item) => (item.type === "scalar" ? [String(item.value)] : []));
}
