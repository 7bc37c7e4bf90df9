/** Clocks of two machines differ by this much without anybody noticing; milliseconds. */
const clocksDiffer = 1000;

/** Of a timestamp of the future no age would be true: whoever wrote it has a wrong clock, or this machine has. */
export function isFromFuture(time: Date | undefined, now: Date): boolean {
  return time !== undefined && time.getTime() - now.getTime() > clocksDiffer;
}

/** Milliseconds; undefined without a timestamp, and of one that lies in the future. */
export function ageOf(time: Date | undefined, now: Date): number | undefined {
  if (time === undefined || isFromFuture(time, now)) return undefined;
  return Math.max(0, now.getTime() - time.getTime());
}
