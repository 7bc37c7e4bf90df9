import type { Outcome } from "../events/run.ts";
import { StateFault } from "./state-check.ts";
import {
  incidentFolder,
  incidentsFolder,
  isIncidentId,
  journalIn,
  runFolder,
  runLock,
  runsFolder,
} from "./layout.ts";
import { lockHolder, type Holder } from "./lock.ts";
import { looseRecord, textIn, type LooseRecord } from "./loose-record.ts";
import { misplaced } from "./misplaced.ts";
import { stateNames } from "./state-folder.ts";
import { endLines, linesWith } from "./state-lines.ts";

/** A run as a list has it: from the ends of its journal, whose chain is not checked. */
export interface ListedRun {
  readonly run: string;
  readonly incident: string | undefined;
  readonly journal: string;
  /** `waits`: it can go on, once somebody says so. `ended`: it cannot. `unreadable`: see `message`. */
  readonly state: "waits" | "ended" | "unreadable";
  readonly runbook: string | undefined;
  readonly platform: string | undefined;
  readonly environment: string | undefined;
  readonly actor: string | undefined;
  readonly host: string | undefined;
  readonly began: Date | undefined;
  readonly ended: Date | undefined;
  readonly outcome: string | undefined;
  readonly message: string | undefined;
  /** Who is at work on it now, or may be. */
  readonly holder: Holder | undefined;
}

/** Ends after which the same run can go on, once the operator says so: it lacks a yes, or was broken off. */
const resumable: ReadonlySet<unknown> = new Set<Outcome>(["interrupted", "approval-needed", "declined"]);

/** Bytes at each end of a journal of one run: its beginning, and how it ended. */
const glance = 65_536;

/**
 * All runs, the newest first.
 * @param state the state folder.
 * @throws StateFault, where a folder of records is not this user's own.
 */
export async function listedRuns(state: string): Promise<readonly ListedRun[]> {
  const found: ListedRun[] = [];
  for (const run of stateNames(runsFolder(state), { root: state })) {
    if (isRunId(run)) found.push(await aloneRun(state, run));
  }
  for (const incident of stateNames(incidentsFolder(state), { root: state })) {
    if (isIncidentId(incident)) found.push(...(await runsWithin(state, incident)));
  }
  return found.toSorted((a, b) => (a.run < b.run ? 1 : -1));
}

/** Those that a person may mean by "go on": no process has them, and nobody declined. */
export function waitingRuns(runs: readonly ListedRun[]): readonly ListedRun[] {
  return runs.filter(
    ({ state, outcome, holder }) => state === "waits" && outcome !== "declined" && holder === undefined,
  );
}

/** Why this run cannot go on; undefined where it can. Whether it is in use is another question. */
export function whyEnded({ run, state, outcome, message }: ListedRun): string | undefined {
  if (state === "waits") return undefined;
  if (state === "unreadable") return message;
  if (outcome === undefined) return `${run} was recorded but never started; nothing ran`;
  return `${run} has ended (${outcome}: ${message}); start a new run`;
}

function isRunId(text: string): boolean {
  return /^RUN-[\w-]+$/.test(text);
}

async function aloneRun(state: string, run: string): Promise<ListedRun> {
  const folder = runFolder(state, run, undefined);
  const story = new Story(run, undefined, folder);
  try {
    const lines = await endLines(journalIn(folder), glance, { root: state });
    for (const line of lines ?? []) story.hear(looseRecord(line));
    return story.told();
  } catch (error) {
    return story.unreadable(error);
  }
}

async function runsWithin(state: string, incident: string): Promise<readonly ListedRun[]> {
  const folder = incidentFolder(state, incident);
  const texts = ["run.kept", "run.started", "run.finished"].map((type) => `"type":"${type}"`);
  const stories = new Map<string, Story>();
  try {
    for (const { text } of (await linesWith(journalIn(folder), texts, { root: state })) ?? []) {
      const record = looseRecord(text);
      const run = record === undefined ? undefined : textIn(record.data, "run");
      if (record === undefined || run === undefined || !isRunId(run)) continue;
      const story = stories.get(run) ?? new Story(run, incident, folder);
      stories.set(run, story);
      story.hear(record);
    }
  } catch (error) {
    // Which runs it has nobody can say; that it cannot be read is said where an incident is looked for.
    if (!(error instanceof StateFault)) throw error;
  }
  return [...stories.values()].map((story) => story.told());
}

/** One run, as its records tell it one by one. */
class Story {
  private readonly run: string;
  private readonly incident: string | undefined;
  private readonly folder: string;
  private first: LooseRecord | undefined;
  /** Whose records these are as well. */
  private other: string | undefined;
  private kept = false;
  private started: LooseRecord | undefined;
  private finished: LooseRecord | undefined;

  constructor(run: string, incident: string | undefined, folder: string) {
    this.run = run;
    this.incident = incident;
    this.folder = folder;
  }

  hear(record: LooseRecord | undefined): void {
    const of = record === undefined ? undefined : textIn(record.data, "run");
    if (of !== this.run) this.other ??= of;
    if (record === undefined || of !== this.run) return;
    this.first ??= record;
    if (record.type === "run.kept") this.kept = true;
    if (record.type === "run.started") {
      this.started = record;
      this.finished = undefined;
    }
    if (record.type === "run.finished") this.finished = record;
  }

  told(): ListedRun {
    if (this.first === undefined && this.other !== undefined) {
      const message = misplaced(this.run, this.other);
      return { ...this.known(), state: "unreadable", outcome: undefined, message, holder: undefined };
    }
    const holder = lockHolder(runLock(this.folder, this.run));
    const outcome = this.finished === undefined ? undefined : textIn(this.finished.data, "outcome");
    const ended = this.finished === undefined ? !this.kept : !resumable.has(outcome);
    return {
      ...this.known(),
      state: ended ? "ended" : "waits",
      outcome,
      message: this.message(holder),
      holder,
    };
  }

  unreadable(error: unknown): ListedRun {
    if (!(error instanceof StateFault)) throw error;
    const { message } = error;
    return { ...this.known(), state: "unreadable", outcome: undefined, message, holder: undefined };
  }

  private known(): Omit<ListedRun, "state" | "outcome" | "message" | "holder"> {
    const { run, incident, folder, first, finished } = this;
    const said = (name: string): string | undefined =>
      this.started === undefined ? undefined : textIn(this.started.data, name);
    return {
      run,
      incident,
      journal: journalIn(folder),
      runbook: said("runbook"),
      platform: said("platform"),
      environment: said("environment"),
      actor: first?.actor,
      host: first?.host,
      began: timeOf(first),
      ended: timeOf(finished),
    };
  }

  private message(holder: Holder | undefined): string | undefined {
    if (this.finished !== undefined) return textIn(this.finished.data, "message");
    if (holder !== undefined) return undefined;
    return this.kept ? "killed" : "killed before anything ran";
  }
}

function timeOf(record: LooseRecord | undefined): Date | undefined {
  const time = new Date(record?.time ?? "");
  return Number.isNaN(time.getTime()) ? undefined : time;
}
