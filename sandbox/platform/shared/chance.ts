import { createHash } from "node:crypto";

/**
 * Everything that is sometimes so and sometimes not. In ordinary mode nothing of it is random: parts are
 * accumulated and choices go round in turn, so that a test knows what comes. With a seed it is random, and
 * the same for the same seed and calls; for demos and drills.
 */
export interface Chance {
  readonly random: boolean;
  /**
   * How often something happens now that happens `expected` times at each call on average: in turn, 0.5 is every
   * second call, and 2.5 is 2, 3, 2, 3 times. Each name has a count of its own.
   */
  times(name: string, expected: number): number;
  /** One of these: in turn the one that came longest ago, those that never came in the order given first. */
  pick(name: string, among: readonly string[]): string | undefined;
  /** A number from 0 to below 1; in turn always 0.5. */
  level(name: string): number;
  /** Everything from its beginning. */
  reset(): void;
}

/** What is left of a sum of parts such as 0.1 is no whole number to the last bit. */
const rounding = 1e-9;

/** @param seed a whole number; undefined for turns. @param salt tells the instances of one seed apart */
export function createChance(seed: number | undefined, salt: string): Chance {
  return seed === undefined ? turns() : dice(seed, salt);
}

function turns(): Chance {
  const owed = new Map<string, number>();
  const came = new Map<string, number>();
  let turn = 0;
  return {
    random: false,
    times(name, expected) {
      const sum = (owed.get(name) ?? 0) + Math.max(0, expected);
      const whole = Math.floor(sum + rounding);
      owed.set(name, Math.max(0, sum - whole));
      return whole;
    },
    pick(name, among) {
      const last = (one: string): number => came.get(`${name} ${one}`) ?? 0;
      const [chosen] = among.toSorted((one, other) => last(one) - last(other));
      if (chosen !== undefined) came.set(`${name} ${chosen}`, ++turn);
      return chosen;
    },
    level: () => 0.5,
    reset() {
      owed.clear();
      came.clear();
      turn = 0;
    },
  };
}

function dice(seed: number, salt: string): Chance {
  const begin = createHash("sha256").update(`${seed} ${salt}`).digest().readUInt32LE();
  let next = numbers(begin);
  return {
    random: true,
    times(_name, expected) {
      const sure = Math.floor(Math.max(0, expected));
      return sure + (next() < expected - sure ? 1 : 0);
    },
    pick: (_name, among) => among[Math.floor(next() * among.length)],
    level: () => next(),
    reset: () => void (next = numbers(begin)),
  };
}

/** Numbers from 0 to below 1 that come again with the same seed: mulberry32. */
export function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
