// Reads a sealed bundle once, from the first byte to the last: the hashes of the file, the gzip envelope, and the tar
// inside. Node's gunzip is not used, because it accepts several members, optional header fields and trailing bytes; in
// each of them something could be hidden from one program and shown to another.
//
// What must not be broken: nothing is extracted and bytes are passed on as they come, so that a hostile file fills
// neither disk nor memory; the hashes cover the whole file, also where its inside is damaged; and the CRC and size at
// the end are compared with what was unpacked.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { crc32, createInflateRaw } from "node:zlib";
import { fail, ok, type Result } from "../../base/result.ts";
import { TarReader, type TarEvents } from "./tar-read.ts";

/** What a sealed file is as a whole. */
export interface Walked {
  readonly sha256: Buffer;
  readonly sha512: Buffer;
  readonly bytes: number;
}

/**
 * Reads a sealed file from its beginning to its end, extracting nothing; what is in it is told as it comes.
 * @returns why it cannot be read at all, as a sentence; what is wrong inside is told as a problem.
 */
export async function walkBundle(path: string, events: TarEvents): Promise<Result<Walked, string>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return fail(`${path} does not exist`);
  if (!found.isFile()) return fail(`${path} is not a file`);
  const hashes = [createHash("sha256"), createHash("sha512")] as const;
  const reader = new TarReader(events);
  const envelope = new Envelope();
  const inflate = createInflateRaw({ chunkSize: 262_144 });
  let read = 0;
  let broken = false;
  let sum = 0;
  let size = 0;
  const unpacked = (async () => {
    try {
      for await (const part of inflate) {
        const bytes = part as Buffer;
        sum = crc32(bytes, sum);
        size = (size + bytes.length) >>> 0;
        reader.push(bytes);
      }
    } catch {
      broken = true;
    }
  })();
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1_048_576 })) {
      const bytes = part as Buffer;
      for (const hash of hashes) hash.update(bytes);
      read += bytes.length;
      const body = envelope.push(bytes);
      // What comes behind the end, or behind damage, belongs to the file and to its hash alone.
      if (broken || inflate.destroyed || inflate.readableEnded || body.length === 0) continue;
      if (!inflate.write(body)) await Promise.race([drained(inflate), unpacked]);
    }
  } catch (error) {
    inflate.destroy();
    return fail(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  inflate.end();
  await unpacked;
  const over = read - (head.length + inflate.bytesWritten + tailLength);
  if (broken || !envelope.sound) events.problem("damaged", "");
  else if (over > 0) events.problem("trailing", "");
  else if (over < 0) events.problem("cut-off", "");
  else if (!envelope.closes(sum, size)) events.problem("damaged", "");
  if (!broken && envelope.sound) reader.end();
  const [sha256, sha512] = [hashes[0].digest(), hashes[1].digest()];
  return ok({ sha256, sha512, bytes: read });
}

/** How a gzip file without a name, a time or a comment begins; two more bytes say how hard it was packed, and where. */
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0]);
const fixed = 8;
/** CRC-32 and size of what was packed. */
const tailLength = 8;

/** What stands around the packed bytes of a gzip file. Node's own reader passes over what follows the end. */
class Envelope {
  private begin: Buffer = Buffer.alloc(0);
  private last: Buffer = Buffer.alloc(0);

  /** @returns what is left of the bytes behind the head. */
  push(bytes: Buffer): Buffer {
    this.last = Buffer.concat([this.last, bytes.subarray(-tailLength)]).subarray(-tailLength);
    const missing = head.length - this.begin.length;
    if (missing === 0) return bytes;
    this.begin = Buffer.concat([this.begin, bytes.subarray(0, missing)]);
    return bytes.subarray(missing);
  }

  get sound(): boolean {
    return this.begin.length === head.length && this.begin.subarray(0, fixed).equals(head.subarray(0, fixed));
  }

  closes(sum: number, size: number): boolean {
    return this.last.readUInt32LE(0) === sum >>> 0 && this.last.readUInt32LE(4) === size;
  }
}

function drained(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.once("drain", resolve));
}
