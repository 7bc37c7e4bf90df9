/**
 * A text as JSON: whole numbers are bigint, digit for digit, other numbers double; one that neither can
 * hold is the text of its digits. Undefined when it is not JSON. Where nobody says that it should be, a text is tried when it begins like an object or a list.
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

/** No number is shown, compared or sent on as another one than was read. */
function numberOf(digits: string): bigint | number | string {
  const double = Number(digits);
  if (!/^-?\d+$/.test(digits)) return Number.isFinite(double) ? double : digits;
  const whole = BigInt(digits);
  // An expression's integers have 64 bits.
  if (BigInt.asIntN(64, whole) === whole) return whole;
  return Number.isFinite(double) && BigInt(double) === whole ? double : digits;
}
