import { printable } from "../../base/printable.ts";
import type { World } from "../context/world.ts";

/** Milliseconds after which a disk that does not answer is told of, and after which it is given up. */
export const patience = { told: 1000, whole: 5000 } as const;

/** Why a file was given up. */
export const silence = `its disk has not answered for ${patience.whole / 1000} s`;

/** @param where the place, or the places, at which it may be */
export function silentPlatform(where: string): string {
  return `cannot read the platform file from ${where}: ${silence}; name a copy elsewhere with --config`;
}

/**
 * Waits for a file that the halt needs. On a machine that hardly gets to anything even a good disk takes a
 * second: that is no reason to send nothing.
 * @returns undefined when it did not come.
 */
export async function inTime<T>(world: World, path: string, work: Promise<T>): Promise<T | undefined> {
  const { told, whole } = patience;
  const timers: NodeJS.Timeout[] = [];
  const slow = setTimeout(() => {
    world.stderr.write(
      `${printable(path)} has not been read after ${told / 1000} s: its disk does not answer; waiting\n`,
    );
  }, told);
  timers.push(slow);
  const over = new Promise<undefined>((resolve) => timers.push(setTimeout(() => resolve(undefined), whole)));
  try {
    return await Promise.race([work, over]);
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}
