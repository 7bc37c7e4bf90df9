import { writeDuration } from "../base/duration.ts";

/** An argument as a plan or a by-hand command prints it, whatever it is: see `DisplayArgs`. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (typeof value === "object") return JSON.stringify(value);
  return String(value as number | bigint | boolean);
}

/** A list argument; one that is not known yet stands for its only item. */
export function shownList(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value.map((item) => shown(item)) : [shown(value)];
}

/** `1 partition`, `2 partitions`. */
export function counted(count: number | bigint, noun: string): string {
  return `${count} ${noun}${BigInt(count) === 1n ? "" : "s"}`;
}

/** A duration argument exactly; one that is not known yet as it stands. */
export function shownDuration(value: unknown): string {
  return typeof value === "number" ? writeDuration(value) : shown(value);
}
