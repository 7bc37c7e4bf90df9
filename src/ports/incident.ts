import type { Result } from "../base/result.ts";

/** What a step says in an incident: the same as the typed command of its name. */
export type Saying =
  | { readonly do: "page"; readonly who: string; readonly text?: string }
  | { readonly do: "update"; readonly text: string; readonly to?: string }
  | { readonly do: "note"; readonly text: string; readonly decision: boolean; readonly at?: string }
  | {
      readonly do: "fact";
      readonly name: string;
      readonly value?: string;
      readonly at?: string;
      readonly measured: boolean;
    }
  | { readonly do: "role"; readonly role: string; readonly person: string }
  | { readonly do: "severity"; readonly to: string; readonly why: string };

/** What saying something would do now. Nobody is named by number or address. */
export interface Foreseen {
  readonly incident: string;
  /** The severity in force. */
  readonly severity: string;
  /** Each a channel, `war-room`, or a person on one, `sms (rosa)`. */
  readonly reaches: readonly string[];
  /** Ids of people whom only a telephone reaches. */
  readonly call: readonly string[];
  /** Sentences for a person, the most important first. */
  readonly lines: readonly string[];
}

/** What was put on record. */
export interface Said extends Pick<Foreseen, "incident" | "reaches" | "call"> {
  /** The record, such as `ny1-42`; empty in a rehearsal. */
  readonly ref: string;
  /** It was on record already: nothing was written, and nobody is reached a second time. */
  readonly again: boolean;
  /** One sentence. */
  readonly text: string;
  readonly clocks: Clocks;
}

/** Clocks in force, by name: `met in 2s`, `4m left of 15m`, `MISSED 3m ago`. */
export type Clocks = Readonly<Record<string, string>>;

/** How an incident stands. */
export interface Standing {
  readonly incident: string;
  readonly severity: string;
  /** Only private channels carry it, without its impact. */
  readonly security: boolean;
  /** Milliseconds since it was declared. */
  readonly elapsed: number;
  readonly clocks: Clocks;
  /** Key events that are on record, each with when. */
  readonly events: Readonly<Record<string, Date>>;
  readonly commander: string | undefined;
  /** Pages of the severity in force: `war-room: accepted`, `sms (rosa): queued`. */
  readonly paged: readonly string[];
  /** Who was paged and has not answered. */
  readonly silent: readonly string[];
  readonly text: string;
}

/**
 * The incident of a run as its steps speak to it. `incident` names one that was seen before; without it, it is the
 * run's own, else the open one. No call throws for what the disk did.
 */
export interface IncidentDesk {
  /** Reads, and puts nothing on record. */
  foresee(saying: Saying): Promise<Result<Foreseen>>;
  /**
   * On record first, then the wire.
   * @param key of the step of this run: what was said under it before is not said again
   */
  say(saying: Saying, key: string, incident?: string): Promise<Result<Said>>;
  /** Whether this step has put something on record; where it is a message, somebody sends it. */
  said(key: string, incident: string): Promise<"yes" | "no" | "unknown">;
  standing(): Promise<Result<Standing>>;
}
