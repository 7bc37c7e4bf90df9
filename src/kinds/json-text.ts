/**
 * A text as JSON: whole numbers are bigint, digit for digit, other numbers double. Undefined when it is
 * not JSON. Where nobody says that it should be, a text is tried when it begins like an object or a list.
 * @param declared somebody (a Content-Type) says that it is JSON.
 */
export async function jsonOf(
  text: string,
  declared: boolean,
): Promise<{ readonly value: unknown } | undefined> {
  if (!declared && !/^\s*[[{]/.test(text)) return undefined;
  const { parse } = await import("lossless-json");
  try {
    return { value: parse(text, undefined, numberOf) };
  } catch {
    return undefined;
  }
}

function numberOf(digits: string): bigint | number {
  if (!/^-?\d+$/.test(digits)) return Number(digits);
  const whole = BigInt(digits);
  // An expression's integers have 64 bits; what is longer can only be compared as a double.
  return BigInt.asIntN(64, whole) === whole ? whole : Number(digits);
}
