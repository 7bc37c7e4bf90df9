import { writeDuration } from "../base/duration.ts";
import type { Json } from "../base/json.ts";
import type { FieldSpec, ObjectSpec, ShapeSpec, StringSpec } from "../language/shape.ts";

export type Schema = { readonly [key: string]: Json };

/** Whether `${…}` may stand where the shape says: in a step's arguments, not in what is read at once. */
export type Templates = "allowed" | "none";

const holdsTemplate: Schema = { type: "string", pattern: "\\$\\{" };
const amount = "[0-9]+(?:\\.[0-9]+)?";
export const durationSchema: Schema = {
  type: "string",
  pattern: `^(?=.)${["d", "h", "m", "s", "ms"].map((unit) => `(?:${amount}${unit})?`).join("")}$`,
};

/** A shape in the words of JSON Schema 2020-12: what reading accepts, the schema accepts too. */
export function schemaOfShape(shape: ShapeSpec, templates: Templates): Schema {
  switch (shape.type) {
    case "string":
      return schemaOfText(shape, templates);
    case "integer":
    case "number":
      return orTemplate({ type: shape.type, ...limits(shape.min, shape.max) }, templates);
    case "boolean":
      return orTemplate({ type: "boolean" }, templates);
    case "duration":
      return orTemplate(durationSchema, templates);
    case "list": {
      const items = schemaOfShape(shape.of, templates);
      const min = shape.min === undefined ? {} : { minItems: shape.min };
      const list = orTemplate({ type: "array", items, ...min }, templates);
      return shape.lone === true ? { anyOf: [items, list] } : list;
    }
    case "map":
      return { type: "object", additionalProperties: schemaOfShape(shape.of, templates) };
    case "named": {
      const one = schemaOfObject(shape.of, templates);
      return { anyOf: [one, { type: "object", minProperties: 1, additionalProperties: one }] };
    }
    case "json":
    case "node":
      return {};
    case "object":
      return schemaOfObject(shape, templates);
  }
}

function limits(min: number | undefined, max: number | undefined): Schema {
  return { ...(min === undefined ? {} : { minimum: min }), ...(max === undefined ? {} : { maximum: max }) };
}

function orTemplate(schema: Schema, templates: Templates): Schema {
  return templates === "none" ? schema : { anyOf: [schema, holdsTemplate] };
}

function schemaOfText(shape: StringSpec, templates: Templates): Schema {
  const { enum: values, pattern, template } = shape;
  const written: Schema = {
    type: "string",
    ...(values === undefined ? {} : { enum: values }),
    ...(pattern === undefined ? {} : { pattern: pattern.test.source }),
  };
  if (template === "kept") return written;
  if (template === "none" || templates === "none") return { ...written, not: holdsTemplate };
  return values === undefined && pattern === undefined ? written : orTemplate(written, templates);
}

/** A map of its fields, or what its primary field may be by itself. */
function schemaOfObject(shape: ObjectSpec, templates: Templates): Schema {
  const needed = Object.entries(shape.fields).filter(([, field]) => mustBeGiven(field));
  const map: Schema = {
    type: "object",
    properties: propertiesOf(shape.fields, templates),
    ...(needed.length === 0 ? {} : { required: needed.map(([name]) => name) }),
    additionalProperties: shape.rest === undefined ? false : schemaOfShape(shape.rest, templates),
  };
  const forms: Schema[] = [map];
  const primary = shape.primary === undefined ? undefined : shape.fields[shape.primary];
  if (primary !== undefined && shape.bare === true) return described(primary, templates);
  if (primary !== undefined && needed.every(([name]) => name === shape.primary)) {
    forms.unshift(described(primary, templates));
  }
  if (needed.length === 0) forms.push({ type: "null" });
  return forms.length === 1 ? map : { anyOf: forms };
}

export function propertiesOf(
  fields: Readonly<Record<string, FieldSpec>>,
  templates: Templates,
): Readonly<Record<string, Schema>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, described(field, templates)]),
  );
}

function mustBeGiven(field: FieldSpec): boolean {
  return field.required && field.default === undefined;
}

function described(field: FieldSpec, templates: Templates): Schema {
  const initial =
    field.default === undefined
      ? {}
      : {
          default:
            field.shape.type === "duration" ? writeDuration(Number(field.default)) : (field.default as Json),
        };
  return { description: field.doc, ...schemaOfShape(field.shape, templates), ...initial };
}
