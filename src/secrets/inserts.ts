import { harmless, namesSecret } from "./names.ts";

/** A value's place in a statement. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

/** What such a statement begins with, in lower case. */
export const insertWord = "insert into ";

const head = /insert into [^\s(]{1,200}\s{0,3}\(([^()]{1,4000})\)\s{0,40}values\s{0,40}(?=\()/iy;
const value =
  /\s{0,40}(?:E?'((?:[^']|'')*)'|(?:[^'(),]|\((?:[^()']|'[^']*'){0,400}\)){0,400})\s{0,40}([,)]?)/y;
const between = /\s{0,40},\s{0,40}(?=\()/y;

/**
 * The values of an `INSERT` that stand under a secret's column: its name and its value are told by their places alone.
 * @param at where the statement begins.
 */
export function insertedSecrets(text: string, at: number): readonly Place[] {
  head.lastIndex = at;
  const columns =
    head
      .exec(text)?.[1]
      ?.split(",")
      .map((name) => name.trim()) ?? [];
  if (!columns.some(namesSecret)) return [];
  const places: Place[] = [];
  for (let row = head.lastIndex; row !== -1;) {
    const end = readRow(text, row + 1, columns, places);
    between.lastIndex = end;
    row = end !== -1 && between.test(text) ? between.lastIndex : -1;
  }
  return places;
}

/** @returns where the row ends, or -1 when it is none. */
function readRow(text: string, from: number, columns: readonly string[], places: Place[]): number {
  value.lastIndex = from;
  for (let column = 0; ; column++) {
    const start = value.lastIndex;
    const [all, inner, sign] = value.exec(text) ?? [];
    if (all === undefined || all === "") return -1;
    const name = columns[column] ?? "";
    if (inner !== undefined && inner !== "" && !harmless(name, inner)) {
      const begin = start + all.indexOf("'") + 1;
      places.push({ start: begin, end: begin + inner.length });
    }
    if (sign === ")") return value.lastIndex;
    if (sign !== ",") return -1;
  }
}
