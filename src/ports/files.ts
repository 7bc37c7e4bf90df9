import type { Result } from "../base/result.ts";

/** A file below one of the platform file's folders: the folder's name, then a path in it. */
export interface FilePlace {
  readonly root: string;
  readonly path: string;
}

export interface FileStat {
  /** Bytes as it was opened; what is written to it later is not read. */
  readonly size: number;
  readonly modified: Date;
}

/** A file that is open. It does not change under its reader: what grows is read as it was. */
export interface OpenFile extends AsyncDisposable {
  readonly stat: FileStat;
  /**
   * Pieces of it, from its end to its beginning, each of whole lines but where one is longer than a piece.
   * A file that became shorter meanwhile is a failure.
   */
  backwards(signal: AbortSignal): AsyncGenerator<Result<Uint8Array>, void>;
  /** Whether a file of this place is the same: it may have been rotated since it was opened. */
  isStill(place: FilePlace): Promise<boolean>;
}

/** Files of this machine, below folders that the platform file names. Nothing is ever written. */
export interface Files {
  /** `missing` where there is no such file; `denied` where a link leads out of the folder. */
  open(place: FilePlace): Promise<Result<OpenFile>>;
}
