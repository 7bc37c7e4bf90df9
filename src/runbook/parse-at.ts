import type { Kind } from "../kinds/kind.ts";
import { readValue } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import { text } from "../language/shape.ts";
import { templatesOf, type Value } from "../language/value.ts";
import type { Entry, MapNode } from "../language/yaml.ts";
import { entryOf } from "./keys.ts";

/** Reads `at`, the name of a store: written out, or the item of a list that is. */
export function readAt(node: MapNode, kind: Kind, problems: Problems): Value | undefined {
  const entry = entryOf(node, "at");
  if (entry === undefined) return undefined;
  if (kind.store === undefined) {
    const hint = "It is for steps that speak to PostgreSQL, Redis or Kafka.";
    problems.add(entry.keySpan, `${kind.name} speaks to no store, so at has nothing to name`, hint);
    return undefined;
  }
  const value = readValue(entry.value, text().spec, "at", problems);
  if (value === undefined) return undefined;
  for (const { template, node: written } of templatesOf(value)) {
    for (const part of template.parts) {
      if (part.type !== "expression") continue;
      const other = part.expression.reads.find(({ names: [root] }) => root !== "item");
      if (other === undefined) continue;
      const message = "at must be known before anything runs";
      const hint = "Write the store's name, or ${item} of a foreach over a list that is written out.";
      problems.within(written, { message, span: other.span, hint }, part.at);
    }
  }
  return value;
}

/** What is to be written for a key that other tools have for it. */
export function hintForAt({ key, value }: Entry): string | undefined {
  if (key !== "on" && key !== "store") return undefined;
  const name = value.type === "scalar" && typeof value.value === "string" ? value.value : "NAME";
  return `at: ${name} names the store.`;
}
