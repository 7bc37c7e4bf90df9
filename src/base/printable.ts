/**
 * What nobody sees, and what a terminal obeys: control characters, invisible ones (zero-width, soft hyphens,
 * tags), those that turn the direction of a line around, line and paragraph separators, halves of characters.
 * Not the selector that makes an emoji of a sign.
 */
const hidden = /(?![\n\t]|\ufe0e|\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Our own colours and weights, never one that conceals or blinks; and the cursor, hidden and shown. */
const ownStyle =
  // oxlint-disable-next-line no-control-regex -- the sequences are what it is about
  /(\u001b\[\?25[hl]|\u001b\[(?:(?:[0-4]|7|9|2[1-9]|[39][0-7]|39|4[0-79]|10[0-7]|55|[34]8;5;\d{1,3}|[34]8;2;\d{1,3};\d{1,3};\d{1,3})(?:;(?=\d)|(?=m)))*m)/;

/**
 * A text as a terminal may be given it: an escape sequence in a log line, a name or a file could clear the
 * screen, hide a line, or put something into the clipboard. Control characters become their visible pictures,
 * whatever else is hidden its number: `\u{202e}`. Newlines and tabs stay.
 */
export function printable(text: string): string {
  return text.replaceAll(hidden, picture);
}

/** Whether nobody sees anything of it. */
export function isBlank(text: string): boolean {
  return text.replaceAll(hidden, "").trim() === "";
}

/** The same for a text that our own styling stands in: colours and weights stay. */
export function printableStyled(text: string): string {
  if (!text.includes("\u001b")) return printable(text);
  return text
    .split(ownStyle)
    .map((part, at) => (at % 2 === 1 ? part : printable(part)))
    .join("");
}

/** JSON text, which is the same value after it: what is hidden in it is written as its escape. */
export function printableJson(text: string): string {
  return text.replaceAll(hidden, (character) =>
    Array.from({ length: character.length }, (_none, at) => {
      return `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`;
    }).join(""),
  );
}

/** Characters of a text that nobody would see, each once. */
export function hiddenIn(text: string): readonly string[] {
  return [...new Set(text.match(hidden))];
}

function picture(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "␡" : `\\u{${code.toString(16)}}`;
}
