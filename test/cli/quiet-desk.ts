import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock, type Lock } from "../../src/store/lock.ts";
import { Rig, type Ended } from "./rig.ts";

/** The first incident of a state folder that is new. */
export const first = `INC-${new Date().getUTCFullYear()}-0001`;

export interface DeskLine {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * A desk on which nobody sends, because its sender's lock is taken: what is on record is what the commands put there.
 * Each test has a state folder of its own, and the platform file as it was given.
 */
export class QuietDesk {
  private made: { readonly rig: Rig; readonly lock: Lock; readonly state: string } | undefined;
  private folders = 0;

  get rig(): Rig {
    return this.open.rig;
  }

  get state(): string {
    return this.open.state;
  }

  private get open() {
    if (this.made === undefined) throw new Error("no test is running");
    return this.made;
  }

  async next(rig: Rig): Promise<void> {
    const state = join(rig.folder, `state-${++this.folders}`);
    mkdirSync(state, { mode: 0o700 });
    this.made = { rig, lock: await taken(state), state };
  }

  /** Behind `leave`: nobody sends again. */
  async resume(): Promise<void> {
    this.made = { ...this.open, lock: await taken(this.state) };
  }

  async leave(): Promise<void> {
    await this.made?.lock.release();
  }

  readonly run = async (...args: readonly string[]): Promise<Ended> =>
    await this.rig.run([...args, "--state-dir", this.state]);

  /** The records of the first incident, of one type or of all. */
  readonly lines = (type?: string): readonly DeskLine[] =>
    readFileSync(join(this.state, "incidents", first, "journal.ndjson"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as DeskLine)
      .filter((line) => type === undefined || line.type === type);

  /** What a command that succeeds puts on record. */
  readonly recordedBy = async (...args: readonly string[]): Promise<readonly DeskLine[]> => {
    const before = this.lines().length;
    expect((await this.run(...args)).code).toBe(0);
    return this.lines().slice(before);
  };
}

async function taken(state: string): Promise<Lock> {
  const lock = await takeLock(senderLock(state), 0);
  if (!("release" in lock)) throw new Error("somebody sends already");
  return lock;
}

/** One for the tests of a file. */
export function quietDesk(sections: string): QuietDesk {
  const desk = new QuietDesk();
  let rig: Rig;
  beforeAll(async () => {
    rig = await Rig.inside();
  });
  afterAll(async () => await rig[Symbol.asyncDispose]());
  beforeEach(async () => {
    rig.platform(sections);
    await desk.next(rig);
  });
  afterEach(async () => await desk.leave());
  return desk;
}
