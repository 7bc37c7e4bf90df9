import { constants, type Stats } from "node:fs";
import { open } from "node:fs/promises";
import { fail, ok, type Result } from "../base/result.ts";

/**
 * Larger files are refused before they are read: no runbook a person wrote comes near it, and the YAML
 * parser takes five seconds on a megabyte that was made to be slow.
 */
const maxBytes = 256 * 1024;

/** A text and where it came from. Offsets everywhere are UTF-16 positions in `text`. */
export interface Source {
  /** As the operator named it: for messages, not for opening again. */
  readonly path: string;
  readonly text: string;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Position {
  /** Both count from 1; a column is a UTF-16 unit. */
  readonly line: number;
  readonly column: number;
}

/** Offsets of every line's first character, found once for each text. */
const lineStarts = new WeakMap<Source, readonly number[]>();

function startsOf(source: Source): readonly number[] {
  const found = lineStarts.get(source);
  if (found !== undefined) return found;
  const starts = [0];
  for (let at = source.text.indexOf("\n"); at !== -1; at = source.text.indexOf("\n", at + 1))
    starts.push(at + 1);
  lineStarts.set(source, starts);
  return starts;
}

export function positionOf(source: Source, offset: number): Position {
  const starts = startsOf(source);
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}

/** A line's text without its end. `line` counts from 1. */
export function lineText(source: Source, line: number): string {
  const starts = startsOf(source);
  return source.text.slice(starts[line - 1], starts[line]).replace(/\r?\n$/, "");
}

/** Reads a file whole; why it could not be read is one sentence. */
export async function readSource(path: string): Promise<Result<Source, string>> {
  const read = await readSourceFile(path);
  return read.ok ? ok(read.value.source) : read;
}

/** The same, with what the system says of the very file that was read. */
export async function readSourceFile(
  path: string,
): Promise<Result<{ readonly source: Source; readonly stat: Stats }, string>> {
  let file;
  try {
    // Without O_NONBLOCK opening a named pipe waits for somebody who writes to it, perhaps for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (stat.isDirectory()) return fail(`${path} is a directory; name a file in it`);
    if (!stat.isFile()) return fail(`${path} is not a regular file`);
    const tooLong = `the limit is ${maxBytes / 1024} KiB`;
    if (stat.size > maxBytes) return fail(`${path} has ${Math.ceil(stat.size / 1024)} KiB; ${tooLong}`);
    // What calls itself empty (a file of /proc) or grows meanwhile is read up to the same limit.
    let buffer = Buffer.alloc(stat.size === 0 ? maxBytes + 1 : stat.size + 1);
    let length = 0;
    for (let more = true; more && length <= maxBytes;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer], maxBytes + 1);
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      // There was room for more than the file says it has: what came is all of it.
      more = bytesRead > 0 && length !== stat.size;
    }
    if (length > maxBytes) return fail(`${path} does not end; ${tooLong}`);
    const text = decode(buffer.subarray(0, length));
    return text === undefined ? fail(`${path} is not UTF-8 text`) : ok({ source: { path, text }, stat });
  } catch (error) {
    return fail(whyNotRead(path, error));
  } finally {
    await file?.close();
  }
}

/** A text that was read elsewhere, under the same limit. @param path what messages call it */
export function textSource(path: string, text: string): Result<Source, string> {
  const bytes = Buffer.byteLength(text);
  return bytes > maxBytes
    ? fail(`${path} has ${Math.ceil(bytes / 1024)} KiB; the limit is ${maxBytes / 1024} KiB`)
    : ok({ path, text });
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function whyNotRead(path: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return `${path} does not exist`;
  if (code === "EACCES" || code === "EPERM") return `this user cannot read ${path}`;
  if (code === "ENOTDIR") return `${path} does not exist: a part of the path is a file`;
  if (code === "ELOOP") return `${path} is a circular link`;
  if (code === "EISDIR") return `${path} is a directory; name a file in it`;
  return `cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`;
}
