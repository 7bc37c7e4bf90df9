import { custodyFile } from "./bag.ts";
import type { TarProblem } from "./tar-read.ts";

/** One way in which a bag is not what was sealed. */
export interface Problem {
  readonly type:
    | TarProblem
    /** The file's bytes are others; the same with more behind them; those of another file of the bag. */
    | "changed"
    | "appended"
    | "swapped"
    | "missing"
    | "extra"
    | "duplicate"
    /** The whole file is not the one of its .sha256. */
    | "digest"
    | "custody"
    /** The chain of custody says that something else was sealed, or does not say what. */
    | "unbound"
    | "unreadable";
  /** From the bag's folder on; empty when it is about the whole. */
  readonly path: string;
}

/** One sentence for a person, without a full stop. */
export function problemText({ type, path }: Problem): string {
  const at = path === "" ? "the file" : path;
  switch (type) {
    case "absolute":
      return `${at}: an absolute path, which would be written outside of the bag`;
    case "parent":
      return `${at}: a path that leads outside the bag`;
    case "link":
      return `${at}: a link; a bag has none`;
    case "device":
      return `${at}: a device or a pipe; a bag has none`;
    case "not-a-file":
      return `${at}: an entry that is not a file; a bag has none`;
    case "header":
      return `${at}: its entry in the archive was changed`;
    case "padding":
      return `${at}: it has hidden bytes after its end`;
    case "trailing":
      return "the archive has bytes after its end";
    case "cut-off":
      return `the archive is truncated${path === "" ? "" : ` in or after ${path}`}`;
    case "damaged":
      return `the archive is damaged${path === "" ? "" : ` in or after ${path}`}`;
    case "changed":
      return `${at}: its bytes were changed`;
    case "appended":
      return `${at}: something was appended to it`;
    case "swapped":
      return `${at}: its content is that of another file in the bag`;
    case "missing":
      return `${at}: it was removed from the bag`;
    case "extra":
      return `${at}: it was added to the bag afterwards`;
    case "duplicate":
      return `${at}: it occurs twice`;
    case "digest":
      return "the file does not match the digest in its .sha256 file";
    case "custody":
      return `${at}: the chain of custody is broken`;
    case "unbound":
      return path === custodyFile
        ? `${at}: it does not bind what was sealed: an earlier version wrote it, or it was rewritten`
        : `${at}: it differs from what the chain of custody says was sealed`;
    case "unreadable":
      return `${at}: its content is malformed`;
  }
}
