import { plainly, replaced, type Cut, type Mark } from "./finds.ts";
import { stillJson } from "./json-lines.ts";
import { harmless, namesSecret } from "./names.ts";
import type { Hit } from "./search.ts";
import { holdsCustoms, mostLayers, plainView, splitWords, undoable, undone, type View } from "./view.ts";
import { namesOf } from "./words.ts";

/**
 * Takes out what a rule sees as a secret: in the text as it is written, and then, where a word stands among signs of
 * some custom, in its line with those undone, one layer at a time (view.ts).
 */
export function withoutFinds(text: string, mark: Mark): string {
  const { clean, places } = plainly(text, mark);
  const found = layers(clean, places, mark);
  return found === text ? text : stillJson(text, found, (line) => jsonWithoutFinds(line, mark));
}

const string = `"((?:[^"\\\\]|\\\\.)*)"`;
const stringsOf = new RegExp(`${string}(?:(\\s*:\\s*)(?:${string})?)?`, "g");

/** A line of JSON, string by string: for one whose quotes a rule has read as another text's. */
function jsonWithoutFinds(line: string, mark: Mark): string {
  const written = (inner: string): string => {
    const text = JSON.parse(`"${inner}"`) as string;
    return JSON.stringify(withoutFinds(text, mark));
  };
  return line.replaceAll(stringsOf, (_all, name: string, colon?: string, value?: string) => {
    if (colon === undefined || value === undefined) return written(name) + (colon ?? "");
    const hidden = namesSecret(name) && value !== "" && !harmless(name, value);
    return written(name) + colon + (hidden ? JSON.stringify(mark("key", value)) : written(value));
  });
}

/** The same in the lines that hold a word among signs of some custom, with those undone. */
function layers(text: string, places: readonly Hit[], mark: Mark): string {
  if (!holdsCustoms(text)) return text;
  const wide = text.includes("\0");
  let clean = "";
  let at = 0;
  for (const place of wide ? [0] : placesToUndo(text, places)) {
    if (place < at) continue;
    const start = Math.max(at, wide ? 0 : text.lastIndexOf("\n", place) + 1);
    const next = wide ? -1 : text.indexOf("\n", place);
    const end = next === -1 ? text.length : next;
    clean += text.slice(at, start) + undoneLine(text.slice(start, end), mark);
    at = end;
  }
  return at === 0 ? text : clean + text.slice(at);
}

function placesToUndo(text: string, places: readonly Hit[]): readonly number[] {
  const among = places.filter((place) => undoable(text, place.at, namesOf.has(place.text)));
  return [...among.map(({ at }) => at), ...splitWords(text)].toSorted((a, b) => a - b);
}

function undoneLine(line: string, mark: Mark): string {
  let clean = line;
  for (let depth = 1; depth <= mostLayers; depth++) {
    let view = plainView(clean);
    let deeper = view;
    for (let layer = 0; layer < depth; layer++) deeper = undone((view = deeper));
    if (deeper === view) break;
    clean = withoutFindsOf(deeper, clean, mark);
  }
  return clean;
}

/** Takes out of the written text what is found in a view of it. */
function withoutFindsOf(view: View, source: string, mark: Mark): string {
  let { starts, ends } = view;
  const found: Cut[] = [];
  plainly(view.text, mark, (cuts) => {
    for (const { start, end, token } of cuts)
      found.push({ start: starts[start] ?? 0, end: ends[end - 1] ?? source.length, token });
    starts = spliced(starts, cuts, "start");
    ends = spliced(ends, cuts, "end");
  });
  return replaced(source, outermost(found));
}

/** One that a later rule found around an earlier one goes as a whole. */
function outermost(cuts: readonly Cut[]): readonly Cut[] {
  let end = 0;
  return cuts
    .toReversed()
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
    .filter((cut) => {
      if (cut.end <= end) return false;
      ({ end } = cut);
      return true;
    });
}

/** The places of a view's characters once the cuts are made: a token's are all those of what it replaces. */
function spliced(places: Int32Array, cuts: readonly Cut[], side: "start" | "end"): Int32Array {
  const result: number[] = [];
  let at = 0;
  for (const { start, end, token: instead } of cuts) {
    for (; at < start; at++) result.push(places[at] ?? 0);
    const place = places[side === "start" ? start : end - 1] ?? 0;
    for (let index = 0; index < instead.length; index++) result.push(place);
    at = end;
  }
  for (; at < places.length; at++) result.push(places[at] ?? 0);
  return Int32Array.from(result);
}
