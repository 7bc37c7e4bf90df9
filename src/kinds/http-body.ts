import { TextDecoder } from "node:util";
import type { HttpReply } from "../drivers/ports.ts";

/** The body as text, in the character set it says it has; UTF-8 otherwise. */
export function textOf({ body, headers, truncated }: HttpReply): string {
  const charset = /charset="?([^\s;"]+)/i.exec(headers["content-type"] ?? "")?.[1] ?? "utf-8";
  const text = decoder(charset).decode(body);
  // The cut may have gone through the middle of a character.
  return truncated ? text.replace(/\ufffd$/, "") : text;
}

function decoder(charset: string): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

/**
 * The body as JSON: whole numbers are bigint, digit for digit, other numbers double. Undefined when it is
 * not JSON. A server that forgets to say so (`text/plain`) is believed when the text begins like it.
 */
export async function jsonOf(text: string, type: string): Promise<{ readonly value: unknown } | undefined> {
  if (!/\bjson\b/i.test(type) && !/^\s*[[{]/.test(text)) return undefined;
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
