/**
 * A value that is made when it is first asked for, and then kept: for tables and patterns that most starts of the
 * program never need. Made is what was not undefined.
 */
export function once<T extends object | string | number>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
