import type { Socket } from "node:net";
import { messageOf } from "./network.ts";
import { protocolOf } from "./protocol.ts";

/** Looks at what came before a library does. @returns why the library must not see it. */
export type ChunkCheck = (chunk: Buffer) => Error | undefined;

/**
 * Ends the socket when what comes is refused, and when the library that reads it throws: out of a socket's event
 * an exception reaches nobody who could catch it, and ends the process. Ended, it fails the request that waits.
 */
export function guard(socket: Socket, look: ChunkCheck): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...args: unknown[]) => boolean;
  let over = false;
  let first = true;
  const guarded = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== "data") return emit(event, ...args);
    const [chunk] = args;
    // What came in one piece with what was refused is still to be told of.
    if (over) return true;
    try {
      const refused =
        chunk instanceof Uint8Array
          ? ((first ? stranger(chunk) : undefined) ??
            look(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)))
          : undefined;
      first = false;
      if (refused === undefined) return emit(event, ...args);
      over = true;
      socket.destroy(refused);
    } catch (error) {
      over = true;
      socket.destroy(new Unreadable(`cannot parse its reply: ${messageOf(error)}`));
    }
    return true;
  };
  socket.emit = guarded as typeof socket.emit;
}

/** Another protocol is named: what it would mean in the one that is expected helps nobody. */
function stranger(chunk: Uint8Array): Error | undefined {
  const met = protocolOf(chunk);
  return met === undefined ? undefined : new Unreadable(`this port speaks ${met}`, chunk);
}

/** What came is not what the protocol has. `sample` is what of it can be shown. */
export class Unreadable extends Error {
  readonly sample: string | undefined;

  constructor(message: string, sample?: Uint8Array) {
    super(message);
    this.sample = sample === undefined ? undefined : sampleOf(sample);
  }
}

/** One reply is longer than may be kept. `limit` is in bytes. */
export class TooLong extends Error {
  readonly limit: number;

  constructor(limit: number) {
    super(`a reply is longer than ${limit / 1_048_576} MiB`);
    this.limit = limit;
  }
}

/** Bytes that no protocol's message comes near. */
const mostSane = 0x3fff_ffff;

/** Where a message's length stands, and what it counts. */
export interface FrameShape {
  /** Bytes before the length. */
  readonly before: number;
  /** Bytes that the length counts besides what follows it: 4 when it counts itself. */
  readonly counted: number;
  /** The least that the length may be. */
  readonly least: number;
  /** The most. */
  readonly longest: number;
}

/**
 * Follows messages that each say their length first. A library waits for what a length announces, and keeps all
 * that comes until then: the length is judged before anything of it is waited for.
 *
 * @param begins judges a message's first bytes: those before its length, and the length
 * @param ends judges it when all of it has come: its first bytes, and the last two of what follows them
 */
export function frames(
  shape: FrameShape,
  begins: (head: Buffer) => Error | undefined = () => undefined,
  ends: (head: Buffer, last: readonly number[]) => Error | undefined = () => undefined,
): ChunkCheck {
  const { before, counted, least, longest } = shape;
  const head = Buffer.alloc(before + 4);
  let filled = 0;
  let left = 0;
  let last: readonly number[] = [];
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (left > 0) {
        const passed = Math.min(left, chunk.length - at);
        left -= passed;
        at += passed;
        last = [...last, ...chunk.subarray(Math.max(at - passed, at - 2), at)].slice(-2);
        const wrong = left === 0 ? ends(head, last) : undefined;
        if (wrong !== undefined) return wrong;
        continue;
      }
      const taken = chunk.copy(head, filled, at, at + head.length - filled);
      filled += taken;
      at += taken;
      if (filled < head.length) return undefined;
      filled = 0;
      const length = head.readUInt32BE(before);
      const strange = begins(head);
      if (strange !== undefined) return strange;
      // A negative one is a huge one, read so; letters read as a length are more than that too.
      if (length < least || length > mostSane) return new Unreadable("it sent an invalid message", chunk);
      if (length > longest) return new TooLong(longest);
      left = length - counted;
      last = [];
      const wrong = left === 0 ? ends(head, last) : undefined;
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  };
}

function sampleOf(chunk: Uint8Array): string {
  return Buffer.from(chunk.subarray(0, 60))
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e]/g, ".");
}
