import type { Shape } from "../language/shape.ts";
import { readNow } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import type { Entry, MapNode } from "../language/yaml.ts";

export function entryOf(node: MapNode, key: string): Entry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

/** A key whose value is read before anything runs. */
export function plain<T>(node: MapNode, key: string, shape: Shape<T>, problems: Problems): T | undefined {
  const entry = entryOf(node, key);
  return entry === undefined ? undefined : readNow(entry.value, shape, key, problems);
}
