import { randomBytes } from "node:crypto";
import { jsonText } from "../base/json.ts";
import type { JournalRecord } from "../events/record.ts";
import type { Clock } from "../ports/ports.ts";
import { sealed } from "./chain.ts";
import type { Imported } from "../events/imported.ts";
import type { JournalLine } from "./journal-record.ts";

/** This process, by a word that no other has. */
const boot = randomBytes(4).toString("hex");

/** A line before its sum; its record's type and data belong together, which the spread of a union loses. */
type Unsealed = Omit<JournalLine, "sum">;

/** A record, and of one that is imported who wrote it when, elsewhere. */
export type NewRecord = JournalRecord & { readonly origin?: Origin };

export interface Origin {
  /** UTC. */
  readonly time: string;
  readonly actor: string;
  readonly host: string;
  readonly imported: Imported;
}

/** Who writes, and by which clock. */
interface By {
  readonly desk: string;
  readonly actor: string;
  readonly host: string;
  readonly clock: Clock;
}

export interface NewLines {
  readonly lines: readonly JournalLine[];
  /** As they are written, each with its line end. */
  readonly text: string;
  /** What the record behind them must have as `prev`. */
  readonly prev: string;
}

/** Makes lines of format 2 of records. @param end number and sum of the line before them */
export function newLines(
  records: readonly NewRecord[],
  end: { readonly seq: number; readonly prev: string },
  { desk, actor, host, clock }: By,
): NewLines {
  let { seq, prev } = end;
  let text = "";
  const lines: JournalLine[] = [];
  for (const { type, data, origin } of records) {
    const line: Unsealed = {
      v: 2,
      desk,
      seq: ++seq,
      time: origin?.time ?? clock.now().toISOString(),
      mono: Math.round(clock.monotonic()),
      boot,
      actor: origin?.actor ?? actor,
      host: origin?.host ?? host,
      type,
      data,
      ...(origin === undefined ? {} : { imported: origin.imported }),
      prev,
    };
    const { line: written, sum } = sealed(jsonText(line));
    text += `${written}\n`;
    prev = sum;
    lines.push({ ...line, sum } as JournalLine);
  }
  return { lines, text, prev };
}
