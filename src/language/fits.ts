import type { ObjectSpec, ShapeSpec } from "./shape.ts";

/**
 * Whether a JSON value is what a shape describes: for data that this program wrote, or another version of it.
 * Unlike reading YAML, it fills in no default and allows fields that the shape does not name.
 */
export function fitsShape(value: unknown, shape: ShapeSpec): boolean {
  switch (shape.type) {
    case "string":
      return (
        typeof value === "string" &&
        (shape.enum === undefined || shape.enum.includes(value)) &&
        (shape.pattern === undefined || shape.pattern.test.test(value))
      );
    case "integer":
    case "duration":
      return Number.isSafeInteger(value) && inside(value as number, shape.min, shape.max);
    case "number":
      return Number.isFinite(value) && inside(value as number, shape.min, shape.max);
    case "boolean":
      return typeof value === "boolean";
    case "json":
    case "node":
      return value !== undefined;
    case "list":
      return (
        Array.isArray(value) &&
        value.length >= (shape.min ?? 0) &&
        value.every((item) => fitsShape(item, shape.of))
      );
    case "map":
    case "named":
      return isRecord(value) && Object.values(value).every((item) => fitsShape(item, shape.of));
    case "object":
      return isRecord(value) && fitsFields(value, shape.fields);
  }
}

/** No list is made of the fields: of a long journal's records, such lists are a good part of the time. */
function fitsFields(value: Readonly<Record<string, unknown>>, fields: ObjectSpec["fields"]): boolean {
  for (const name in fields) {
    const field = fields[name];
    if (field === undefined) continue;
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given === undefined ? field.required : !fitsShape(given, field.shape)) return false;
  }
  return true;
}

function inside(value: number, min = -Infinity, max = Infinity): boolean {
  return value >= min && value <= max;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
