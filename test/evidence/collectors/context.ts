import { createClock } from "../../../src/drivers/clock.ts";
import type { Failure } from "../../../src/base/failure.ts";
import type { Ports } from "../../../src/ports/ports.ts";
import type { CollectContext, Collected, Collector, Fact } from "../../../src/evidence/capture/collector.ts";

export interface Gathered {
  /** What was written, by the name of the file. */
  readonly files: Readonly<Record<string, string>>;
  readonly facts: readonly Fact[];
  readonly collected: Collected | undefined;
  readonly failure: Failure | undefined;
}

/** Runs one collector outside of a snapshot: nothing is redacted, and nothing is cut. */
export async function gathered(collector: Collector, ports: Partial<Ports> = {}): Promise<Gathered> {
  const files: Record<string, string> = {};
  const facts: Fact[] = [];
  const context: CollectContext = {
    ports: { clock: createClock(), ...ports } as Ports,
    platform: {} as CollectContext["platform"],
    since: new Date(Date.now() - 60_000),
    until: new Date(),
    signal: AbortSignal.timeout(collector.deadline),
    file: (name) => {
      files[name] = "";
      let seen = 0;
      return {
        write: (piece) => {
          files[name] += typeof piece === "string" ? piece : Buffer.from(piece).toString("utf8");
          seen += piece.length;
        },
        end: () => {},
        get seen() {
          return seen;
        },
      };
    },
    tell: (fact) => void facts.push(fact),
  };
  const result = await collector.collect(context);
  return result.ok
    ? { files, facts, collected: result.value, failure: undefined }
    : { files, facts, collected: undefined, failure: result.failure };
}

/** Sentences of one kind of fact. */
export function findings({ facts }: Pick<Gathered, "facts">): readonly string[] {
  return facts.flatMap((fact) => (fact.type === "finding" ? [fact.text] : []));
}

export function missing({ facts }: Pick<Gathered, "facts">): readonly string[] {
  return facts.flatMap((fact) => (fact.type === "missing" ? [`${fact.what}: ${fact.why}`] : []));
}

/** A file of one JSON value a line. */
export function rowsOf(text: string | undefined): readonly Record<string, unknown>[] {
  return (text ?? "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
