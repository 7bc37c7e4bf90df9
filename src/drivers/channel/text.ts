import type { ChannelMessage } from "../../ports/channel.ts";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const ellipsis = "…";

/**
 * A text of at most so many UTF-16 units once it is encoded, cut where a reader sees a character end. What is encoded
 * is cut before it is, so that no half of an entity remains.
 */
export function fit(text: string, most: number, encode: (text: string) => string = (same) => same): string {
  const whole = encode(text);
  if (whole.length <= most) return whole;
  let made = "";
  for (const { segment } of graphemes.segment(text)) {
    const next = encode(segment);
    if (made.length + next.length + ellipsis.length > most) break;
    made += next;
  }
  return `${made}${ellipsis}`.slice(0, Math.max(0, most));
}

/**
 * The message as a text of at most so many units: its tag and the head of the chain are in it whatever had to be cut,
 * and a repeat says that it may be one.
 */
export function composed(
  { tag, text, head, repeat }: ChannelMessage,
  most: number,
  encode: (text: string) => string = (same) => same,
): string {
  const mark = repeat ? "(may be a repeat) " : "";
  const built = (withTag: boolean, withHead: boolean): string => {
    const begin = `${withTag ? `${encode(tag)} ` : ""}${mark}`;
    const end = withHead ? `\n${encode(head)}` : "";
    return `${begin}${fit(text, most - begin.length - end.length, encode)}${end}`;
  };
  // A text that brings its tag and its head keeps them where they are, if the cut leaves them there.
  const own = built(!text.includes(tag), !text.includes(head));
  return own.includes(encode(tag)) && own.includes(encode(head)) ? own : built(true, true);
}

/** That a text had to be cut, as a note for whoever sends it. */
export function cutNotes(
  message: ChannelMessage,
  most: number,
  encode?: (text: string) => string,
): readonly string[] {
  const whole = composed(message, Infinity, encode).length;
  return whole <= most ? [] : [`cut: ${whole} characters, and it takes ${most}`];
}
