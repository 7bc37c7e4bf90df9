import { compile } from "../language/expression.ts";
import { isNothing, type Problems } from "../language/read.ts";
import { parseTemplate } from "../language/template.ts";
import type { MapNode } from "../language/yaml.ts";
import { entryOf } from "./keys.ts";
import type { Condition, Text } from "./runbook.ts";

/** An expression; `true` and `false` may be written as such. */
export function condition(node: MapNode, key: string, problems: Problems): Condition | undefined {
  const entry = entryOf(node, key);
  if (entry === undefined) return undefined;
  const { value } = entry;
  if (value.type !== "scalar" || isNothing(value)) {
    problems.add(value.span, `${key} must be an expression`, "Such as status == 200.");
    return undefined;
  }
  const written = String(value.value);
  if (written.trim().startsWith("${")) {
    problems.add(value.span, `${key} is an expression already`, "Write it without ${ and }.");
    return undefined;
  }
  const compiled = compile(written);
  if (!compiled.ok) {
    problems.within(value, compiled.failure);
    return undefined;
  }
  return { expression: compiled.value, node: value };
}

/** A sentence with `${…}` in it. */
export function sentence(node: MapNode, key: string, problems: Problems): Text | undefined {
  const entry = entryOf(node, key);
  if (entry === undefined) return undefined;
  if (entry.value.type !== "scalar" || typeof entry.value.value !== "string") {
    problems.add(entry.value.span, `${key} must be a sentence`);
    return undefined;
  }
  const template = parseTemplate(entry.value.value);
  if (!template.ok) {
    problems.within(entry.value, template.failure);
    return undefined;
  }
  return { template: template.value, node: entry.value };
}
