// What time it is, for what is due. The wall clock of a machine may be wrong, and may step; the monotonic one says only
// what has passed. So the sender begins with the wall clock, counts what passes, and learns from the Date of every
// answer of a provider how far off it was. What it learned is on record, for whoever reads the journal.
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
  private heard: number | undefined;
  private source: "date-header" | undefined;
  private readonly changed: () => void;

  /** @param changed what counted from the time before must be counted anew */
  constructor(clock: Clock, changed: () => void) {
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

  /** What a provider's clock said in an answer that took so many milliseconds. */
  hear(date: Date, took: number): void {
    // The header is of the second in which the answer was made, somewhere on its way.
    const ahead = this.counted() - took / 2 - (date.getTime() + 500);
    const before = this.heard;
    this.heard = ahead;
    if (before === undefined || Math.abs(before - ahead) > agreement) return;
    this.source = "date-header";
    this.learn(ahead, took / 2 + 500);
  }

  private learn(ahead: number, error: number): boolean {
    if (Math.abs(ahead - this.ahead) <= tolerance) return false;
    this.ahead = ahead;
    this.error = error;
    this.changed();
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
