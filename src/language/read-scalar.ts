import { nearest } from "../base/suggest.ts";
import type { Problems } from "./problems.ts";
import type { ShapeSpec } from "./shape.ts";
import { describe } from "./shape-words.ts";
import { sqlTraps } from "./sql-written.ts";
import { hasTemplate, parseTemplate } from "./template.ts";
import { fit, type Value } from "./value.ts";
import type { Node, ScalarNode } from "./yaml.ts";

/** What stands on its own: a text, a number, a template. What does not fit is reported, and undefined comes back. */
export function readScalar(
  node: Node,
  shape: ShapeSpec,
  what: string,
  problems: Problems,
): Value | undefined {
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

/** A text with `${…}` in it. */
export function readTemplate(
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
