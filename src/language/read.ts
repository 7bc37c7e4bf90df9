import type { FieldSpec, ObjectSpec, Shape, ShapeSpec } from "./shape.ts";
import { nearest } from "../base/suggest.ts";
import type { Span } from "./source.ts";
import { lostSpelling } from "./scalar.ts";
import { sqlTraps } from "./sql-written.ts";
import { hasTemplate, parseTemplate } from "./template.ts";
import type { Problems } from "./problems.ts";
import { fit, render, templatesOf, type Value } from "./value.ts";
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

function readScalar(node: Node, shape: ShapeSpec, what: string, problems: Problems): Value | undefined {
  if (node.type !== "scalar") {
    problems.add(node.span, `${what} ${describe(shape)}, and is a ${node.type}`);
    return undefined;
  }
  const { value, span } = node;
  const kept = shape.type === "string" && shape.template === "kept";
  if (typeof value === "string" && hasTemplate(value) && !kept) {
    if (shape.type === "string" && shape.template === "none") {
      const at = value.indexOf("${");
      const place = node.inner === undefined ? span : { start: node.inner + at, end: node.inner + at + 2 };
      problems.add(
        place,
        `${what} is never interpolated`,
        shape.instead ?? "Bind values with params: instead.",
      );
      return undefined;
    }
    return readTemplate(node, value, shape, what, problems);
  }
  // Text that YAML reads as a number or a boolean would lose its spelling: 1.10, yes, 0123.
  if (shape.type === "string" && typeof value !== "string") {
    const { source } = problems;
    const written = value === null ? "" : source.text.slice(span.start, span.end);
    const is = value === null ? "empty" : written;
    problems.add(span, `${what} ${describe(shape)}, and is ${is}`, `Put it in quotes: "${written}".`);
    return undefined;
  }
  if (/^[+-]?0\d/.test(node.spelled ?? "")) {
    problems.add(
      span,
      `${what} ${describe(shape)}, and is ${node.spelled}`,
      `Write it without the 0: ${String(value)}.`,
    );
    return undefined;
  }
  const fitted = fit(value, shape);
  if (!fitted.ok) {
    const near =
      shape.type === "string" && shape.enum !== undefined ? nearest(String(value), shape.enum) : undefined;
    problems.add(span, `${what} ${fitted.failure}`, near === undefined ? undefined : `Did you mean ${near}?`);
    return undefined;
  }
  if (shape.type === "string" && shape.syntax === "sql") {
    const written = problems.source.text.slice(span.start, span.end);
    for (const { message, hint, warning } of sqlTraps(written, String(value))) {
      if (warning) problems.warn(span, `${what}: ${message}`, hint);
      else problems.add(span, `${what}: ${message}`, hint);
    }
  }
  const [, shell] = /^\$\{?(\w+)/.exec(String(value)) ?? [];
  if (shape.type === "string" && shape.secret === "whole" && shell !== undefined) {
    problems.add(
      span,
      `${what} is the text ${String(value)}: no shell fills it in`,
      `Write \${secrets.${shell}}.`,
    );
    return undefined;
  }
  return { type: "constant", value: fitted.value, span };
}

function readTemplate(
  node: ScalarNode,
  text: string,
  shape: ShapeSpec,
  what: string,
  problems: Problems,
): Value | undefined {
  const template = parseTemplate(text);
  if (!template.ok) {
    problems.within(node, template.failure);
    return undefined;
  }
  const literal = template.value.parts.every((part) => part.type === "text");
  if (literal) {
    const value = template.value.parts.map((part) => (part.type === "text" ? part.text : "")).join("");
    const fitted = fit(value, shape);
    if (fitted.ok) return { type: "constant", value: fitted.value, span: node.span };
    problems.add(node.span, `${what} ${fitted.failure}`);
    return undefined;
  }
  return { type: "template", template: template.value, shape, span: node.span, node };
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

/** How a value of the shape is written, for who has written something else. */
function exampleOf(shape: ShapeSpec): string {
  switch (shape.type) {
    case "list":
      return `[${exampleOf(shape.of)}]`;
    case "map":
    case "named":
      return `{ name: ${exampleOf(shape.of)} }`;
    case "object":
      return `{ ${Object.keys(shape.fields).slice(0, 3).join(": …, ")}: … }`;
    case "integer":
    case "number":
      return "1";
    case "boolean":
      return "true";
    case "duration":
      return "30s";
    case "string":
      return shape.enum?.[0] ?? "text";
    case "json":
    case "node":
      return "…";
  }
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

/** `must be text`, `must be one of a, b`. */
function describe(shape: ShapeSpec): string {
  switch (shape.type) {
    case "string":
      return shape.enum === undefined ? "must be text" : `must be one of ${shape.enum.join(", ")}`;
    case "integer":
      return "must be a whole number";
    case "number":
      return "must be a number";
    case "boolean":
      return "must be true or false";
    case "duration":
      return "must be a duration such as 30s";
    case "list":
      return "must be a list";
    case "map":
    case "named":
    case "object":
      return "must be a map";
    case "json":
    case "node":
      return "must be a value";
  }
}
