import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readChain } from "../../../src/app/incident/chain.ts";
import { timeNow } from "../../../src/app/incident/scene.ts";
import { readStanding } from "../../../src/app/incident/standing.ts";
import type { JournalRecord } from "../../../src/events/record.ts";
import { foldIncident } from "../../../src/incident/fold.ts";
import { statusOf } from "../../../src/incident/status.ts";
import { genesis } from "../../../src/store/chain.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { readSelected } from "../../../src/store/journal-index.ts";
import { newLines, type NewRecord } from "../../../src/store/journal-line.ts";
import { foldCacheFile, incidentFolder, journalIn } from "../../../src/store/layout.ts";
import type { Store } from "../../../src/store/store.ts";
import { declared, policy, zero } from "../../incident/chains.ts";
import { temporaryFolder } from "../../program.ts";

export const incident = "INC-2026-0042";
export const clock = { now: () => new Date(zero), monotonic: () => 1, sleep: () => Promise.resolve() };
const by = { desk: "ny1", actor: "ada", host: "ops-1", clock };
export const first = { type: "incident.declared", data: declared({ policy }) } as JournalRecord;

/** A store whose journals are never too short for a cache. */
export class Kept {
  readonly state = join(temporaryFolder(), "state");
  readonly journal = journalIn(incidentFolder(this.state, incident));
  readonly cache = foldCacheFile(this.state, incident);
  readonly store: Store;
  private end = { seq: 0, prev: genesis };

  constructor() {
    mkdirSync(incidentFolder(this.state, incident), { recursive: true, mode: 0o700 });
    const place = { journal: this.journal, index: this.cache, root: this.state, worth: 1 };
    this.store = {
      ...fileStore({ state: this.state, actor: "ada", host: "ops-1" }, clock),
      readSelected: async (_incident, selection) =>
        await Promise.resolve().then(() => readSelected(place, selection)),
    };
  }

  begin(records: readonly JournalRecord[]): void {
    rmSync(this.cache, { force: true });
    rmSync(this.journal, { force: true });
    this.end = { seq: 0, prev: genesis };
    this.append(records);
  }

  append(records: readonly NewRecord[], desk = "ny1"): void {
    const { text, prev } = newLines(records, this.end, { ...by, desk });
    this.end = { seq: this.end.seq + records.length, prev };
    appendFileSync(this.journal, text, { mode: 0o600 });
  }

  async standing(version = "1.0.0"): ReturnType<typeof readStanding> {
    return await readStanding({ store: this.store, incident }, version);
  }

  /** The same of all records, by the way of every other command. */
  async whole(): ReturnType<typeof readStanding> {
    const { records, head, problem, unread, incomplete } = await readChain({ store: this.store, incident });
    const fold = foldIncident(records);
    const now = timeNow(fold, head.desk);
    const status = statusOf(fold, now, incident);
    return {
      status: {
        ...status,
        unknown: status.unknown + unread,
        incomplete: status.incomplete || incomplete,
      },
      now,
      problem,
    };
  }

  async holds(): Promise<void> {
    expect(await this.standing()).toEqual(await this.whole());
  }
}
