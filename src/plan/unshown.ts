import { writeDuration } from "../base/duration.ts";
import { jsonText } from "../base/json.ts";
import type { DisplayArgs, Kind, Where } from "../kinds/kind.ts";
import type { ShapeSpec } from "../language/shape.ts";

/** Stands for another value: every kind prints what is not known yet. */
const other = "‹another›";
/** Values within one argument that are tried; a list of so many is printed whole or not at all. */
const mostLeaves = 20;

/**
 * The arguments that an author gave and that neither the action nor the commands by hand would show if they were
 * others, each as the plan prints it. Found by trying: whatever a kind prints, nothing that it is told is left unsaid.
 */
export function unshownArgs(kind: Kind, args: DisplayArgs, where: Where): readonly string[] {
  const said = (varied: DisplayArgs): string => `${kind.plan(varied, where)}\n${kind.byHand(varied, where)}`;
  const now = said(args);
  return Object.entries(args).flatMap(([name, value]) => {
    const field = kind.args.spec.fields[name];
    if (field === undefined || value === undefined) return [];
    if (field.default !== undefined && jsonText(field.default) === jsonText(value)) return [];
    const seen = withOther(value)
      .slice(0, mostLeaves)
      .every((varied) => said({ ...args, [name]: varied }) !== now);
    return seen ? [] : [`${name}: ${written(value, field.shape)}`];
  });
}

/** A value with another one in each of its places, a time one; of an empty list, the list as another. */
function withOther(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null || value instanceof Date) return [other];
  const entries = Object.entries(value);
  if (entries.length === 0) return [other];
  return entries.flatMap(([name, item]: [string, unknown]) =>
    withOther(item).map((varied) =>
      Array.isArray(value)
        ? value.map((one: unknown, at) => (at === Number(name) ? varied : one))
        : { ...value, [name]: varied },
    ),
  );
}

function written(value: unknown, { type }: ShapeSpec): string {
  if (typeof value === "string") return value;
  return type === "duration" && typeof value === "number" ? writeDuration(value) : jsonText(value);
}
