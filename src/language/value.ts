import { formatDuration, parseDuration, writeDuration } from "../base/duration.ts";
import { jsonText } from "../base/json.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { NoValue } from "../base/no-value.ts";
import type { ObjectSpec, ShapeSpec } from "./shape.ts";
import { Secret } from "../secrets/secret.ts";
import { durationMs } from "./expression.ts";
import type { Span } from "./source.ts";
import { fill, fillSentence, type Template } from "./template.ts";
import { wholeSecretOf } from "./whole-secret.ts";
import type { ScalarNode } from "./yaml.ts";

/** A checked value of a runbook: what is constant has been read, what is a template is compiled. */
export type Value =
  | { readonly type: "constant"; readonly value: unknown; readonly span: Span }
  | {
      readonly type: "template";
      readonly template: Template;
      readonly shape: ShapeSpec;
      readonly span: Span;
      /** Where the text stands, for a problem inside it. */
      readonly node: ScalarNode;
    }
  | { readonly type: "list"; readonly items: readonly Value[]; readonly span: Span }
  | { readonly type: "fields"; readonly fields: Readonly<Record<string, Value>>; readonly span: Span };

export interface RenderProblem {
  readonly message: string;
  readonly span: Span;
  /** Something it needs has not been measured: not the same as a wrong value. */
  readonly missing: boolean;
}

export type Names = Readonly<Record<string, unknown>>;

/**
 * Fills every template; what comes out must fit the shape as if it had been written there. A text that is one whole
 * secret becomes a `Secret`.
 */
export function render(value: Value, names: Names): Result<unknown, RenderProblem> {
  switch (value.type) {
    case "constant":
      return ok(value.value);
    case "template": {
      const how = value.shape.type === "string" ? value.shape.template : undefined;
      const filled =
        how === "sentence"
          ? fillSentence(value.template, names)
          : fill(value.template, names, how === "url" || how === "quoted" ? { encode: how } : {});
      if (!filled.ok) {
        const message = `${filled.failure.message} in \${${filled.failure.expression}}`;
        return fail({ message, span: value.span, missing: filled.failure.missing });
      }
      const fitted = fit(filled.value, value.shape);
      const secret = secretOf(value);
      if (secret !== undefined) return ok(new Secret(secret, String(filled.value)));
      return fitted.ok
        ? fitted
        : fail({ message: `${value.template.text} ${fitted.failure}`, span: value.span, missing: false });
    }
    case "list": {
      const items: unknown[] = [];
      for (const item of value.items) {
        const rendered = render(item, names);
        if (!rendered.ok) return rendered;
        items.push(rendered.value);
      }
      return ok(items);
    }
    case "fields": {
      const fields: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(value.fields)) {
        const rendered = render(field, names);
        if (!rendered.ok) return rendered;
        fields[name] = rendered.value;
      }
      return ok(fields);
    }
  }
}

/** For a plan: what can be known now is filled in, the rest reads `‹expression›`, a secret `$NAME`. */
export function show(value: Value, names: Names): unknown {
  switch (value.type) {
    case "constant":
      return value.value;
    case "template": {
      const secret = secretOf(value);
      if (secret !== undefined) return `$${secret}`;
      const whole = render(value, names);
      return whole.ok ? whole.value : showParts(value.template, names);
    }
    case "list":
      return value.items.map((item) => show(item, names));
    case "fields":
      return Object.fromEntries(
        Object.entries(value.fields).map(([name, field]) => [name, show(field, names)]),
      );
  }
}

/** The name of the secret that all of a text is, where its shape has that. */
export function secretOf({
  template,
  shape,
}: Pick<Extract<Value, { type: "template" }>, "template" | "shape">): string | undefined {
  return shape.type === "string" && shape.secret === "whole" ? wholeSecretOf(template) : undefined;
}

function showParts(template: Template, names: Names): string {
  return template.parts
    .map((part) => {
      if (part.type === "text") return part.text;
      const filled = fill({ text: "", parts: [part, { type: "text", text: "" }] }, names);
      return filled.ok ? String(filled.value) : `‹${part.expression.text}›`;
    })
    .join("");
}

/** Every template in a value, for rules that look at what an argument reads. */
export function templatesOf(value: Value): readonly Extract<Value, { type: "template" }>[] {
  switch (value.type) {
    case "constant":
      return [];
    case "template":
      return [value];
    case "list":
      return value.items.flatMap(templatesOf);
    case "fields":
      return Object.values(value.fields).flatMap(templatesOf);
  }
}

/**
 * Reads plain data (a filled template, a `--param` text already split) as a shape wants it.
 * The failure completes "X …": `must be a whole number, and is "abc"`.
 */
export function fit(value: unknown, shape: ShapeSpec): Result<unknown, string> {
  const wrong = (what: string): Result<never, string> => fail(`must be ${what}, and is ${brief(value)}`);
  switch (shape.type) {
    case "string": {
      const plain = scalarText(value);
      if (plain === undefined) return wrong("text");
      if (shape.enum !== undefined && !shape.enum.includes(plain))
        return wrong(`one of ${shape.enum.join(", ")}`);
      if (shape.pattern !== undefined && !shape.pattern.test.test(plain)) return wrong(shape.pattern.says);
      return ok(plain);
    }
    case "integer":
    case "number": {
      const amount = typeof value === "bigint" ? Number(value) : value;
      const whole = shape.type === "integer";
      if (whole && typeof value === "bigint" && !Number.isSafeInteger(amount)) {
        return fail(`must be a whole number of at most 15 digits, and is ${value}`);
      }
      if (
        typeof amount !== "number" ||
        !Number.isFinite(amount) ||
        (whole && !Number.isSafeInteger(amount))
      ) {
        return wrong(whole ? "a whole number" : "a number");
      }
      if (shape.min !== undefined && amount < shape.min) return wrong(`at least ${shape.min}`);
      if (shape.max !== undefined && amount > shape.max) return wrong(`at most ${shape.max}`);
      return ok(amount);
    }
    case "boolean":
      return typeof value === "boolean" ? ok(value) : wrong("true or false");
    case "duration": {
      const ms = durationMs(value) ?? (typeof value === "string" ? parseDuration(value) : undefined);
      if (ms === undefined) return wrong("a duration such as 30s or 1h30m");
      if (shape.min !== undefined && ms < shape.min) return wrong(`at least ${formatDuration(shape.min)}`);
      if (shape.max !== undefined && ms > shape.max) return wrong(`at most ${formatDuration(shape.max)}`);
      return ok(ms);
    }
    case "list": {
      if (!Array.isArray(value)) return wrong("a list");
      if (value.length < (shape.min ?? 0)) return fail(`must have at least ${shape.min} in its list`);
      return fitAll(value.map((item) => fit(item, shape.of)));
    }
    case "named":
      return fit(value, { type: "map", of: shape.of });
    case "map":
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("a map");
      const entries = Object.entries(value).map(([key, item]): [string, Result<unknown, string>] => {
        const spec =
          shape.type === "map"
            ? shape.of
            : Object.hasOwn(shape.fields, key)
              ? shape.fields[key]?.shape
              : shape.rest;
        return [key, spec === undefined ? fail(`has no field ${key}`) : fit(item, spec)];
      });
      const bad = entries.find(([, item]) => !item.ok);
      if (bad !== undefined && !bad[1].ok) return fail(`${bad[0]} ${bad[1].failure}`);
      const fitted = entries.map(([key, item]): [string, unknown] => [key, item.ok ? item.value : undefined]);
      return shape.type === "map" ? ok(Object.fromEntries(fitted)) : complete(shape, fitted);
    }
    case "json":
      return ok(plainData(value));
    case "node":
      return ok(value);
  }
}

/** Puts in what was left out and has a default; what must be there and is not is the failure. */
function complete(
  shape: ObjectSpec,
  given: readonly (readonly [string, unknown])[],
): Result<unknown, string> {
  const fields: Record<string, unknown> = Object.fromEntries(given);
  for (const [name, field] of Object.entries(shape.fields)) {
    if (Object.hasOwn(fields, name)) continue;
    if (field.default !== undefined) fields[name] = field.default;
    else if (field.required) return fail(`needs ${name}`);
  }
  return ok(fields);
}

/** What an expression made, in JSON's words: a duration is written as a runbook writes it. */
function plainData(value: unknown): unknown {
  const ms = durationMs(value);
  if (ms !== undefined) return writeDuration(ms);
  if (Array.isArray(value)) return value.map(plainData);
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) {
    return value;
  }
  if (value instanceof NoValue) return value;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, item]: [unknown, unknown]) => [String(key), plainData(item)]));
}

function fitAll(items: readonly Result<unknown, string>[]): Result<unknown, string> {
  const bad = items.find((item) => !item.ok);
  return bad ?? ok(items.map((item) => (item.ok ? item.value : undefined)));
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return String(value);
  if (value instanceof Date) return value.toISOString();
  const ms = durationMs(value);
  return ms === undefined ? undefined : writeDuration(ms);
}

function brief(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (Array.isArray(value)) return "a list";
  if (value === null) return "empty";
  return typeof value === "object" ? "a map" : jsonText(value);
}
