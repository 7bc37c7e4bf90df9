/**
 * A value as it reads back once it was written as JSON: instants are text, whole numbers are numbers, and a field
 * that is undefined is not there.
 */
export type Written<T> = T extends Date
  ? string
  : T extends bigint
    ? number
    : T extends readonly (infer Item)[]
      ? readonly Written<Item>[]
      : T extends object
        ? {
            readonly [K in keyof T as undefined extends T[K] ? never : K]: Written<T[K]>;
          } & {
            readonly [K in keyof T as undefined extends T[K] ? K : never]?: Written<Exclude<T[K], undefined>>;
          }
        : T;

/** The same value, as a journal's record has it: `jsonText` writes it so. */
export function written<T>(value: T): Written<T> {
  return value as unknown as Written<T>;
}
