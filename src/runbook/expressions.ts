import type { Expression } from "../language/expression.ts";
import type { Template } from "../language/template.ts";
import { templatesOf } from "../language/value.ts";
import type { ScalarNode } from "../language/yaml.ts";
import type { Condition, Foreach, Item, Rung, Text } from "./runbook.ts";

/** An expression of a runbook and where it stands: its first character in the text of its node. */
export interface Written {
  readonly expression: Expression;
  readonly node: ScalarNode;
  readonly at: number;
}

/** Every expression of an item's own, those of an include's parameters too; not of the steps in it. */
export function expressionsOf(item: Item): readonly Written[] {
  const own = [...ofCondition(item.when)];
  if (item.type === "group") return [...own, ...ofForeach(item.foreach), ...ofText(item.label)];
  if (item.type === "include") return [...own, ...Object.values(item.params).flatMap(ofValue)];
  return [
    ...own,
    ...ofForeach(item.foreach),
    ...ofValue(item.args),
    ...(item.at === undefined ? [] : ofValue(item.at)),
    ...(item.expect ?? []).flatMap(({ condition }) => ofCondition(condition)),
    ...ofCondition(item.retry?.until),
    ...Object.values(item.save).flatMap(ofCondition),
    ...ofText(item.finding),
    ...ofText(item.label),
  ];
}

export function expressionsOfRung({ when }: Rung): readonly Written[] {
  return ofCondition(when);
}

function ofCondition(condition: Condition | undefined): readonly Written[] {
  return condition === undefined ? [] : [{ expression: condition.expression, node: condition.node, at: 0 }];
}

function ofForeach(foreach: Foreach | undefined): readonly Written[] {
  return foreach?.type === "list" ? ofValue(foreach.items) : ofCondition(foreach?.condition);
}

function ofText(text: Text | undefined): readonly Written[] {
  return text === undefined ? [] : ofTemplate(text.template, text.node);
}

function ofValue(value: Parameters<typeof templatesOf>[0]): readonly Written[] {
  return templatesOf(value).flatMap(({ template, node }) => ofTemplate(template, node));
}

function ofTemplate({ parts }: Template, node: ScalarNode): readonly Written[] {
  return parts.flatMap((part) =>
    part.type === "expression" ? [{ expression: part.expression, node, at: part.at }] : [],
  );
}
