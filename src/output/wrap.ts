import { stripVTControlCharacters } from "node:util";

/** Colours and the like: they take no room. */
// oxlint-disable-next-line no-control-regex -- the sequences are what it is about
const style = /(\u001b\[[0-9;]*m)/;

/** Characters that a terminal gives two columns. */
const wide =
  /^(?:\p{Emoji_Presentation}|.\uFE0F|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}])/u;
const segments = new Intl.Segmenter();
/**
 * ASCII, letters of the Latin script, dashes, quotes and the ellipsis: each is one column, and none joins another. Its
 * first use makes the segmenter load its tables, which take longer than most commands' screens.
 */
// oxlint-disable-next-line no-control-regex -- as the terminal takes them
const single = /^[\u0000-\u007f\u00c0-\u024f\u2010-\u2027]*$/;

/** Columns that a text of one line takes. */
export function widthOf(text: string): number {
  const plain = stripVTControlCharacters(text);
  if (single.test(plain)) return plain.length;
  let width = 0;
  for (const { segment } of segments.segment(plain)) width += columnsOf(segment);
  return width;
}

function columnsOf(character: string): number {
  if (wide.test(character)) return 2;
  return /^[\p{Mn}\p{Me}\p{Cf}]+$/u.test(character) ? 0 : 1;
}

/** One line of at most `columns`; what does not fit is cut off, and that shows. */
export function cutLine(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line;
  let [cut, width] = ["", 0];
  for (const { segment } of segments.segment(line)) {
    width += columnsOf(segment);
    if (width >= columns) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** Breaks one line into pieces of at most `columns`: at blanks where there are some, else anywhere. */
export function wrapLine(line: string, columns: number): readonly string[] {
  const room = Math.max(1, Math.floor(columns));
  if (widthOf(line) <= room) return [line];
  const lines: string[] = [];
  let [current, width] = ["", 0];
  /** Where the last blank of the current line stands, and the width before it. */
  let blank = -1;
  const broken = (text: string): void => {
    lines.push(text);
    blank = -1;
  };
  for (const part of line.split(style)) {
    if (style.test(part)) {
      current += part;
      continue;
    }
    for (const { segment } of segments.segment(part)) {
      const columns = columnsOf(segment);
      if (width + columns > room && width > 0) {
        if (segment === " ") {
          broken(current);
          [current, width] = ["", 0];
          continue;
        }
        const rest = blank === -1 ? "" : current.slice(blank + 1);
        broken(blank === -1 ? current : current.slice(0, blank));
        [current, width] = [rest, widthOf(rest)];
      }
      // Indentation is no place to break.
      if (segment === " " && current.trim() !== "") blank = current.length;
      current += segment;
      width += columns;
    }
  }
  return [...lines, current];
}

/** The same where the line stands indented: what does not fit goes on two columns further in, under its beginning. */
export function wrapIndented(line: string, columns: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? "";
  const under = `${indent}  `;
  if (indent === "" || widthOf(line) <= columns || columns <= 2 * under.length)
    return wrapLine(line, columns);
  return wrapLine(line.slice(indent.length), columns - under.length).map(
    (part, at) => `${at === 0 ? indent : under}${part}`,
  );
}
