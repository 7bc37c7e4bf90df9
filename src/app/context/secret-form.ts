import { fail, ok, type Result } from "../../base/result.ts";

/**
 * The text of a secret's file: UTF-8. A failure is a sentence without any of it.
 * UTF-16 is told apart, because an editor saves it without a word and it looks the same on a screen.
 */
export function textOf(bytes: Buffer): Result<string, string> {
  const mark = bytes.length >= 2 ? bytes.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) return fail("it is UTF-16; save it as UTF-8");
  try {
    return ok(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return fail("it is not UTF-8; save it as UTF-8");
  }
}

const names: Readonly<Record<string, string>> = {
  "\n": "a line break",
  "\r": "a carriage return",
  "\0": "a NUL",
};

/**
 * The secret itself: line breaks and a byte-order mark around it come from whoever wrote them down. Within it there
 * is none, nor another control character: it goes into a header or a login, where it would be refused after consent,
 * or end the line. PEM alone has several lines.
 */
export function secretIn(text: string): Result<string, string> {
  return secretLine(text.replaceAll(/^[\u{feff}\r\n]+|[\u{feff}\r\n]+$/gu, ""));
}

/** The same of a text from which nothing is to be taken off. */
export function secretLine(value: string): Result<string, string> {
  if (value.startsWith("-----BEGIN ")) return ok(value);
  // eslint-disable-next-line no-control-regex
  const [control] = /[\0-\x08\x0a-\x1f\x7f\u{feff}]/u.exec(value) ?? [];
  if (control === undefined) return ok(value);
  const code = (control.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return fail(
    `it contains ${names[control] ?? "a control character"} (U+${code}); a secret is one line of text`,
  );
}
