import { createHash } from "node:crypto";

/**
 * The chain of a journal's lines. `sum` is the SHA-256 of a line's text before it was added, and `prev` the `sum` of
 * the record before: a changed byte shows in its own record, a removed or moved one in the next. What was cut off at
 * the end, and a chain whose every sum was made anew, show against a signed head (`heads.ts`).
 */

/** `prev` of the first record. */
export const genesis = "0".repeat(64);

export const newline = 0x0a;

/** The lines of whole lines, as bytes: two texts that differ only in what is not UTF-8 look the same. */
export function linesOf(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(newline, at);
    if (end === -1) break;
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}

export function sha256(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The record's text with its sum. */
export function sealed(text: string): { readonly line: string; readonly sum: string } {
  const sum = sha256(text);
  return { line: `${text.slice(0, -1)},"sum":"${sum}"}`, sum };
}

/** Length of `,"sum":"…"}`. */
const sealLength = `,"sum":"${genesis}"}`.length;

/** What the record after this line must have as `prev`. */
export function sumOf(line: Buffer): string {
  const text = line.subarray(0, Math.max(0, line.length - sealLength));
  return createHash("sha256").update(text).update("}").digest("hex");
}
