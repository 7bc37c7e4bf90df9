import type { Secret } from "../secrets/secret.ts";
import type { Node } from "./yaml.ts";

/**
 * What a value in a runbook may look like, as data: the same description validates the YAML, types the
 * kind's arguments, and becomes the JSON Schema and the reference pages. Schema libraries cost more at
 * start-up than the whole tool does.
 */
export interface Shape<T = unknown> {
  readonly spec: ShapeSpec;
  /** Never there at run time; carries the TypeScript type. */
  readonly type?: T;
}

export type ShapeSpec =
  | StringSpec
  | { readonly type: "integer" | "number"; readonly min?: number; readonly max?: number }
  | { readonly type: "boolean" }
  /** Written `30s`; milliseconds once read. */
  | { readonly type: "duration"; readonly min?: number; readonly max?: number }
  /** With `lone`, one that is written without a list stands for a list of it alone. */
  | { readonly type: "list"; readonly of: ShapeSpec; readonly min?: number; readonly lone?: true }
  /** Free keys. */
  | { readonly type: "map"; readonly of: ShapeSpec }
  /** Several of these by their names; a map with a field of one stands for it alone, by the name `lone`. */
  | { readonly type: "named"; readonly of: ObjectSpec; readonly lone: string }
  /**
   * Any value; strings anywhere in it may be templates. What would be sent in another spelling than it is written in
   * is refused, unless somebody who knows its type looks at it: `typed`.
   */
  | { readonly type: "json"; readonly typed?: true }
  /** Whatever stands there, with its positions: another room reads it. */
  | { readonly type: "node" }
  | ObjectSpec;

export interface StringSpec {
  readonly type: "string";
  readonly enum?: readonly string[];
  /** The whole text must match; `says` completes "must be …". */
  readonly pattern?: { readonly test: RegExp; readonly says: string };
  /** Where `${secrets.NAME}` may stand; `whole` where it may be all of the text, and no part of it. */
  readonly secret?: true | "whole";
  /**
   * `any` (default); `sentence` puts values into words, because a person reads it; `url` encodes values after the start;
   * `quoted` escapes values for the double quotes that they stand in; `none` for text that is never interpolated (SQL);
   * `kept` where `${secrets.NAME}` stays as it is written, because it is read each time that it is used.
   */
  readonly template?: "any" | "sentence" | "url" | "quoted" | "none" | "kept";
  /** With `none`: what to do instead, as a hint. */
  readonly instead?: string;
  /** What the text is written in, where that has traps of its own in YAML. */
  readonly syntax?: "sql";
  /**
   * The text names a service of the platform file, which something runs; `instances`: that can make and remove
   * instances of it. A name that is not there is an error in the plan.
   */
  readonly refers?: "service" | "instances";
}

export interface ObjectSpec {
  readonly type: "object";
  readonly fields: Readonly<Record<string, FieldSpec>>;
  /** The field that a bare scalar (or list) stands for: `http.get: URL`. */
  readonly primary?: string;
  /** A map stands for the primary field too, whose keys are free: there is no other field. */
  readonly bare?: true;
  /** What a key beside the fields holds; without it there are none. */
  readonly rest?: ShapeSpec;
}

export interface FieldSpec {
  readonly shape: ShapeSpec;
  readonly doc: string;
  readonly required: boolean;
  readonly default?: unknown;
}

export interface Field<T, Required extends boolean> extends FieldSpec {
  readonly required: Required;
  readonly type?: T;
}

export const text = (options: Omit<StringSpec, "type"> = {}): Shape<string> => ({
  spec: { type: "string", ...options },
});
/** An address, which may be one whole secret. */
export const secretUrl = (): Shape<string | Secret> => ({
  spec: { type: "string", template: "url", secret: "whole" },
});
export const oneOf = <const V extends readonly string[]>(...values: V): Shape<V[number]> => ({
  spec: { type: "string", enum: values },
});
export const integer = (options: { min?: number; max?: number } = {}): Shape<number> => ({
  spec: { type: "integer", ...options },
});
export const number = (options: { min?: number; max?: number } = {}): Shape<number> => ({
  spec: { type: "number", ...options },
});
export const boolean = (): Shape<boolean> => ({ spec: { type: "boolean" } });
export const duration = (options: { min?: number; max?: number } = {}): Shape<number> => ({
  spec: { type: "duration", ...options },
});
export const json = (options: { typed?: true } = {}): Shape<unknown> => ({
  spec: { type: "json", ...options },
});
export const node = (): Shape<Node> => ({ spec: { type: "node" } });
export const list = <T>(of: Shape<T>, options: { min?: number; lone?: true } = {}): Shape<readonly T[]> => ({
  spec: { type: "list", of: of.spec, ...options },
});
export const map = <T>(of: Shape<T>): Shape<Readonly<Record<string, T>>> => ({
  spec: { type: "map", of: of.spec },
});

export const named = <T>(of: ObjectShape<T>, lone: string): Shape<Readonly<Record<string, T>>> => ({
  spec: { type: "named", of: of.spec, lone },
});

export const required = <T>(shape: Shape<T>, doc: string): Field<T, true> => ({
  shape: shape.spec,
  doc,
  required: true,
});
export const optional = <T>(shape: Shape<T>, doc: string): Field<T, false> => ({
  shape: shape.spec,
  doc,
  required: false,
});
/** Left out, the field has this value (already read: milliseconds for a duration). */
export const defaulted = <T>(shape: Shape<T>, value: T, doc: string): Field<T, true> => ({
  shape: shape.spec,
  doc,
  required: true,
  default: value,
});

type Fields = Readonly<Record<string, Field<unknown, boolean>>>;
type ObjectOf<F extends Fields> = {
  readonly [K in keyof F as F[K]["required"] extends true ? K : never]: Exclude<F[K]["type"], undefined>;
} & {
  readonly [K in keyof F as F[K]["required"] extends true ? never : K]?: Exclude<F[K]["type"], undefined>;
};

export interface ObjectShape<T> extends Shape<T> {
  readonly spec: ObjectSpec;
}

export function object<const F extends Fields>(
  fields: F,
  options: { readonly primary?: keyof F & string; readonly bare?: true; readonly rest?: ShapeSpec } = {},
): ObjectShape<ObjectOf<F>> {
  return { spec: { type: "object", fields, ...options } };
}
