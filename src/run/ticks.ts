import type { StepPlace } from "../events/run.ts";
import type { Tick, TickBook } from "../kinds/kind.ts";
import { keyOf } from "./resume-state.ts";
import { emit, type Session } from "./session.ts";

/**
 * What was ticked off in the checklists of one step, by the key of each instance. It lasts as long as the step is
 * measured, and begins with what an earlier process of this run has on record.
 */
export class Ticks {
  private readonly books = new Map<string, TickBook>();
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
  }

  /** The book of one instance. A tick is on the disk before it counts: nobody does the same thing twice. */
  of(key: string, place: StepPlace): TickBook {
    const known = this.books.get(key);
    if (known !== undefined) return known;
    const { session } = this;
    const { past } = session;
    const made: Tick[] = [...(past.ticks.get(key) ?? [])];
    const book: TickBook = {
      made,
      earlier: past.notOk.has(keyOf(place)) ? [] : [...made],
      left: false,
      make: async (tick) => {
        await emit(session, { type: "step.ticked", ...place, key, ...tick }, { sync: true });
        made.push({ ...tick, at: session.ports.clock.now() });
      },
    };
    this.books.set(key, book);
    return book;
  }
}
