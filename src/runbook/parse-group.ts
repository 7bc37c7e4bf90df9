import { didYouMean } from "../base/suggest.ts";
import { oneOf, type ShapeSpec } from "../language/shape.ts";
import { readValue, unknownKey } from "../language/read.ts";
import type { Problems } from "../language/problems.ts";
import type { Value } from "../language/value.ts";
import type { MapNode } from "../language/yaml.ts";
import { deadline, groupKeys, includeKeys, plainText } from "./fields.ts";
import { entryOf, plain } from "./keys.ts";
import { condition } from "./parse-expression.ts";
import { readForeach } from "./parse-foreach.ts";
import { readId, readNeeds, readTolerate, unreadStep, type StepContext } from "./parse-step.ts";
import type { Group, Include, Item, Runbook, Step } from "./runbook.ts";

/** Steps of this file under one title. */
export function readGroup(node: MapNode, items: readonly Item[], context: StepContext): Group {
  const { problems } = context;
  for (const entry of node.entries) {
    if (context.kinds.has(entry.key)) {
      const message = `a group has steps and does nothing itself, but this one has ${entry.key}`;
      problems.add(entry.keySpan, message, "Make it one of its steps.");
    } else if (!Object.hasOwn(groupKeys, entry.key))
      unknownKey(entry, Object.keys(groupKeys), "a group", problems);
  }
  const title = plain(node, "title", plainText, problems);
  return {
    type: "group",
    id: readId(node, idOf(title), context),
    title,
    why: plain(node, "why", plainText, problems),
    when: condition(node, "when", problems),
    needs: readNeeds(node, problems),
    tolerate: readTolerate(node, problems),
    timeout: plain(node, "timeout", deadline, problems),
    ...readForeach(node, problems),
    items,
    span: entryOf(node, "steps")?.keySpan ?? node.span,
  };
}

/** Of a group without an id: a person finds its title again in a log. */
function idOf(title = ""): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const id = words
    .join("_")
    .replace(/^[0-9_]+/, "")
    .slice(0, 40)
    .replace(/_+$/, "");
  return id === "" ? "group" : id;
}

/** Another runbook's section. */
export function readInclude(node: MapNode, context: StepContext): Include | Step {
  const { problems } = context;
  for (const entry of node.entries) {
    if (Object.hasOwn(includeKeys, entry.key)) continue;
    problems.add(
      entry.keySpan,
      `${entry.key} is not a key of an include${didYouMean(entry.key, Object.keys(includeKeys))}`,
    );
  }
  const name = plain(node, "include", plainText, problems);
  const section = plain(node, "section", oneOf("diagnose", "steps"), problems) ?? "diagnose";
  const runbook = name === undefined ? undefined : context.includes.get(name);
  // A missing include was reported when it was looked for.
  if (runbook === undefined) return unreadStep(node, context, name?.replaceAll("-", "_"));
  const items = runbook[section];
  const place = entryOf(node, "include")?.value.span ?? node.span;
  if (items.length === 0) problems.add(place, `${runbook.id} has no ${section} section`);
  return {
    type: "include",
    id: readId(node, runbook.id.replaceAll("-", "_"), context),
    title: plain(node, "title", plainText, problems),
    why: plain(node, "why", plainText, problems),
    when: condition(node, "when", problems),
    needs: readNeeds(node, problems),
    tolerate: readTolerate(node, problems),
    params: readWith(node, runbook, problems),
    runbook,
    items,
    span: place,
  };
}

/** What an include gives may be filled in, where the command line's words stand as they are. */
function filled(shape: ShapeSpec): ShapeSpec {
  if (shape.type === "list") return { ...shape, of: filled(shape.of) };
  return shape.type === "string" ? { ...shape, template: "any" } : shape;
}

function readWith(node: MapNode, runbook: Runbook, problems: Problems): Readonly<Record<string, Value>> {
  const given = entryOf(node, "with");
  const entries = given?.value.type === "map" ? given.value.entries : [];
  if (given !== undefined && given.value.type !== "map")
    problems.add(given.value.span, "with must be a map", "Such as with: { name: value }.");
  const params: Record<string, Value> = {};
  for (const entry of entries) {
    const param = runbook.params.find((candidate) => candidate.name === entry.key);
    if (param === undefined) {
      const names = runbook.params.map((candidate) => candidate.name);
      problems.add(
        entry.keySpan,
        `${runbook.id} has no parameter ${entry.key}${didYouMean(entry.key, names)}`,
      );
      continue;
    }
    const value = readValue(entry.value, filled(param.shape), entry.key, problems);
    if (value !== undefined) params[entry.key] = value;
  }
  for (const param of runbook.params) {
    if (param.default !== undefined || entries.some((entry) => entry.key === param.name)) continue;
    problems.add(
      entryOf(node, "include")?.value.span ?? node.span,
      `${runbook.id} needs the parameter ${param.name}`,
    );
  }
  return params;
}
