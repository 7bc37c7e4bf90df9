import { TooLong, Unreadable, type ChunkCheck } from "../guard.ts";

/** Bytes of one value. */
const longestValue = 64 * 1_048_576;
/** Elements of all arrays of a reply together: the library makes room for as many as are announced. */
const mostElements = 4_000_000;
/** Arrays in arrays; the library goes down into each by a call. */
const deepest = 64;
/** Bytes of a line: a length, a number, a status or an error. */
const longestLine = 65_536;

/**
 * Follows Redis's replies, and refuses what would be kept without bound: a value that announces gigabytes, an
 * array that announces millions, a line that does not end, arrays in arrays.
 */
export function redisReplies(): ChunkCheck {
  let line = "";
  let skip = 0;
  let elements = 0;
  /** Of each array that is open, how many of its elements are still to come. */
  const open: number[] = [];
  const done = (): void => {
    for (let last = open.pop(); last !== undefined; last = open.pop()) {
      if (last > 1) {
        open.push(last - 1);
        return;
      }
    }
    elements = 0;
  };
  const judge = (text: string): Error | undefined => {
    const [type, length] = [text[0], Number(text.slice(1))];
    if (type === "$") {
      if (length > longestValue) return new TooLong(longestValue);
      if (length >= 0) skip = length + 2;
      done();
    } else if (type === "*" && length > 0) {
      elements += length;
      if (elements > mostElements) return new Unreadable(`it announces more than ${mostElements} elements`);
      if (open.length >= deepest) return new Unreadable("its arrays are nested too deep");
      open.push(length);
    } else done();
    return undefined;
  };
  return (chunk) => {
    for (let at = 0; at < chunk.length;) {
      if (skip > 0) {
        const passed = Math.min(skip, chunk.length - at);
        skip -= passed;
        at += passed;
        continue;
      }
      const end = chunk.indexOf(0x0a, at);
      line += chunk.toString("latin1", at, end === -1 ? chunk.length : end);
      if (line.length > longestLine) return new Unreadable("a line of it does not end", chunk);
      if (end === -1) return undefined;
      const refused = judge(line);
      line = "";
      at = end + 1;
      if (refused !== undefined) return refused;
    }
    return undefined;
  };
}
