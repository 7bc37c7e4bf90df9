import {
  integer,
  number,
  object,
  text,
  type Field,
  type ObjectShape,
  type Shape,
} from "../language/shape.ts";

/**
 * What one type of line holds that a command writes with `--json`. One description gives the TypeScript type, the
 * JSON Schema (`lav-ir schema events`) and docs/events.md. Beside its own fields every line but the header has
 * `type` and `time`.
 */
export interface LineShape<T = unknown> {
  /** When it is written, in one sentence. */
  readonly doc: string;
  readonly shape: ObjectShape<T>;
}

export function line<const F extends Readonly<Record<string, Field<unknown, boolean>>>>(
  doc: string,
  fields: F,
): LineShape<NonNullable<ReturnType<typeof object<F>>["type"]>> {
  return { doc, shape: object(fields) };
}

/** The lines that a table of shapes describes, before they have a time. A field that is undefined is left out. */
export type LineOf<Shapes extends Readonly<Record<string, LineShape>>> = {
  [Type in keyof Shapes & string]: { readonly type: Type } & Told<NonNullable<Shapes[Type]["shape"]["type"]>>;
}[keyof Shapes & string];

/** A shape's value as code holds it: at every depth an optional field may be undefined. */
export type Told<T> = unknown extends T
  ? T
  : T extends Date | string | number | bigint | boolean
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Told<Item>[]
      : {
          readonly [K in keyof T as object extends Pick<T, K> ? never : K]: Told<T[K]>;
        } & {
          readonly [K in keyof T as object extends Pick<T, K> ? K : never]?: Told<T[K]> | undefined;
        };

/** RFC 3339 in UTC with milliseconds. */
export const instant: Shape<Date> = {
  spec: text({ pattern: { test: /^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, says: "an instant in UTC" } })
    .spec,
};
/** Whole milliseconds. */
export const milliseconds = integer({ min: 0 });
/** With a fraction or without; a whole one is written digit for digit, however large. */
export const amount: Shape<number | bigint> = number();
