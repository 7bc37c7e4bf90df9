import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";

/** A message of the Language Server Protocol: a question, an answer, or what is only told. */
export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

const headEnd = "\r\n\r\n";

export function written(message: Message): string {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  return `Content-Length: ${Buffer.byteLength(text)}${headEnd}${text}`;
}

/** Calls `hear` with every message, however the stream cuts them. */
export function readMessages(stream: Readable, hear: (message: Message) => void): void {
  let rest = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = rest.indexOf(headEnd);
      if (head === -1) return;
      const [, length] = /Content-Length: (\d+)/.exec(rest.subarray(0, head).toString()) ?? [];
      const start = head + headEnd.length;
      const end = start + Number(length);
      if (rest.length < end) return;
      const text = rest.subarray(start, end).toString();
      rest = rest.subarray(end);
      hear(JSON.parse(text) as Message);
    }
  });
}
