import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { Worker } from "node:worker_threads";
import { writeStateSync } from "../../store/state-file.ts";
import { createClock } from "../../drivers/clock.ts";
import type { HaltData, HaltRecord } from "../../events/halt-record.ts";
import type { Clock } from "../../ports/ports.ts";
import { haltFolder } from "../../store/layout.ts";
import type { OpenJournal } from "../../store/journal.ts";
import type { JournalOf } from "../../store/store.ts";
import { storeOf } from "../context/store.ts";
import type { World } from "../context/world.ts";
import { openIncident } from "./open-incident.ts";
import { longestKeeping, type Order, type Word } from "./orders.ts";

/**
 * Keeps one halt's record, in a process of its own: whoever writes to a disk that hangs, hangs with it. It is
 * told what to write on `input`, says on `output` what came of it, and outlives the halt.
 */
export async function keepRecord(world: World, input: Readable, output: Writable): Promise<void> {
  endWithin(longestKeeping);
  const keeper = new Keeper(world);
  world.interruption.stop.addEventListener("abort", () => input.destroy());
  for await (const line of createInterface({ input })) {
    const word = await keeper.carryOut(JSON.parse(line) as Order);
    output.write(`${JSON.stringify(word)}\n`);
  }
  keeper.close();
}

/** Only another thread can end this one's waiting in the kernel. */
function endWithin(ms: number): void {
  const end = `setTimeout(() => process.kill(process.pid, "SIGKILL"), ${ms})`;
  new Worker(end, { eval: true }).unref();
}

class Keeper {
  private readonly world: World;
  private begun: Extract<Order, { order: "begin" }> | undefined;
  private journal: OpenJournal | undefined;
  /** When what is being recorded happened: a disk may take its time. */
  private time = new Date();

  constructor(world: World) {
    this.world = world;
  }

  async carryOut(order: Order): Promise<Word> {
    try {
      switch (order.order) {
        case "begin":
          this.begun = order;
          return {};
        case "record":
          await this.record(order.record, order.time);
          return {};
        case "receipt":
          return await this.receipt(order);
        case "keep":
          this.keep(order.file, order.text);
          return {};
      }
    } catch (error) {
      return { fault: messageOf(error) };
    }
  }

  close(): void {
    this.journal?.close();
  }

  private async record(record: HaltRecord, time: string): Promise<void> {
    this.time = new Date(time);
    const journal = (this.journal ??= await this.open({ halt: this.begun?.halt ?? "" }));
    await journal.append(record, { sync: true });
  }

  private async receipt({ receipt, text, time }: Extract<Order, { order: "receipt" }>): Promise<Word> {
    const { begun } = this;
    if (begun === undefined) throw new Error("no halt has begun");
    await this.record({ type: "halt.receipt", data: receipt }, time);
    await this.journal?.attach("receipt.json", `${JSON.stringify(receipt, null, 2)}\n`);
    await this.journal?.attach("receipt.txt", text);
    const { incident, problem } =
      begun.incident === undefined
        ? await openIncident(this.world, begun.state)
        : { incident: begun.incident };
    const notes = problem === undefined ? [] : [problem];
    if (incident !== undefined) {
      // Where it was not known in time, the instances have the halt's own id for it.
      await this.record({ type: "halt.incident", data: { incident } }, time);
      const why = await this.inIncident(incident, { halt: begun.halt, ...receipt }, text);
      const kept = this.folder();
      if (why !== undefined)
        notes.push(
          `the receipt could not be written to the journal of ${incident}: ${why}; it is in ${kept}`,
        );
    }
    return notes.length === 0 ? {} : { note: notes.join("\n") };
  }

  /** The receipt in the open incident's journal. @returns why it is not there. */
  private async inIncident(
    incident: string,
    data: HaltData<"halt.receipt">,
    text: string,
  ): Promise<string | undefined> {
    let journal: OpenJournal | undefined;
    try {
      journal = await this.open({ incident });
      await journal.append({ type: "halt.receipt", data }, { sync: true });
      await journal.attach(`${this.begun?.halt}.receipt.txt`, text);
      return undefined;
    } catch (error) {
      return messageOf(error);
    } finally {
      journal?.close();
    }
  }

  private async open(of: JournalOf): Promise<OpenJournal> {
    const clock: Clock = { ...createClock(), now: () => this.time };
    const store = storeOf(this.world, {}, { clock, state: this.state() });
    return await store.journal(of, { evenUnsigned: true, patience: 2000 });
  }

  private keep(file: string, text: string): void {
    try {
      writeStateSync(file, text, { root: this.state() });
    } catch {
      // It only makes the next halt slower.
    }
  }

  private state(): string {
    return this.begun?.state ?? "";
  }

  /** A halt has a journal of its own: it waits for no lock that another process holds. */
  private folder(): string {
    return haltFolder(this.state(), this.begun?.halt ?? "");
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
