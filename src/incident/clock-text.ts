import { formatDuration } from "../base/duration.ts";
import type { ClockReading } from "./clocks.ts";

/** A clock in a few words; undefined of one that does not run. */
export function clockText({ from, state }: ClockReading): string | undefined {
  switch (state.is) {
    case "off":
      return undefined;
    case "running":
      return `${spanText(state.left)} left of ${spanText(state.due - (from ?? state.due))}`;
    case "met":
      return `met in ${spanText(state.took)}`;
    case "missed":
      return state.event === undefined
        ? `MISSED ${spanText(state.by)} ago`
        : `MISSED by ${spanText(state.by)}`;
    case "ended":
      return "ended before it was due";
  }
}

/** In whole seconds: a clock is read by people. */
function spanText(ms: number): string {
  return formatDuration(Math.max(1, Math.ceil(ms / 1000)) * 1000);
}

/** The clocks in force, by name. */
export function clockTexts(readings: readonly ClockReading[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readings.flatMap((reading) => {
      const text = reading.current ? clockText(reading) : undefined;
      return text === undefined ? [] : [[reading.name, text]];
    }),
  );
}
