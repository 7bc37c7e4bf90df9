/** Reads JSON; undefined for what is none, and for an object with a key twice: which of the two is meant, nobody knows. */
export type JsonReader = (text: string) => { readonly value: unknown } | undefined;

/**
 * The one reader of JSON that comes from outside: whole numbers are bigint, digit for digit, other numbers double; one
 * that neither can hold is the text of its digits.
 */
export async function jsonReader(): Promise<JsonReader> {
  const { parse } = await import("lossless-json");
  return (text) => {
    try {
      return { value: parse(text, undefined, numberOf) };
    } catch {
      return undefined;
    }
  };
}

/**
 * A text as JSON. Where nobody says that it should be, a text is tried when it begins like an object or a list.
 * @param declared somebody (a Content-Type) says that it is JSON.
 */
export async function jsonOf(
  text: string,
  declared: boolean,
): Promise<{ readonly value: unknown } | undefined> {
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
