// The headers of a POSIX ustar archive, as few kinds of them as there can be: regular files, mode 0600, no owner.
// There are no folders, links or extended headers in a bundle. tar-read.ts accepts exactly what `tarHeader` makes,
// and calls it to know: a byte changed here makes every sealed bundle of before unreadable, so the layout is a
// format and not a detail. Sizes from 8 GiB on are written in binary, as GNU does.

/** Bytes of a block: everything in a tar is a multiple of it. */
export const blockSize = 512;

/** What stands behind the last entry. */
export const tarEnd = Buffer.alloc(2 * blockSize);

const largestOctal = 0o77777777777;

/**
 * The header of a regular file of nobody's, readable by its owner alone (POSIX ustar).
 * @param path ASCII of at most 255 characters, a part of it at most 100.
 * @throws for a path that does not fit; the bag's own names always do.
 */
export function tarHeader(path: string, size: number, modified: Date): Buffer {
  const { name, prefix } = split(path);
  const header = Buffer.alloc(blockSize);
  header.write(name, 0, 100, "latin1");
  octal(header, 0o600, 100, 8);
  octal(header, 0, 108, 8);
  octal(header, 0, 116, 8);
  writeSize(header, size);
  octal(header, Math.max(0, Math.floor(modified.getTime() / 1000)), 136, 12);
  header.write("0", 156, "latin1");
  header.write("ustar\0" + "00", 257, "latin1");
  header.write(prefix, 345, 155, "latin1");
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

/** Zeros from the end of a file to the end of its last block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** Sum of a header's bytes, its own sum taken as spaces. */
export function checksum(header: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at++) if (at < 148 || at >= 156) sum += header[at] ?? 0;
  return sum;
}

function split(path: string): { readonly name: string; readonly prefix: string } {
  if (path.length <= 100) return { name: path, prefix: "" };
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) {
    if (at <= 155 && path.length - at - 1 <= 100)
      return { name: path.slice(at + 1), prefix: path.slice(0, at) };
  }
  throw new Error(`${path} does not fit a tar header`);
}

function octal(header: Buffer, value: number, at: number, length: number): void {
  header.write(`${value.toString(8).padStart(length - 1, "0")}\0`, at, "latin1");
}

/** From 8 GiB on in binary, as GNU and every reader since writes it. */
function writeSize(header: Buffer, size: number): void {
  if (size <= largestOctal) {
    octal(header, size, 124, 12);
    return;
  }
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(BigInt(size), 128);
}
