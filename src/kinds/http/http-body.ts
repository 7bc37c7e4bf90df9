import { TextDecoder } from "node:util";
import type { HttpReply } from "../../ports/ports.ts";

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
