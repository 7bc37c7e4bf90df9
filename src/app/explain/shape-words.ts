import { formatDuration } from "../../base/duration.ts";
import { jsonText } from "../../base/json.ts";
import type { FieldSpec, ObjectSpec, ShapeSpec } from "../../language/shape.ts";

/** What a value may be, in words: `duration, at least 1s`, `list of text`. */
export function shapeWords(shape: ShapeSpec): string {
  switch (shape.type) {
    case "string":
      if (shape.enum !== undefined) return `one of ${shape.enum.join(", ")}`;
      if (shape.refers !== undefined) return "a service of the platform file";
      return shape.pattern === undefined ? "text" : `text, ${shape.pattern.says}`;
    case "integer":
    case "number":
      return `${shape.type}${bounds(shape.min, shape.max, String)}`;
    case "duration":
      return `duration${bounds(shape.min, shape.max, formatDuration)}`;
    case "boolean":
      return "true or false";
    case "list":
      return `list of ${ofWords(shape.of)}${shape.lone === true ? ", or one alone" : ""}`;
    case "map":
      return `map of names to ${ofWords(shape.of)}`;
    case "json":
    case "node":
      return "any value";
    case "named":
      return `${shapeWords(shape.of)}, or several of these by name`;
    case "object":
      return `{ ${Object.keys(shape.fields).join(", ")} }`;
  }
}

function ofWords(shape: ShapeSpec): string {
  return shape.type === "list" ? `lists (${shapeWords(shape)})` : shapeWords(shape);
}

function bounds(min: number | undefined, max: number | undefined, write: (value: number) => string): string {
  if (min === undefined) return max === undefined ? "" : `, at most ${write(max)}`;
  return max === undefined ? `, at least ${write(min)}` : `, ${write(min)} to ${write(max)}`;
}

/** One argument of a kind, with those inside it by their paths: `select`, `retry.every`. */
export interface ArgumentRow {
  readonly name: string;
  readonly takes: string;
  /** Undefined where it must be given. */
  readonly otherwise: string | undefined;
  readonly doc: string;
}

export function argumentRows(shape: ObjectSpec, before = ""): readonly ArgumentRow[] {
  return Object.entries(shape.fields).flatMap(([key, field]) => {
    const name = `${before}${key}`;
    const own = { name, takes: shapeWords(field.shape), otherwise: otherwise(field), doc: field.doc };
    return [own, ...inside(field.shape, name)];
  });
}

function inside(shape: ShapeSpec, name: string): readonly ArgumentRow[] {
  if (shape.type === "object") return argumentRows(shape, `${name}.`);
  if (shape.type === "named") return argumentRows(shape.of, `${name}.`);
  if (shape.type === "list" || shape.type === "map") return inside(shape.of, `${name}[]`);
  return [];
}

function otherwise({ required, shape, default: given }: FieldSpec): string | undefined {
  if (given === undefined) return required ? undefined : "left out";
  if (shape.type === "duration" && typeof given === "number") return formatDuration(given);
  return typeof given === "string" ? given : jsonText(given);
}
