import { platformShape } from "../platform/shape.ts";
import { platformExamples, platformSnippets, schemaId } from "./schema-editor.ts";
import { schemaOfShape, type Schema } from "./schema-shape.ts";

/** The JSON Schema (draft 2020-12) of a platform file, from the shapes that reading uses. */
export function platformSchema(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: schemaId("platform"),
    title: "lav-ir platform file",
    description: "What the platform is and where it runs: names and addresses, and no secret.",
    defaultSnippets: platformSnippets,
    examples: platformExamples,
    ...schemaOfShape(platformShape.spec, "none"),
  };
}
