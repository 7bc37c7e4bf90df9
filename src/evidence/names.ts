/** Bytes of one part of a path: with its folders it must fit a tar header. */
const longestPart = 80;
const longestPath = 200;

/**
 * A path below data/ made of what a collector calls its file: nothing in it can leave the folder, hide, be
 * read as an option or a line of its own, or differ from another only in what a file system folds.
 */
export function safePath(set: string, name: string): string {
  const parts = name
    .split("/")
    .map(safePart)
    .filter((part) => part !== "");
  const path = [safePart(set) || "set", ...(parts.length === 0 ? ["unnamed"] : parts)].join("/");
  return path.length <= longestPath ? path : `${path.slice(0, longestPath - 4)}_cut`;
}

function safePart(part: string): string {
  const plain = part.replaceAll(/[^\w.@+=,-]/g, "_").replace(/^[.-]+/, "_");
  return plain.length <= longestPart ? plain : `${plain.slice(0, longestPart - 4)}_cut`;
}

/** The path, or the same with a number before its ending when it is taken. Case does not tell two apart. */
export function freePath(path: string, taken: ReadonlySet<string>): string {
  if (!taken.has(path.toLowerCase())) return path;
  const slash = path.lastIndexOf("/");
  const dot = path.indexOf(".", slash + 2);
  const at = dot === -1 ? path.length : dot;
  for (let number = 2; ; number++) {
    const other = `${path.slice(0, at)}-${number}${path.slice(at)}`;
    if (!taken.has(other.toLowerCase())) return other;
  }
}
