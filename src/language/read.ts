import type { FieldSpec, ObjectSpec, Shape, ShapeSpec } from "./shape.ts";
import { nearest } from "../base/suggest.ts";
import type { Span } from "./source.ts";
import { lostSpelling } from "./scalar.ts";
import { readScalar, readTemplate } from "./read-scalar.ts";
import { exampleOf } from "./shape-words.ts";
import { hasTemplate } from "./template.ts";
import type { Problems } from "./problems.ts";
import { render, templatesOf, type Value } from "./value.ts";
import type { Entry, MapNode, Node, ScalarNode } from "./yaml.ts";

/** The same for what is read before anything runs: a template in it is a problem. */
export function readNow<T>(node: Node, shape: Shape<T>, what: string, problems: Problems): T | undefined {
  const value = readValue(node, shape.spec, what, problems);
  if (value === undefined) return undefined;
  const [template] = templatesOf(value);
  if (template !== undefined) {
    problems.add(
      template.span,
      `${what} is read before anything runs, so \${…} is not allowed`,
      "Write it out.",
    );
    return undefined;
  }
  const rendered = render(value, {});
  return rendered.ok ? (rendered.value as T) : undefined;
}

/** Reads a node as a shape wants it. What does not fit is reported, and undefined comes back. */
export function readValue(node: Node, shape: ShapeSpec, what: string, problems: Problems): Value | undefined {
  switch (shape.type) {
    case "list":
      return readList(node, shape, what, problems);
    case "map":
      return readMap(node, shape.of, what, problems);
    case "object":
      return readObject(node, shape, what, problems);
    case "named":
      return readNamed(node, shape, what, problems);
    case "json":
      return readJson(node, shape.typed === true, problems);
    case "node":
      return { type: "constant", value: node, span: node.span };
    case "string":
    case "integer":
    case "number":
    case "boolean":
    case "duration":
      return readScalar(node, shape, what, problems);
  }
}

function readList(
  node: Node,
  shape: Extract<ShapeSpec, { type: "list" }>,
  what: string,
  problems: Problems,
): Value | undefined {
  if (node.type === "scalar" && typeof node.value === "string" && hasTemplate(node.value)) {
    return readTemplate(node, node.value, shape, what, problems);
  }
  if (shape.lone === true && node.type === "scalar" && !isNothing(node)) {
    const item = readValue(node, shape.of, what, problems);
    return item === undefined ? undefined : { type: "list", items: [item], span: node.span };
  }
  if (node.type !== "list") {
    const one = node.type === "scalar" && /^[\w.:-]+$/.test(String(node.value ?? ""));
    problems.add(
      node.span,
      `${what} must be a list, and is ${node.type === "map" ? "a map" : "not one"}`,
      one ? `Write [${String(node.value)}].` : undefined,
    );
    return undefined;
  }
  if (node.items.length < (shape.min ?? 0)) {
    problems.add(node.span, `${what} must have at least ${shape.min} in its list`);
    return undefined;
  }
  const items = node.items.map((item) => readValue(item, shape.of, what, problems));
  return items.every((item) => item !== undefined) ? { type: "list", items, span: node.span } : undefined;
}

function readMap(node: Node, of: ShapeSpec, what: string, problems: Problems): Value | undefined {
  if (node.type !== "map") {
    problems.add(node.span, `${what} must be a map`, `Such as ${what}: { name: ${exampleOf(of)} }.`);
    return undefined;
  }
  return fieldsOf(
    node.span,
    node.entries.map((entry) => [entry.key, readValue(entry.value, of, entry.key, problems)]),
  );
}

function readObject(node: Node, shape: ObjectSpec, what: string, problems: Problems): Value | undefined {
  const { primary } = shape;
  if (node.type !== "map" || shape.bare === true) {
    if (primary === undefined || isNothing(node)) {
      if (isNothing(node) && missingFields(shape, new Set()).length === 0)
        return withDefaults(shape, [], node.span);
      const needs = primary === undefined ? "must be a map of its fields" : `needs ${primary}`;
      problems.add(node.span, `${what} ${needs}`, `Its fields: ${Object.keys(shape.fields).join(", ")}.`);
      return undefined;
    }
    const field = shape.fields[primary];
    if (field === undefined) throw new Error(`${what} names a primary field it does not have`);
    const value = readValue(node, field.shape, what, problems);
    const others = missingFields(shape, new Set([primary]));
    if (others.length > 0) problems.add(node.span, `${what} also needs ${others.join(" and ")}`);
    return value === undefined || others.length > 0
      ? undefined
      : withDefaults(shape, [[primary, value]], node.span);
  }
  const read = node.entries.map((entry): [string, Value | undefined] => {
    const field = Object.hasOwn(shape.fields, entry.key) ? shape.fields[entry.key] : undefined;
    if (field === undefined && shape.rest !== undefined)
      return [entry.key, readValue(entry.value, shape.rest, entry.key, problems)];
    if (field === undefined) {
      unknownKey(entry, Object.keys(shape.fields), what, problems);
      return [entry.key, undefined];
    }
    return [entry.key, readValue(entry.value, field.shape, entry.key, problems)];
  });
  const given = node.entries.map((entry) => entry.key);
  const missing = missingFields(shape, new Set(given));
  // One that is only misspelt has been told.
  const meant = given.filter((key) => !Object.hasOwn(shape.fields, key)).map((key) => nearest(key, missing));
  for (const name of missing.filter((one) => shape.rest !== undefined || !meant.includes(one))) {
    problems.under("key").add(firstKey(node), `${what} needs ${name}`, shape.fields[name]?.doc);
  }
  if (missing.length > 0 || read.some(([, value]) => value === undefined)) return undefined;
  return withDefaults(
    shape,
    read.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    node.span,
  );
}

/** One that stands alone is told by its fields: a map without any of them, and with something, holds several. */
function readNamed(
  node: Node,
  { of, lone }: Extract<ShapeSpec, { type: "named" }>,
  what: string,
  problems: Problems,
): Value | undefined {
  const several =
    node.type === "map" &&
    node.entries.length > 0 &&
    !node.entries.some(({ key }) => Object.hasOwn(of.fields, key));
  if (several) return readMap(node, of, what, problems);
  const one = readObject(node, of, what, problems);
  return one === undefined ? undefined : { type: "fields", fields: { [lone]: one }, span: node.span };
}

function withDefaults(shape: ObjectSpec, given: readonly (readonly [string, Value])[], span: Span): Value {
  const fields: Record<string, Value> = Object.fromEntries(given);
  for (const [name, field] of Object.entries(shape.fields)) {
    if (fields[name] === undefined && field.default !== undefined) {
      fields[name] = { type: "constant", value: field.default, span };
    }
  }
  return { type: "fields", fields, span };
}

/** A value would lose its spelling where it is sent as text. */
export function refuseSpelling({ spelled, value, span }: ScalarNode, problems: Problems): boolean {
  if (spelled === undefined || typeof value === "string") return false;
  const { message, hint } = lostSpelling(spelled, value);
  problems.add(span, message, hint);
  return true;
}

function readJson(node: Node, typed: boolean, problems: Problems): Value | undefined {
  switch (node.type) {
    case "scalar":
      if (!typed && refuseSpelling(node, problems)) return undefined;
      return typeof node.value === "string" && hasTemplate(node.value)
        ? readTemplate(node, node.value, { type: "json" }, "it", problems)
        : { type: "constant", value: node.value, span: node.span };
    case "list": {
      const items = node.items.map((item) => readJson(item, typed, problems));
      return items.every((item) => item !== undefined) ? { type: "list", items, span: node.span } : undefined;
    }
    case "map":
      return fieldsOf(
        node.span,
        node.entries.map((entry) => [entry.key, readJson(entry.value, typed, problems)]),
      );
  }
}

function fieldsOf(span: Span, read: readonly (readonly [string, Value | undefined])[]): Value | undefined {
  if (read.some(([, value]) => value === undefined)) return undefined;
  const fields = Object.fromEntries(
    read.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  return { type: "fields", fields, span };
}

export function unknownKey(entry: Entry, known: readonly string[], what: string, problems: Problems): void {
  const near = nearest(entry.key, known);
  problems
    .under("key")
    .add(
      entry.keySpan,
      `${entry.key} is not a key of ${what}`,
      near === undefined ? `Its keys: ${known.toSorted().join(", ")}.` : `Did you mean ${near}?`,
    );
}

export function isNothing(node: Node): boolean {
  return node.type === "scalar" && node.value === null;
}

function missingFields(shape: ObjectSpec, given: ReadonlySet<string>): readonly string[] {
  return Object.entries(shape.fields)
    .filter(
      ([name, field]: [string, FieldSpec]) =>
        field.required && field.default === undefined && !given.has(name),
    )
    .map(([name]) => name);
}

/** Where to say that something is missing from a map: at its first key, not over its whole body. */
export function firstKey(node: MapNode): Span {
  return node.entries[0]?.keySpan ?? node.span;
}
