import { open } from "node:fs/promises";
import { fail, ok, type Result } from "../base/result.ts";

/** Larger files are refused before they are read: no runbook a person wrote comes near it. */
const maxBytes = 1024 * 1024;

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

export function positionOf(source: Source, offset: number): Position {
  const before = source.text.slice(0, offset);
  const newline = before.lastIndexOf("\n");
  let line = 1;
  for (let at = before.indexOf("\n"); at !== -1; at = before.indexOf("\n", at + 1)) line++;
  return { line, column: offset - newline };
}

/** Reads a file whole; why it could not be read is one sentence. */
export async function readSource(path: string): Promise<Result<Source, string>> {
  let file;
  try {
    file = await open(path, "r");
    const stat = await file.stat();
    if (stat.isDirectory()) return fail(`${path} is a directory; name a file in it`);
    if (!stat.isFile()) return fail(`${path} is not a regular file`);
    if (stat.size > maxBytes) {
      return fail(`${path} has ${stat.size} bytes; more than ${maxBytes} is refused unread`);
    }
    const bytes = await file.readFile();
    const text = decode(bytes);
    return text === undefined ? fail(`${path} is not UTF-8 text`) : ok({ path, text });
  } catch (error) {
    return fail(whyNotRead(path, error));
  } finally {
    await file?.close();
  }
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
  if (code === "EACCES" || code === "EPERM") return `${path} may not be read by this user`;
  if (code === "EISDIR") return `${path} is a directory; name a file in it`;
  return `${path} could not be read: ${error instanceof Error ? error.message : String(error)}`;
}
