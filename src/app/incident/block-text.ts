// A block as it is printed where nothing can be recorded, and as it is found again in whatever was kept of a screen:
//
//   -----BEGIN LAV-IR RECORDS NR-20261130-094207-3fa9c1-----
//   <64 characters of base64>.<4 that check them>           a line each, numbered by its check
//   -----END LAV-IR RECORDS NR-20261130-094207-3fa9c1 12.<16 digits of the digest of all>-----
//
// A terminal breaks lines where it likes, colours them, puts prompts before them and CR behind them. None of this is
// of the alphabet of what is between the marks, so everything else is left out first, and each character remembers
// where it stood: a line that does not hold is named by the place where a person finds it.
import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../../base/result.ts";

export interface BlockText {
  readonly id: string;
  readonly bytes: Buffer;
}

/** Where something stands in a text, from 1. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

/** What is wrong with a text, and where. */
export interface BlockFault {
  readonly at: Spot;
  /** What is wrong, and what to do. */
  readonly message: string;
}

/** `NR-20261130-094207-3fa9c1`: when it was, in UTC, and a number that no other has. */
export const blockId = /NR-\d{8}-\d{6}-[0-9a-f]{6}/;

const lineLength = 64;
const checkLength = 4;
const digestLength = 16;
/** What both marks begin with, as it is without blanks. */
const title = "LAV-IRRECORDS";
const begins = new RegExp(`BEGIN${title}(${blockId.source})-*`, "g");
const ends = new RegExp(`END${title}(${blockId.source})(\\d{1,5})\\.([0-9a-f]{${digestLength}})`);
/** What a terminal obeys, as bytes or as they were made visible; and what JSON writes for the end of a line. */
const noise =
  // oxlint-disable-next-line no-control-regex -- the sequences are what it is about
  /(?:\u001b|␛)(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?|[@-_])|\\(?:[nrt]|u001b\[[0-9;]*m)/g;
const meant = /[A-Za-z0-9+/=.-]+/g;

/** The lines of a block, marks included. */
export function blockLines({ id, bytes }: BlockText): readonly string[] {
  const text = bytes.toString("base64");
  const parts = Array.from({ length: Math.ceil(text.length / lineLength) }, (_none, n) =>
    text.slice(n * lineLength, (n + 1) * lineLength),
  );
  return [
    `-----BEGIN LAV-IR RECORDS ${id}-----`,
    ...parts.map((part, n) => `${part}.${checkOf(id, n, part)}`),
    `-----END LAV-IR RECORDS ${id} ${parts.length}.${digestOf(id, text)}-----`,
  ];
}

function checkOf(id: string, n: number, part: string): string {
  return createHash("sha256").update(`${id} ${n} ${part}`).digest("base64").slice(0, checkLength);
}

function digestOf(id: string, text: string): string {
  return createHash("sha256").update(`${id} ${text}`).digest("hex").slice(0, digestLength);
}

/** Every block in a text, in its order, each once. */
export function findBlocks(text: string): Result<readonly BlockText[], BlockFault> {
  const { kept, spot } = condensed(text);
  const found = new Map<string, BlockText>();
  const starts = [...kept.matchAll(begins)];
  if (starts.length === 0)
    return fail({
      at: { line: 1, column: 1 },
      message: "no block of records is in it: copy one from its -----BEGIN to its -----END",
    });
  for (const [n, start] of starts.entries()) {
    const from = start.index + start[0].length;
    const to = starts[n + 1]?.index ?? kept.length;
    const read = readBlock(start[1] ?? "", { text: kept.slice(from, to), from, start: start.index }, spot);
    if (!read.ok) return read;
    const before = found.get(read.value.id);
    if (before !== undefined && !before.bytes.equals(read.value.bytes))
      return fail({
        at: spot(start.index),
        message: `${read.value.id} was here before, and said something else: keep the one that was printed`,
      });
    found.set(read.value.id, read.value);
  }
  return ok([...found.values()]);
}

/** What is left of a text, and where each character of that stood. */
function condensed(text: string): { readonly kept: string; readonly spot: (index: number) => Spot } {
  const clean = text.replaceAll(noise, (found) => " ".repeat(found.length));
  const pieces = [...clean.matchAll(meant)];
  const kept = pieces.map(([piece]) => piece).join("");
  const spot = (index: number): Spot => {
    let left = index;
    const piece = pieces.find(([{ length }]) => {
      if (left < length) return true;
      left -= length;
      return false;
    });
    const before = text.slice(0, piece === undefined ? text.length : piece.index + left).split("\n");
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  };
  return { kept, spot };
}

interface Part {
  readonly text: string;
  /** Where it stands in what was kept, and its first mark. */
  readonly from: number;
  readonly start: number;
}

function readBlock(
  id: string,
  { text, from, start }: Part,
  spot: (index: number) => Spot,
): Result<BlockText, BlockFault> {
  const again = "copy the block again, from its -----BEGIN to its -----END";
  const end = ends.exec(text) ?? undefined;
  if (end === undefined) return fail({ at: spot(start), message: `${id} has no end: ${again}` });
  const body = undashed(text.slice(0, end.index));
  const parts: string[] = [];
  for (let at = 0; at < body.length;) {
    const line = /^([A-Za-z0-9+/=]{1,64})\.([A-Za-z0-9+/]{4})/.exec(body.slice(at, at + lineLength + 8));
    const [whole = "", part = "", check] = line ?? [];
    if (check !== checkOf(id, parts.length, part))
      return fail({
        at: spot(from + at),
        message: `line ${parts.length + 1} of ${id} is missing, or is not as it was printed: ${again}`,
      });
    parts.push(part);
    at += whole.length;
  }
  const [, name, count, digest] = end;
  const joined = parts.join("");
  if (name !== id)
    return fail({ at: spot(from + end.index), message: `${id} ends as ${name ?? ""}: ${again}` });
  if (Number(count) !== parts.length || digest !== digestOf(id, joined))
    return fail({
      at: spot(from + end.index),
      message: `${id} has ${parts.length} of its ${count ?? ""} lines, or is not as it was printed: ${again}`,
    });
  return ok({ id, bytes: Buffer.from(joined, "base64") });
}

/** Without the dashes of the last mark. */
function undashed(text: string): string {
  let end = text.length;
  while (text[end - 1] === "-") end -= 1;
  return text.slice(0, end);
}
