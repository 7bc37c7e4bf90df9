// What time it is, for what is due. The wall clock of a machine may be wrong, and may step; the monotonic one says only
// what has passed. So the sender begins with the wall clock, counts what passes, and learns from the Date of every
// answer of a provider how far off it was. A provider may be wrong as well: the middle one of their words is believed,
// and where they are two, or four, the wall clock has a word too. What was learned is on record, for whoever reads the
// journal.
import type { IncidentData } from "../../events/incident-record.ts";
import type { Clock } from "../../ports/ports.ts";

/** Milliseconds that clocks are apart without anybody caring: headers have whole seconds, and answers take time. */
const tolerance = 5000;
/** Milliseconds in which two answers must agree before one is believed. */
const agreement = 2000;

export class DeskClock {
  private readonly clock: Clock;
  private readonly begun: number;
  private readonly started: number;
  /** By how much the wall clock was ahead when this began. */
  private ahead = 0;
  private error = tolerance;
  /** By host the last word of each, and the one before it. */
  private readonly heard = new Map<string, readonly number[]>();
  private source: "date-header" | undefined;
  private readonly changed: (by: number) => void;

  /** @param changed what counted from the time before must be counted anew: that was so many milliseconds too early */
  constructor(clock: Clock, changed: (by: number) => void) {
    this.clock = clock;
    this.begun = clock.now().getTime();
    this.started = clock.monotonic();
    this.changed = changed;
  }

  /** Milliseconds since 1970, as far as that is known; it steps only when something better is learned. */
  readonly now = (): number => this.counted() - this.ahead;

  private counted(): number {
    return this.begun + this.clock.monotonic() - this.started;
  }

  /** By how much the wall clock is ahead of that now. */
  private get offset(): number {
    return Math.round(this.clock.now().getTime() - this.now());
  }

  /**
   * What the records said of this machine's clock before, where no provider has said anything yet.
   * @returns whether it is another time for that.
   */
  assume(offset: number): boolean {
    return this.source === undefined && this.learn(offset, tolerance);
  }

  /** What the clock of a provider at this host said in an answer that took so many milliseconds. */
  hear(date: Date, took: number, host: string): void {
    // The header is of the second in which the answer was made, somewhere on its way.
    const ahead = this.counted() - took / 2 - (date.getTime() + 500);
    this.heard.set(host, [ahead, ...(this.heard.get(host) ?? [])].slice(0, 2));
    const words = [...this.heard.values()];
    const last = words.flatMap((own) => own.slice(0, 1));
    const middle = middleOf(last.length % 2 === 0 ? [...last, 0] : last);
    const agreeing = words.flat().filter((word) => Math.abs(word - middle) <= agreement);
    if (agreeing.length < 2) return;
    this.source = "date-header";
    this.learn(middle, took / 2 + 500);
  }

  private learn(ahead: number, error: number): boolean {
    if (Math.abs(ahead - this.ahead) <= tolerance) return false;
    const by = this.ahead - ahead;
    this.ahead = ahead;
    this.error = error;
    this.changed(by);
    return true;
  }

  /**
   * What is to be put on record in a chain that says so far that this desk's clock is ahead by `known`; undefined
   * where that is near enough.
   */
  correction(known: number): IncidentData<"desk.clock"> | undefined {
    const { offset, source } = this;
    if (Math.abs(offset - known) <= tolerance) return undefined;
    const stepped = Math.round(this.clock.now().getTime() - this.counted());
    return {
      offset_ms: offset,
      error_ms: Math.round(this.error),
      source: source ?? "monotonic",
      ...(Math.abs(stepped) <= tolerance ? {} : { step_ms: stepped }),
    };
  }
}

function middleOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
