import { NoValue } from "../base/no-value.ts";

/**
 * Reads JSON; undefined for what is none. An object with a key twice is none either, but was meant to be: which of the
 * two counts, nobody knows.
 */
export type JsonReader = (text: string) => Read | undefined;
export type Read = { readonly value: unknown };

/**
 * The one reader of JSON that comes from outside: whole numbers are bigint, digit for digit, other numbers double; one
 * that neither can hold is the text of its digits.
 */
export async function jsonReader(): Promise<JsonReader> {
  const { parse } = await import("lossless-json");
  return (text) => {
    try {
      return { value: parse(text, undefined, numberOf) };
    } catch (error) {
      const why = twice(text, error);
      return why === undefined ? undefined : { value: new NoValue(why) };
    }
  };
}

/** Which key is there more than once, and where: what the library says of it. */
function twice(text: string, error: unknown): string | undefined {
  const said = /^Duplicate key '(.*)' encountered at position (\d+)$/s.exec(
    error instanceof Error ? error.message : "",
  );
  if (said === null) return undefined;
  const before = text.slice(0, Number(said[2])).split("\n");
  const column = (before.at(-1) ?? "").length + 1;
  return `the key ${JSON.stringify(said[1])} is there twice in its JSON, with different values (line ${before.length}, column ${column})`;
}

/**
 * A text as JSON. Where nobody says that it should be, a text is tried when it begins like an object or a list.
 * @param declared somebody (a Content-Type) says that it is JSON.
 */
export async function jsonOf(text: string, declared: boolean): Promise<Read | undefined> {
  if (!declared && !/^\s*[[{]/.test(text)) return undefined;
  return (await jsonReader())(text);
}

/** No number is shown, compared or sent on as another one than was read. */
function numberOf(digits: string): bigint | number | string {
  const double = Number(digits);
  if (!/^-?\d+$/.test(digits)) return Number.isFinite(double) ? double : digits;
  const whole = BigInt(digits);
  // An expression's integers have 64 bits.
  if (BigInt.asIntN(64, whole) === whole) return whole;
  return Number.isFinite(double) && BigInt(double) === whole ? double : digits;
}
