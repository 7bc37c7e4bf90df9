import { fail, ok, type Result } from "../../base/result.ts";
import { refOf, type Head, type IncidentRecord, type Ref } from "../../events/incident-record.ts";
import type { ChainRecord } from "../../incident/order.ts";
import { nameOf } from "../../store/desk.ts";
import type { Origin } from "../../store/journal-line.ts";
import type { JournalLine } from "../../store/journal-record.ts";
import { StateFault } from "../../store/state-check.ts";
import { stateFault } from "../../store/state-file.ts";
import type { Store } from "../../store/store.ts";

/** One incident's journal on this machine. */
export interface ChainPlace {
  readonly store: Store;
  readonly incident: string;
}

export interface ReadChain {
  readonly records: readonly ChainRecord[];
  readonly head: Head;
  /** Which incident of that name it is: how the sum of its first record begins. */
  readonly uid: string | undefined;
  /** Records that this version does not know; `incomplete`: one of them must be known. */
  readonly unread: number;
  readonly incomplete: boolean;
  /** The first line that does not hold: what is behind it is not read. */
  readonly problem: string | undefined;
}

/** @throws StateFault, where the journal is none of this user's own, or not there. */
export async function readChain({ store, incident }: ChainPlace): Promise<ReadChain> {
  const read = await store.read({ incident });
  if (read === undefined) throw new StateFault(`${incident} has no journal`);
  const { records, head, problem } = read;
  const own = records.findLast(({ desk }) => desk !== undefined)?.desk ?? nameOf(store.host);
  return {
    records: chainOf(records, own),
    head: { desk: own, seq: read.length, sum: head },
    uid: records[0]?.sum.slice(0, 12),
    unread: read.unread.length,
    incomplete: read.incomplete,
    problem: problem === undefined ? undefined : `line ${problem.line} ${problem.message}`,
  };
}

/** The same of an incident that may not be readable. */
export async function uidOf(place: ChainPlace): Promise<string | undefined> {
  try {
    return (await readChain(place)).uid;
  } catch {
    return undefined;
  }
}

/** Records of format 1 do not say whose they are: one desk's are together. */
export function chainOf(records: readonly JournalLine[], own: string): readonly ChainRecord[] {
  return records.map((record) =>
    record.desk === undefined ? { ...record, desk: own } : (record as ChainRecord),
  );
}

/** What more is to be written behind records, of which it is known where they stand. */
export type Quoting = (
  refs: readonly Ref[],
  head: Head,
  written: readonly ChainRecord[],
) => readonly IncidentRecord[];

/**
 * Appends records, and behind them those that quote the chain's head; on the disk are all of them, or none.
 * @returns the references of the first ones; the failure is why nothing is on record.
 */
export async function appendRecords(
  place: ChainPlace,
  records: readonly (IncidentRecord & { readonly origin?: Origin })[],
  quoting?: Quoting,
): Promise<Result<readonly Ref[], string>> {
  const { store, incident } = place;
  const { host } = store;
  try {
    const journal = await store.journal({ incident }, { evenUnsigned: true });
    try {
      const written = await journal.appendTogether(records, (lines) => {
        const chain = lines.map((line): ChainRecord => ({ desk: nameOf(host), ...line }));
        const [desk, last] = [chain.at(-1)?.desk, lines.at(-1)];
        if (quoting === undefined || desk === undefined || last === undefined) return [];
        return quoting(refsOf(chain), { desk, seq: last.seq, sum: last.sum.slice(0, 12) }, chain);
      });
      return ok(refsOf(written.map((line) => ({ desk: nameOf(host), ...line }))));
    } finally {
      journal.close();
    }
  } catch (error) {
    return fail(stateFault(error));
  }
}

function refsOf(chain: readonly ChainRecord[]): readonly Ref[] {
  return chain.map(({ desk, seq }) => refOf(desk, seq));
}
