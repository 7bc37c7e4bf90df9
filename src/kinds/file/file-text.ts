/** Begins a colour. */
const escape = 0x1b;

/** Whether bytes are no text: what text never has makes up more than a third of them. */
export function isBinary(bytes: Uint8Array): boolean {
  // A file that was emptied under its writer begins with zeros, and is a log all the same.
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) return false;
  const sample = Buffer.from(bytes.subarray(first, first + 8192));
  const controls = sample.filter((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== escape)).length;
  const unreadable = sample.toString("utf8").split("\uFFFD").length - 1;
  return (controls + unreadable) * 3 > sample.length;
}

/** Its lines, without their ends and without the zeros that a crash leaves. */
export function linesOf(bytes: Uint8Array): string[] {
  const text = Buffer.from(bytes).toString("utf8").replaceAll("\0", "");
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  return lines;
}
