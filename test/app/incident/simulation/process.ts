import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../../../src/ports/ports.ts";
import { JournalFault, type OpenJournal } from "../../../../src/store/journal.ts";
import type { Store } from "../../../../src/store/store.ts";

/** What real time is spent on: while something is under way, no virtual time passes. */
export class Work {
  private underWay = 0;

  async counted<T>(act: () => Promise<T>): Promise<T> {
    this.underWay += 1;
    try {
      return await act();
    } finally {
      this.underWay -= 1;
    }
  }

  /** Resolves once everybody only sleeps. */
  async done(): Promise<void> {
    for (let calm = 0; calm < 3; calm = this.underWay === 0 ? calm + 1 : 0) await turn();
  }
}

export interface Disk {
  full: boolean;
}

/**
 * A process that can be killed at every point where it has to do with the world: before and after each word with a
 * disk, a clock or a provider. Between two of them it has no effect that anybody could see. Once dead it does nothing:
 * what it waits for never comes.
 */
export class Mortal {
  dead = false;
  private points = 0;
  private readonly work: Work;
  private readonly dies: number;
  private readonly onDeath: () => void;
  private readonly journals: OpenJournal[] = [];

  /** @param dies at which point; Infinity: at none */
  constructor(work: Work, dies: number, onDeath: () => void = () => {}) {
    this.work = work;
    this.dies = dies;
    this.onDeath = onDeath;
  }

  kill(): void {
    if (this.dead) return;
    this.dead = true;
    // What the kernel does.
    for (const journal of this.journals) journal.close();
    this.onDeath();
  }

  /** One word with the world. */
  async port<T>(act: () => Promise<T>): Promise<T> {
    if (this.point()) return await never();
    let result: T;
    try {
      result = await this.work.counted(act);
    } catch (error) {
      if (this.point()) return await never();
      throw error;
    }
    return this.point() ? await never() : result;
  }

  private point(): boolean {
    this.points += 1;
    if (this.points >= this.dies) this.kill();
    return this.dead;
  }

  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: async (ms, signal) => {
        await clock.sleep(ms, signal);
        if (this.dead) await never();
      },
    };
  }

  store(store: Store, disk: Disk): Store {
    const open = async (...args: Parameters<Store["journal"]>): Promise<OpenJournal> =>
      await this.port(async () => {
        const journal = await store.journal(...args);
        this.journals.push(journal);
        return this.journal(journal, disk);
      });
    return {
      ...store,
      incident: async (id) => await this.port(async () => await store.incident(id)),
      incidents: async () => await this.port(async () => await store.incidents()),
      incidentNames: async () => await this.port(async () => await store.incidentNames()),
      deskName: async () => await this.port(async () => await store.deskName()),
      halts: async () => await this.port(async () => await store.halts()),
      read: async (of) => await this.port(async () => await store.read(of)),
      sizeOf: async (of) => await this.port(async () => await store.sizeOf(of)),
      whileDeclaring: async (act) => await act(),
      follow: (of) => {
        const tail = store.follow(of);
        let known: number | undefined = -1;
        const read = async (): Promise<readonly string[]> => {
          // A look at what has not grown is most of what a sender does all day, and most of what it takes here.
          const size = await store.sizeOf(of);
          if (size === known) return [];
          known = size;
          return await tail.read();
        };
        return { read: async () => await this.port(read) };
      },
      journal: open,
    };
  }

  private journal(journal: OpenJournal, disk: Disk): OpenJournal {
    const written = async <T>(act: () => Promise<T>): Promise<T> =>
      await this.port(async () => {
        if (disk.full) throw new JournalFault("no space is left on the device");
        return await act();
      });
    return {
      ...journal,
      path: journal.path,
      append: async (...args) => await written(async () => await journal.append(...args)),
      appendTogether: async (...args) => await written(async () => await journal.appendTogether(...args)),
      attach: async (...args) => await written(async () => await journal.attach(...args)),
      close: () => journal.close(),
    };
  }
}

async function never(): Promise<never> {
  return await new Promise<never>(() => {});
}
