import { expect, test } from "vitest";
import { bagInfoText, bagitText, manifest, tagFiles, tagManifest } from "../../src/evidence/bundle/bag.ts";
import { allLines } from "../../src/events/lines.ts";
import { recordData } from "../../src/events/record.ts";
import type { ShapeSpec } from "../../src/language/shape.ts";
import { isOwnWord, ownWords } from "../../src/secrets/own-words.ts";

const info = { agent: "", date: new Date(0), incident: "", id: "", description: "", bytes: 0, files: 0 };

/** Names of fields and values of enumerations, wherever they stand in a shape. */
function wordsOf(spec: ShapeSpec): readonly string[] {
  switch (spec.type) {
    case "string":
      return spec.enum ?? [];
    case "list":
    case "map":
    case "named":
      return wordsOf(spec.of);
    case "object":
      return Object.entries(spec.fields).flatMap(([name, { shape }]) => [name, ...wordsOf(shape)]);
    case "integer":
    case "duration":
    case "number":
    case "boolean":
    case "json":
    case "node":
      return [];
  }
}

test("every word that the lines of --json, the records of journals and a bag are made of", () => {
  const described = allLines
    .flatMap(({ lines }) => Object.entries(lines))
    .flatMap(([type, { shape }]) => [type, ...wordsOf(shape.spec)]);
  const recorded = Object.entries(recordData).flatMap(([type, { spec }]) => [type, ...wordsOf(spec)]);
  const files = [...tagFiles, manifest, tagManifest, bagitText, bagInfoText(info)].flatMap((text) =>
    text.split(/[^A-Za-z]+/),
  );
  const words = new Set(["type", "time", "data", ...described, ...recorded, ...files]);
  // Of four characters on: of fewer no secret is searched for.
  const missing = [...words].filter((word) => word.length >= 4 && !isOwnWord(word));
  expect(missing.toSorted().join(" ")).toBe("");
  expect(ownWords.filter((word) => !words.has(word))).toEqual([]);
});
