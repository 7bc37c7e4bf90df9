/**
 * Every argument of every kind shows: one that is another is another in the plan or in the commands by hand, in each
 * of its places. What a plan does not show, nobody consented to.
 */
import { describe, expect, test } from "vitest";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { composeCommand } from "../../src/drivers/compose/program.ts";
import type { Kind } from "../../src/kinds/kind.ts";
import type { ObjectSpec, ShapeSpec } from "../../src/language/shape.ts";
import { fit } from "../../src/language/value.ts";
import { unshownArgs } from "../../src/plan/unshown.ts";
import { args, where as some } from "../kinds/context.ts";
import { sampleOf } from "../kinds/samples.ts";

const compose = { project: "lav", files: [], program: ["docker", "compose"] };
const where: typeof some = {
  ...some,
  services: {
    ...some.services,
    byHand: (action) => composeCommand(compose, action, action.service),
  },
};

/** Arguments of which the kind takes one alone: the others go where it is given. */
const instead: Readonly<Record<string, readonly string[]>> = {
  body: ["json", "form"],
  json: ["body", "form"],
  form: ["body", "json"],
  until: ["for"],
  keep_ttl: ["ttl"],
  reset: ["value"],
};

/** The sample as a plan sees it: defaults filled in, durations in milliseconds. */
function displayed(kind: Kind): Record<string, unknown> {
  const { primary = "", bare, fields } = kind.args.spec;
  const sample = sampleOf(kind.name);
  const lone = typeof sample !== "object" || Array.isArray(sample) || bare === true;
  const given = Object.entries(lone ? { [primary]: sample } : (sample as object));
  return {
    ...args(
      kind,
      Object.fromEntries(
        given.map(([name, value]: [string, unknown]) => {
          const shape = fields[name]?.shape;
          const fitted = shape === undefined ? undefined : fit(value, shape);
          return [name, fitted?.ok === true ? fitted.value : value];
        }),
      ),
    ),
  };
}

/** A value of a shape, the first or the second of two that differ. */
function valueOf(shape: ShapeSpec, second: boolean): unknown {
  switch (shape.type) {
    case "string":
      return shape.enum?.[second ? 1 : 0] ?? (second ? "other" : "one");
    case "integer":
    case "number":
      return (shape.min ?? 0) + (second ? 7 : 3);
    case "duration":
      return second ? 61_000 : 7000;
    case "boolean":
      return second;
    case "list":
      return [valueOf(shape.of, second)];
    case "map":
      return { name: valueOf(shape.of, second) };
    case "named":
      return { name: fieldsOf(shape.of, second) };
    case "object":
      return fieldsOf(shape, second);
    case "json":
    case "node":
      return { deep: [second ? 2 : 1] };
  }
}

function fieldsOf({ fields }: ObjectSpec, second: boolean): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { shape }]) => [name, valueOf(shape, second)]),
  );
}

/** The same value with another one in each of its places, a time one. */
function others(value: unknown): readonly unknown[] {
  if (typeof value === "string") return [`${value}x`];
  if (typeof value === "number") return [value + 1];
  if (typeof value === "boolean") return [!value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) =>
    others(item).map((varied) =>
      Array.isArray(value)
        ? value.map((one: unknown, at) => (at === Number(name) ? varied : one))
        : { ...value, [name]: varied },
    ),
  );
}

function said(kind: Kind, given: Readonly<Record<string, unknown>>): string {
  const unshown = unshownArgs(kind, given, where);
  return [kind.plan(given, where), kind.byHand(given, where), ...unshown].join("\n");
}

const all = kinds.flatMap((kind) =>
  Object.entries(kind.args.spec.fields).map(
    ([name, { shape }]) => [kind.name, name, { kind, shape }] as const,
  ),
);

describe("an argument that is another shows", () => {
  test.each(all)("%s: %s", (_kind, name, { kind, shape }) => {
    const { [name]: sample, ...without } = displayed(kind);
    for (const one of instead[name] ?? []) delete without[one];
    const given = sample ?? valueOf(shape, false);
    const varied = [...others(given), valueOf(shape, true)];
    const now = said(kind, { ...without, [name]: given });
    const same = varied.filter((value) => said(kind, { ...without, [name]: value }) === now);
    // The second of two values may be the sample's own.
    expect(same.filter((value) => JSON.stringify(value) !== JSON.stringify(given))).toEqual([]);
  });
});
