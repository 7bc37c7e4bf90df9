import { fillSentence, valueText } from "../language/template.ts";
import { durationMs } from "../language/expression.ts";
import type { Names } from "../language/value.ts";
import type { Step } from "../runbook/runbook.ts";
import { brief } from "./session.ts";

/**
 * What an item of a `foreach` is called in a sentence: by `label`, else the item itself, its name or id,
 * else its number.
 */
export function labelOf({ label }: Pick<Step, "label">, names: Names, index: number): string {
  const filled = label === undefined ? undefined : fillSentence(label.template, names);
  if (filled?.ok === true && filled.value.trim() !== "") return brief(filled.value);
  const { item } = names as { readonly item?: unknown };
  const own = scalar(item) ?? scalar(member(item, "name")) ?? scalar(member(item, "id"));
  return own ?? `#${index}`;
}

function member(value: unknown, name: string): unknown {
  if (value instanceof Map) return value.get(name);
  return typeof value === "object" && value !== null ? (value as Names)[name] : undefined;
}

function scalar(value: unknown): string | undefined {
  const plain =
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean" ||
    value instanceof Date ||
    durationMs(value) !== undefined;
  const text = plain ? brief(valueText(value)) : "";
  return text.trim() === "" ? undefined : text;
}
