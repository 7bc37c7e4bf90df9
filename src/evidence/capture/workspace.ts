import { closeSync, constants, mkdirSync, openSync, statfsSync, unlinkSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Redactor } from "../../secrets/redactor.ts";
import type { FileOptions, Sink } from "./collector.ts";
import { safePath, TakenPaths } from "../bundle/names.ts";
import { RedactStream } from "../../secrets/stream.ts";
import type { FileRow, RedactionRow } from "../bundle/rows.ts";
import { packedAs, SecretScan } from "../../secrets/scan.ts";
import { Budget, CappedFile } from "./capped-file.ts";

export interface StageOptions {
  /** The bag's folder while it is made; its parent is there. */
  readonly folder: string;
  readonly redactor: Redactor;
  /** Every secret that is known. */
  readonly secrets: readonly string[];
}

/** Of the disk's free bytes: the rest is for the sealed file, which is most often a tenth as long. */
const share = 0.6;

/** Tokens of a file that are counted apart; what has more of them has one for every line. */
const mostTokens = 2000;

/** A secret of fewer characters may be a word of ours. */
const longWord = 12;

const begins = "‹secret:";
const token = /^‹secret:([a-z]+):[0-9a-f]{8}›/;
const longestToken = 64;

/** The folder (0700) in which a bag is put together, and what was redacted in its files. */
export class Workspace {
  readonly folder: string;
  readonly redactor: Redactor;
  private readonly longestSecret: number;
  /** Finds every known secret, whatever its shape. */
  readonly scan: SecretScan;
  private readonly secrets: readonly string[];
  /** What all files together may take of the disk: one that is filled up could not be sealed on. */
  readonly room: Budget;
  private readonly taken = new TakenPaths();
  private readonly scratch = Buffer.allocUnsafeSlow(1_048_576);
  private readonly counts = new Map<string, Map<string, number>>();

  /** @throws when the folder cannot be made. */
  constructor({ folder, redactor, secrets }: StageOptions) {
    this.folder = folder;
    this.redactor = redactor;
    this.scan = new SecretScan(secrets);
    this.secrets = secrets;
    this.longestSecret = Math.max(0, ...secrets.map((secret) => secret.length));
    mkdirSync(join(folder, "data"), { recursive: true, mode: 0o700 });
    const { bavail, bsize } = statfsSync(folder);
    this.room = new Budget(bavail * bsize * share);
  }

  /** A file of a collector's set, sharing its collector's budget. */
  file(set: string, name: string, options: FileOptions, budget: Budget, cap: number): StagedFile {
    const path = `data/${this.taken.take(safePath(set, this.redactor.text(name)))}`;
    const limit = Math.min(options.cap ?? cap, cap);
    return new StagedFile(
      this,
      path,
      options,
      new CappedFile(this.place(path), { cap: limit, keep: options.keep, budget }),
    );
  }

  /**
   * The same for the bag's own files, whose words are ours: a password that is `postgres` stands in the name of a
   * collector, and must not keep the bag from being sealed. What others said in them was redacted piece by piece.
   */
  scanOfOwn(words: readonly string[]): SecretScan {
    return new SecretScan(
      this.secrets.filter(
        (secret) => secret.length >= longWord && !words.some((word) => word.includes(secret)),
      ),
    );
  }

  /** Counts the tokens of a file's text. */
  redactionsOf(path: string): (clean: string) => void {
    const counts = new Map<string, number>();
    this.counts.set(path, counts);
    return (clean) => {
      for (let at = clean.indexOf(begins); at !== -1; at = clean.indexOf(begins, at + 1)) {
        const [found, rule = ""] = token.exec(clean.slice(at, at + longestToken)) ?? [];
        if (found === undefined) continue;
        const name = counts.has(found) || counts.size < mostTokens ? found : `‹secret:${rule}:others›`;
        const count = counts.get(name);
        // A copy: a part of a text keeps the whole of it in memory.
        if (count === undefined) counts.set(Buffer.from(name).toString(), 1);
        else counts.set(name, count + 1);
      }
    };
  }

  get redactions(): readonly RedactionRow[] {
    return [...this.counts].flatMap(([file, counts]) =>
      [...counts].map(([name, count]) => ({ file, rule: name.split(":")[1] ?? "", token: name, count })),
    );
  }

  stream(out: (clean: string) => void): RedactStream {
    return new RedactStream(this.redactor, out, this.longestSecret);
  }

  /** The text's bytes, which are good until the next call: a new buffer for each would pile up. */
  encoded(text: string): Uint8Array {
    if (text.length * 3 > this.scratch.length) return Buffer.from(text);
    return this.scratch.subarray(0, this.scratch.write(text, "utf8"));
  }

  /** Why these bytes must not be shipped. */
  refuses(bytes: Buffer): string | undefined {
    const text = bytes.toString("latin1");
    if (this.scan.find(bytes) === -1 && this.redactor.text(text) === text) return undefined;
    return "it contains a secret, and binary data cannot be redacted";
  }

  /** Writes one of the bag's own files. @throws what the disk says. */
  write(path: string, text: string): void {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const fd = openSync(join(this.folder, path), flags, 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
    } finally {
      closeSync(fd);
    }
  }

  private place(path: string): string {
    const full = join(this.folder, path);
    try {
      mkdirSync(dirname(full), { recursive: true, mode: 0o700 });
    } catch {
      // Writing the file will say why.
    }
    return full;
  }
}

/** One file while it is written. */
export class StagedFile implements Sink {
  readonly path: string;
  seen = 0;
  private readonly options: FileOptions;
  private readonly stage: Workspace;
  private readonly spool: CappedFile;
  private readonly text: RedactStream | undefined;
  private tail = Buffer.alloc(0);
  private refused: string | undefined;
  private ended = false;

  constructor(stage: Workspace, path: string, options: FileOptions, spool: CappedFile) {
    this.stage = stage;
    this.path = path;
    this.options = options;
    this.spool = spool;
    if (options.kind === "text") {
      const count = stage.redactionsOf(path);
      this.text = stage.stream((clean) => {
        count(clean);
        spool.write(stage.encoded(clean));
      });
    }
  }

  write(piece: string | Uint8Array, channel = ""): void {
    if (this.ended) return;
    this.seen += typeof piece === "string" ? Buffer.byteLength(piece) : piece.length;
    if (this.text !== undefined) this.text.write(piece, channel);
    else this.writeBytes(Buffer.from(piece));
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.text?.end();
    this.spool.end();
    if (this.refused !== undefined) this.remove();
  }

  get row(): FileRow {
    const { path, seen, spool } = this;
    const gone = this.refused !== undefined;
    const characters = this.text?.withheld ?? 0;
    const withheld =
      this.refused ??
      spool.broken ??
      (characters > 0 ? `${characters} characters could not be scanned` : undefined);
    return {
      path,
      kind: this.options.kind,
      seen,
      kept: gone ? 0 : spool.kept,
      ...(spool.cut > 0 && spool.broken === undefined && !gone
        ? { cut: { bytes: spool.cut, end: this.options.keep === "newest" ? "oldest" : "newest" } as const }
        : {}),
      ...(withheld === undefined ? {} : { withheld }),
    };
  }

  /** Whether there is a file at its path. */
  get stands(): boolean {
    return this.ended && this.refused === undefined && this.spool.stands;
  }

  private writeBytes(bytes: Buffer): void {
    if (this.refused !== undefined) return;
    const looked = Buffer.concat([this.tail, bytes]);
    const first = this.seen === bytes.length || this.seen < 16;
    this.refused = (first ? packedAs(looked) : undefined) ?? this.stage.refuses(looked);
    this.tail = looked.subarray(Math.max(0, looked.length - Math.max(4096, this.stage.scan.overlap)));
    if (this.refused === undefined) this.spool.write(bytes);
  }

  private remove(): void {
    try {
      unlinkSync(this.spool.path);
    } catch {
      // It was never there, or the last scan finds what stands in it.
    }
  }
}
