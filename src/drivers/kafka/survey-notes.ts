import { patient } from "../../base/bounded.ts";
import { failureText } from "../../base/failure.ts";
import type { Topology } from "../../ports/evidence.ts";
import { FailureError, timedOut } from "../network.ts";
import { refusalOf } from "./errors.ts";

/** Milliseconds that one answer may take: a broker that is silent must not cost what the others tell. */
const patience = 4000;

/** What a survey could not read, and what it asked of whom: what one broker or group costs is its own row. */
export class Notes {
  readonly missing: Topology["missing"][number][] = [];
  readonly calls: Topology["calls"][number][] = [];
  private readonly until: number;

  /** @param budget milliseconds for everything that is tolerated, so that there is time to tell of it. */
  constructor(budget: number) {
    this.until = performance.now() + budget;
  }

  /** Puts the call and its time on record, however it ends. */
  async timed<T>(call: string, broker: string, ask: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await ask();
    } finally {
      this.calls.push({ call, broker, took: Math.round(performance.now() - started) });
    }
  }

  /** Undefined, and on record, when it fails or does not come in time. */
  async tolerated<T>(what: string, ask: () => Promise<T>): Promise<T | undefined> {
    const started = performance.now();
    const answered = new AbortController();
    const within = patient(answered.signal, Math.max(0, Math.min(patience, this.until - started)));
    const late = new Promise<never>((_, reject) => {
      const end = (): void => reject(new FailureError(timedOut(what, "reading it", started)));
      within.addEventListener("abort", end, { once: true });
    });
    try {
      return await Promise.race([ask(), late]);
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      this.missing.push({ what, why: failureText(error.failure) });
      return undefined;
    } finally {
      answered.abort();
    }
  }

  /** @param error Kafka's number. */
  async refused(what: string, error: number, said?: string | null): Promise<void> {
    this.missing.push({ what, why: failureText(await refusalOf(what, error, said)) });
  }
}
