import type { Json } from "../base/json.ts";
import type { FieldSpec, ShapeSpec } from "../language/shape.ts";
import { allLines, format } from "./lines.ts";
import { instant, type LineShape } from "./line-shape.ts";

type Schema = { readonly [key: string]: Json };

/** Whether an object may have fields that are not described: a later version of the same format adds some. */
type More = "allowed" | "refused";

/** The JSON Schema (draft 2020-12) of one line of `--json`. A line's own is in `$defs`, by its type. */
export function linesSchema(more: More = "allowed"): Schema {
  const lines = allLines.flatMap(({ lines: some }) => Object.entries(some));
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: `lav-ir: one line of --json, format ${format}`,
    oneOf: lines.map(([type]) => ({ $ref: `#/$defs/${type}` })),
    $defs: Object.fromEntries(lines.map(([type, shape]) => [type, schemaOfLine(type, shape, more)])),
  };
}

const time: FieldSpec = { shape: instant.spec, doc: "When it was written.", required: true };

function schemaOfLine(type: string, { doc, shape }: LineShape, more: More): Schema {
  const fields = fieldsOfLine(type, shape.spec.fields);
  const { properties, required, ...rest } = schemaOfFields(fields, more) as {
    properties: Schema;
    required: readonly string[];
  };
  return {
    description: doc,
    ...rest,
    required: ["type", ...required],
    properties: { type: { const: type }, ...properties },
  };
}

/** A line's fields beside its type; only the header has no time. */
export function fieldsOfLine(
  type: string,
  fields: Readonly<Record<string, FieldSpec>>,
): Readonly<Record<string, FieldSpec>> {
  return type === "header" ? fields : { time, ...fields };
}

function schemaOfFields(fields: Readonly<Record<string, FieldSpec>>, more: More): Schema {
  const all = Object.entries(fields);
  return {
    type: "object",
    required: all.filter(([, field]) => field.required).map(([name]) => name),
    properties: Object.fromEntries(
      all.map(([name, { doc, shape }]) => [name, { description: doc, ...schemaOfValue(shape, more) }]),
    ),
    ...(more === "refused" ? { additionalProperties: false } : {}),
  };
}

/** A value as it is written, where a runbook's schema describes a value as a person types it. */
function schemaOfValue(shape: ShapeSpec, more: More): Schema {
  switch (shape.type) {
    case "string":
      return {
        type: "string",
        ...(shape.enum === undefined ? {} : { enum: shape.enum }),
        ...(shape.pattern === undefined ? {} : { pattern: shape.pattern.test.source }),
      };
    case "integer":
    case "duration":
    case "number":
      return {
        type: shape.type === "number" ? "number" : "integer",
        ...(shape.min === undefined ? {} : { minimum: shape.min }),
        ...(shape.max === undefined ? {} : { maximum: shape.max }),
      };
    case "boolean":
      return { type: "boolean" };
    case "list":
      return { type: "array", items: schemaOfValue(shape.of, more) };
    case "map":
    case "named":
      return { type: "object", additionalProperties: schemaOfValue(shape.of, more) };
    case "json":
    case "node":
      return {};
    case "object":
      return schemaOfFields(shape.fields, more);
  }
}
