import { AsyncLocalStorage } from "node:async_hooks";
import { failureText, type Failure } from "../../base/failure.ts";
import { fail, type Result } from "../../base/result.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Platform } from "../../platform/platform.ts";
import type { CollectContext, Collected, Collector, Fact } from "./collector.ts";
import type { CollectorRow, FileRow, Missing, RowStatus } from "../bundle/rows.ts";
import { Budget } from "./capped-file.ts";
import type { Workspace, StagedFile } from "./workspace.ts";

export interface Capture {
  readonly stage: Workspace;
  readonly ports: Ports;
  readonly platform: Platform;
  readonly since: Date;
  readonly until: Date;
  /** The operator's interruption: what runs ends, and what there is is sealed as partial. */
  readonly signal: AbortSignal;
  readonly progress: (row: CollectorRow) => void;
}

export interface Captured {
  readonly rows: readonly CollectorRow[];
  readonly missing: readonly Missing[];
  readonly facts: readonly (Fact & { readonly collector: string })[];
  /** Files that stand in the stage. */
  readonly payload: readonly string[];
}

/** Milliseconds that a collector has to come back once its signal has fired; then it is left behind. */
const grace = 500;

/** How many looks at the clock a time is made of. */
const looks = 20;

/** Runs every collector, all side by side, the lowest order first. It never throws for what one of them does. */
export async function capture(what: Capture, collectors: readonly Collector[]): Promise<Captured> {
  const begun = collectors
    .toSorted((a, b) => a.order - b.order)
    .map((collector) => new Running(what, collector).run());
  const all = await Promise.all(begun);
  return {
    rows: all.map(({ row }) => row),
    missing: all.flatMap(({ missing }) => missing),
    facts: all.flatMap(({ facts }) => facts),
    payload: all.flatMap(({ payload }) => payload).toSorted((a, b) => (a < b ? -1 : 1)),
  };
}

interface Done {
  readonly row: CollectorRow;
  readonly missing: readonly Missing[];
  readonly facts: Captured["facts"];
  readonly payload: readonly string[];
}

/** Which collector is at work, in all that it has begun. */
const atWork = new AsyncLocalStorage<Running>();

/**
 * Takes an exception that nobody caught, out of an event or a timer, for the failure of the collector that set it
 * going: what the others took is not lost with it.
 * @returns whether it was one's. It must be asked in the exception's own turn.
 */
export function blame(error: unknown): boolean {
  const running = atWork.getStore();
  running?.fault(error);
  return running !== undefined;
}

/** One collector with its deadline, its budget and its files. */
class Running {
  private readonly what: Capture;
  private readonly collector: Collector;
  private readonly files: StagedFile[] = [];
  private readonly facts: Fact[] = [];
  private over = false;
  private fell: (failure: Failure) => void = () => {};

  constructor(what: Capture, collector: Collector) {
    this.what = what;
    this.collector = collector;
  }

  async run(): Promise<Done> {
    const { ports } = this.what;
    const started = ports.clock.now();
    const from = ports.clock.monotonic();
    const result = await atWork.run(this, () => this.collect());
    this.over = true;
    for (const file of this.files) file.end();
    return this.done(result, started, from);
  }

  /** What it threw where nobody could catch it. One that is over has its row already. */
  fault(error: unknown): void {
    this.fell(this.bug(error));
  }

  private bug(error: unknown): Failure {
    const message = `a bug: ${error instanceof Error ? error.message : String(error)}`;
    return { type: "unreadable", target: this.collector.target, message };
  }

  private async collect(): Promise<Result<Collected>> {
    const { collector, what } = this;
    const deadline = new AbortController();
    const ended = new AbortController();
    const signal = AbortSignal.any([deadline.signal, what.signal]);
    void this.passes(collector.deadline, ended.signal).then(() => deadline.abort());
    const late = new Promise<Result<Collected>>((resolve) => {
      const leave = (): void => {
        void this.passes(grace, ended.signal).then(() => resolve(fail(this.tooLate())));
      };
      if (signal.aborted) leave();
      else signal.addEventListener("abort", leave, { once: true });
    });
    const fallen = new Promise<Result<Collected>>(
      (resolve) => (this.fell = (failure) => resolve(fail(failure))),
    );
    try {
      return await Promise.race([collector.collect(this.context(signal)), late, fallen]);
    } catch (error) {
      // A bug in one collector is no reason to lose what all the others took.
      return fail(this.bug(error));
    } finally {
      ended.abort();
    }
  }

  /**
   * Resolves when so many milliseconds have passed, or it has ended. All collectors are at work in this one
   * process, on a machine that may be in need: however late the process comes to a look at the clock, it counts as
   * one, so that the time in which it did not get to run is not taken from who is asked.
   */
  private async passes(ms: number, ended: AbortSignal): Promise<void> {
    const { clock } = this.what.ports;
    for (let look = 0; look < looks && !ended.aborted; look += 1) await clock.sleep(ms / looks, ended);
  }

  private tooLate(): Failure {
    const { target, deadline } = this.collector;
    if (this.what.signal.aborted)
      return { type: "interrupted", target, message: "the snapshot was interrupted" };
    return { type: "timeout", target, after: deadline, doing: "collecting" };
  }

  private context(signal: AbortSignal): CollectContext {
    const { stage, ports, platform, since, until } = this.what;
    const { id, cap } = this.collector;
    const set = id.split(".")[0] ?? id;
    const budget = new Budget(cap, stage.room);
    return {
      ports,
      platform,
      since,
      until,
      signal,
      file: (name, options) => {
        const file = stage.file(set, name, options, budget, cap);
        // What one that was left behind still brings is not taken: its row is written.
        if (this.over) file.end();
        else this.files.push(file);
        return file;
      },
      tell: (fact) => {
        if (!this.over) this.facts.push(stage.redactor.value(fact));
      },
    };
  }

  private done(result: Result<Collected>, started: Date, from: number): Done {
    const { collector, what, files, facts } = this;
    const { clock } = what.ports;
    const rows = files.map(({ row }) => row);
    const missing = this.missing(rows, result);
    const status = statusOf(result, missing);
    const why = result.ok ? (result.value.skipped ?? missing[0]?.why) : failureText(result.failure);
    const row: CollectorRow = {
      id: collector.id,
      target: what.stage.redactor.text(collector.target),
      summary: what.stage.redactor.text(collector.summary),
      status,
      ...(why === undefined ? {} : { why: what.stage.redactor.text(why) }),
      started: started.toISOString(),
      ended: clock.now().toISOString(),
      mono: { started: Math.round(from), ended: Math.round(clock.monotonic()) },
      seen: rows.reduce((sum, { seen }) => sum + seen, 0),
      kept: rows.reduce((sum, { kept }) => sum + kept, 0),
      deadline: collector.deadline,
      cap: collector.cap,
      files: rows,
    };
    what.progress(row);
    return {
      row,
      missing,
      facts: facts.map((fact) => ({ ...fact, collector: collector.id })),
      payload: files.flatMap((file) => (file.stands ? [file.path] : [])),
    };
  }

  private missing(rows: readonly FileRow[], result: Result<Collected>): readonly Missing[] {
    const { id: collector, summary } = this.collector;
    const { redactor } = this.what.stage;
    return [
      ...(result.ok
        ? []
        : [{ collector, what: redactor.text(summary), why: redactor.text(failureText(result.failure)) }]),
      ...this.facts.flatMap((fact) =>
        fact.type === "missing" ? [{ collector, what: fact.what, why: fact.why }] : [],
      ),
      ...rows.flatMap(({ path, withheld, cut }) => [
        ...(withheld === undefined ? [] : [{ collector, what: path, why: withheld }]),
        ...(cut === undefined
          ? []
          : [
              {
                collector,
                what: path,
                why: `over its limit: the ${cut.end} ${cut.bytes} bytes were dropped`,
              },
            ]),
      ]),
    ];
  }
}

function statusOf(result: Result<Collected>, missing: readonly Missing[]): RowStatus {
  if (result.ok) {
    if (result.value.skipped !== undefined) return "skipped";
    return missing.length > 0 ? "partial" : "ok";
  }
  const { type } = result.failure;
  if (type === "denied") return "denied";
  return type === "timeout" || type === "interrupted" ? "timeout" : "error";
}
