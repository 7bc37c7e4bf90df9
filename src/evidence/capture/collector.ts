import type { Result } from "../../base/result.ts";
import type { Moment } from "../../ports/evidence.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Platform } from "../../platform/platform.ts";

/**
 * One thing that a snapshot takes: read from one target, into files of the bag. It never throws for what
 * the world did, never harms its target, and ends when its signal fires; one that does not is left behind.
 */
export interface Collector {
  /** `postgres`, `docker.logs`: the part before the first dot is its set, the folder of its files. */
  readonly id: string;
  /** As an operator would name it, without credentials: `127.0.0.1:5432/lav`, `container lav-x-1`. */
  readonly target: string;
  /** What it takes, in a few words, for `--plan` and the report. */
  readonly summary: string;
  /** What a change destroys: this part alone is taken before a change. */
  readonly volatile: boolean;
  /** The lowest is started first; those of one order start together. All run side by side. */
  readonly order: number;
  /** Milliseconds from its start. */
  readonly deadline: number;
  /** Bytes kept of all its files together. */
  readonly cap: number;
  /** A failure makes its row `denied`, `timeout` or `error`; what it had written until then is kept. */
  collect(context: CollectContext): Promise<Result<Collected>>;
}

export interface Collected {
  /** Why there was nothing to take: `no topic is named in platform.yaml`. */
  readonly skipped?: string;
}

export interface CollectContext {
  readonly ports: Ports;
  readonly platform: Platform;
  /** The window: what happened from `since` on, until the snapshot began. */
  readonly since: Date;
  readonly until: Date;
  /** Fires at the deadline, and when the operator interrupts. */
  readonly signal: AbortSignal;
  /**
   * A file of the bag, at `data/<set>/<name>`. A name may have folders; what a file system or a reader
   * could misread is replaced, and a name that is taken gets a number.
   */
  readonly file: (name: string, options: FileOptions) => Sink;
  /** Told as it is learnt, so that a collector that runs out of time is not silent about the rest. */
  readonly tell: (fact: Fact) => void;
}

export interface FileOptions {
  /** Text is redacted. Bytes cannot be: they are searched for known secrets, and withheld when one is in them. */
  readonly kind: "text" | "binary";
  /** Which end is kept when there is more than the cap: logs the newest, listings the oldest. */
  readonly keep: "newest" | "oldest";
  /** Bytes kept of this file; the collector's own cap without it. */
  readonly cap?: number;
}

/**
 * Takes what comes as it comes, in pieces of any size, and returns at once; what is over the cap is
 * counted and dropped, a full disk drops the rest. It never throws.
 */
export interface Sink {
  /**
   * @param channel pieces that interleave (stdout and stderr of a container) are put together to lines by
   * channel, so that a secret cut in two by the other stream is still found; lines stand in the order they end.
   */
  write(piece: string | Uint8Array, channel?: string): void;
  /** No more comes. A sink that is not ended is ended with its collector. */
  end(): void;
  /** Bytes that were written to it so far. */
  readonly seen: number;
}

/** What the report shows of a collector's findings besides its files. Texts are redacted. */
export type Fact =
  /** Another clock: milliseconds it is ahead of this machine's, give or take `uncertainty`. */
  | { readonly type: "clock"; readonly source: string; readonly ahead: number; readonly uncertainty: number }
  /** A bar or a point of a chart; with `at`, one of a series over time. */
  | {
      readonly type: "measure";
      readonly chart: "lag" | "connections" | "latency";
      readonly name: string;
      readonly value: number;
      readonly unit: string;
      readonly at?: Date;
    }
  /** A moment on the timeline. */
  | ({ readonly type: "event"; readonly source: string } & Moment)
  /** Something that an operator should see first. */
  | { readonly type: "finding"; readonly text: string }
  /** A part that could not be taken: the collector's row is then `partial`. */
  | { readonly type: "missing"; readonly what: string; readonly why: string };
