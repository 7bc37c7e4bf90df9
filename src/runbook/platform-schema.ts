import { platformShape } from "../platform/shape.ts";
import { schemaOfShape, type Schema } from "./schema-shape.ts";

/** The JSON Schema (draft 2020-12) of a platform file, from the shapes that reading uses. */
export function platformSchema(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "lav-ir platform file",
    ...schemaOfShape(platformShape.spec, "none"),
  };
}
