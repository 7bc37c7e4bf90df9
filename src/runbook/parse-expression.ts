import { compile } from "../language/expression.ts";
import { isNothing } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import { parseTemplate } from "../language/template.ts";
import type { Entry, MapNode } from "../language/yaml.ts";
import { entryOf } from "./keys.ts";
import type { Condition, Expectation, Text } from "./runbook.ts";

/** An expression; `true` and `false` may be written as such. */
export function condition(node: MapNode, key: string, problems: Problems): Condition | undefined {
  const entry = entryOf(node, key);
  return entry === undefined ? undefined : compiledEntry(entry, key, problems);
}

/** `expect`: an expression, or a map of names and expressions. */
export function expectation(node: MapNode, problems: Problems): Expectation | undefined {
  const entry = entryOf(node, "expect");
  if (entry === undefined) return undefined;
  const { value } = entry;
  if (value.type !== "map") {
    const only = compiledEntry(entry, "expect", problems);
    return only === undefined ? undefined : [{ name: undefined, condition: only }];
  }
  if (value.entries.length === 0)
    problems.add(value.span, "expect names nothing", "Such as Drawdown: x < 0.2.");
  return value.entries.flatMap((one) => {
    const part = compiledEntry(one, one.key, problems);
    return part === undefined ? [] : [{ name: one.key, condition: part }];
  });
}

function compiledEntry({ value }: Entry, key: string, problems: Problems): Condition | undefined {
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
