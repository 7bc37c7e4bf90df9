import type { Readable } from "node:stream";

export interface Context {
  input?: NodeJS.ReadableStream;
  output?: NodeJS.WritableStream;
  signal?: AbortSignal;
}

/** A terminal's input, whose mode can be changed. */
export interface Keyboard extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}
