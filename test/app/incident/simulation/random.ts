import { createHash } from "node:crypto";

/** Numbers that follow from a seed alone. */
export class Random {
  private readonly seed: number;
  private state: number;

  constructor(seed: number) {
    this.seed = seed;
    this.state = seed >>> 0;
  }

  /** 0 to 1, without 1. Mulberry32. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new Error("nothing to pick from");
    return from[Math.floor(this.next() * from.length)] as T;
  }

  /**
   * Others, of something with a name: what is asked of them does not move the numbers of anything else. Whatever is
   * side by side takes its own, or the order in which it happens to come would be a part of the seed.
   */
  of(name: string): Random {
    const digest = createHash("sha256").update(`${this.seed} ${name}`).digest();
    return new Random(digest.readUInt32BE(0));
  }
}
