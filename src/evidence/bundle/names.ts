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

/** Paths that are taken, by files and by the folders they need. Case does not tell two apart. */
export class TakenPaths {
  private readonly files = new Set<string>();
  private readonly folders = new Set<string>();

  /** Takes the path, or the same with a number before its ending. One whose folder is a file's name loses its folders. */
  take(wanted: string): string {
    const [set = "", ...rest] = wanted.split("/");
    const flat = parents(wanted).some((folder) => this.files.has(folder.toLowerCase()));
    const path = this.free(flat ? `${set}/${rest.join("_").slice(0, longestPart)}` : wanted);
    this.files.add(path.toLowerCase());
    for (const folder of parents(path)) this.folders.add(folder.toLowerCase());
    return path;
  }

  private free(path: string): string {
    const slash = path.lastIndexOf("/");
    const dot = path.indexOf(".", slash + 2);
    const at = dot === -1 ? path.length : dot;
    for (let number = 1; ; number++) {
      const other = number === 1 ? path : `${path.slice(0, at)}-${number}${path.slice(at)}`;
      const key = other.toLowerCase();
      if (!this.files.has(key) && !this.folders.has(key)) return other;
    }
  }
}

function parents(path: string): readonly string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}
