import type { ShapeSpec } from "./shape.ts";

/** `must be text`, `must be one of a, b`. */
export function describe(shape: ShapeSpec): string {
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

/** How a value of the shape is written, for who has written something else. */
export function exampleOf(shape: ShapeSpec): string {
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
