/** One time by both of this machine's clocks: the one that can be set, and the one that only grows. */
export interface Moment {
  readonly wall: Date;
  /** Milliseconds. */
  readonly mono: number;
}
