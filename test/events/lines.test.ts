import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { FieldSpec, ShapeSpec } from "../../src/language/shape.ts";
import { allLines } from "../../src/events/lines.ts";
import { linesSchema } from "../../src/events/lines-schema.ts";

const header = { type: "header", format: 2, tool: "lav-ir", version: "1.2.3" };
const failed = {
  type: "snapshot.failed",
  time: "2026-01-02T03:04:05.006Z",
  message: "the disk is full",
  exit_code: 4,
};

describe("the schema of a line", () => {
  const published = new Ajv2020({ strict: true }).compile(linesSchema());
  const closed = new Ajv2020({ strict: true }).compile(linesSchema("refused"));

  test("takes a line with all that it needs", () => {
    expect([published(header), published(failed), closed(header), closed(failed)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  test.each([
    ["no type", { ...failed, type: undefined }],
    ["an unknown type", { ...failed, type: "snapshot.lost" }],
    ["no time", { ...failed, time: undefined }],
    ["a time in another zone", { ...failed, time: "2026-01-02T03:04:05.006+01:00" }],
    ["a field of another kind", { ...failed, exit_code: "4" }],
    ["a field that is null", { ...failed, message: null }],
    ["another format", { ...header, format: 1 }],
  ])("refuses one with %s", (_name, line) => {
    const written: unknown = JSON.parse(JSON.stringify(line));
    expect([published(written), closed(written)]).toEqual([false, false]);
  });

  test("leaves a reader room for a later version's fields; our tests have none", () => {
    const later = { ...failed, more: 1 };
    expect([published(later), closed(later)]).toEqual([true, false]);
  });
});

describe("names", () => {
  const all = allLines.flatMap(({ lines }) => Object.entries(lines));

  test("each type is told once", () => {
    const types = all.map(([type]) => type);
    expect(types).toEqual([...new Set(types)]);
  });

  test("are in one style, and a time span, a size and an instant say their unit", () => {
    const fields = all.flatMap(([type, { shape }]) => fieldsIn(shape.spec, type));
    expect(
      fields.filter(([path]) => !/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(path.split(".").at(-1) ?? "")),
    ).toEqual([]);
    const named = (pattern: RegExp) => fields.filter(([path]) => pattern.test(path)).map(([path]) => path);
    const integers = fields.filter(([, shape]) => shape.type === "integer").map(([path]) => path);
    const bare = /\.(?:duration|timeout|deadline|took|after|age|spacing|response|limit|cap|size)$/;
    expect(integers.filter((path) => bare.test(path))).toEqual([]);
    // An outcome is called that; what the platform's own orders table says is its own.
    expect(named(/\.status$/)).toEqual(["halt.finished.proof.accepted.status"]);
  });
});

function fieldsIn(shape: ShapeSpec, path: string): readonly (readonly [string, ShapeSpec])[] {
  if (shape.type === "list") return fieldsIn(shape.of, path);
  if (shape.type !== "object") return [];
  return Object.entries(shape.fields).flatMap(([name, field]: readonly [string, FieldSpec]) => [
    [`${path}.${name}`, field.shape] as const,
    ...fieldsIn(field.shape, `${path}.${name}`),
  ]);
}
