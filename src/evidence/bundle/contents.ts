import { createHash, type Hash } from "node:crypto";
import { manifest, tagFiles, tagManifest } from "./bag.ts";
import type { Problem } from "./problem.ts";
import type { CollectorRow } from "./rows.ts";
import { isCollectorRow } from "./rows-read.ts";
import type { TarEvents, TarProblem } from "./tar-read.ts";

/** The bag's own files are kept whole up to here, to be read; a real one is far smaller. */
const longestKept = 67_108_864;

export interface Found {
  readonly hash: string;
  readonly size: number;
  /** Hash of as many bytes as its collector's row says that it had. */
  readonly begins: string | undefined;
}

const own: ReadonlySet<string> = new Set([...tagFiles, manifest, tagManifest]);

/** Takes in a bag as it is walked: a hash for every file, the text of the bag's own. */
export class Contents implements TarEvents {
  readonly problems: Problem[] = [];
  readonly files = new Map<string, Found>();
  readonly texts = new Map<string, string>();
  /** The folder that everything stands in. */
  folder: string | undefined;
  private readonly wanted: (path: string, size: number) => boolean;
  private path = "";
  private size = 0;
  private seen = 0;
  private hash: Hash = createHash("sha256");
  private begins: string | undefined;
  private kept: Buffer[] | undefined;
  private sizes: ReadonlyMap<string, number> = new Map();

  /** @param wanted files below data/ whose text is kept too. */
  constructor(wanted: (path: string, size: number) => boolean = () => false) {
    this.wanted = wanted;
  }

  problem(type: TarProblem, path: string): void {
    this.problems.push({ type, path: this.inside(path) ?? path });
  }

  file(full: string, size: number): void {
    this.folder ??= full.split("/")[0];
    const path = this.inside(full);
    if (path === undefined) this.problems.push({ type: "extra", path: full });
    this.path = path ?? full;
    this.size = size;
    this.seen = 0;
    this.hash = createHash("sha256");
    this.begins = undefined;
    this.kept = (own.has(this.path) || this.wanted(this.path, size)) && size <= longestKept ? [] : undefined;
  }

  bytes(part: Buffer): void {
    const known = this.sizes.get(this.path);
    const cut = known === undefined ? -1 : known - this.seen;
    if (cut >= 0 && cut < part.length && this.begins === undefined) {
      this.hash.update(part.subarray(0, cut));
      this.begins = this.hash.copy().digest("hex");
      this.hash.update(part.subarray(cut));
    } else this.hash.update(part);
    this.seen += part.length;
    this.kept?.push(Buffer.from(part));
  }

  done(): void {
    const { path, size, begins } = this;
    if (this.files.has(path)) {
      this.problems.push({ type: "duplicate", path });
      return;
    }
    this.files.set(path, { hash: this.hash.digest("hex"), size, begins });
    if (this.kept === undefined) return;
    this.texts.set(path, Buffer.concat(this.kept).toString("utf8"));
    this.kept = undefined;
    if (path === "collectors.jsonl")
      this.sizes = sizesIn(this.rows<unknown>("collectors.jsonl").filter(isCollectorRow));
  }

  /** Rows of a JSON Lines file; those that are none are left out. */
  rows<T>(path: string): readonly T[] {
    return (this.texts.get(path) ?? "").split("\n").flatMap((line) => {
      const row = parse(line);
      return row === undefined ? [] : [row as T];
    });
  }

  private inside(full: string): string | undefined {
    const start = `${this.folder ?? ""}/`;
    return full.startsWith(start) ? full.slice(start.length) : undefined;
  }
}

export function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function sizesIn(rows: readonly CollectorRow[]): ReadonlyMap<string, number> {
  const files = rows.flatMap((row) => row.files);
  return new Map(files.map(({ path, kept }) => [path, kept]));
}
