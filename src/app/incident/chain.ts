import { fail, ok, type Result } from "../../base/result.ts";
import { createClock } from "../../drivers/clock.ts";
import { refOf, type Head, type IncidentRecord, type Ref } from "../../events/incident-record.ts";
import type { ChainRecord } from "../../incident/order.ts";
import { openJournal } from "../../store/journal.ts";
import { nameOf } from "../../store/desk.ts";
import { readJournal } from "../../store/journal-record.ts";
import { incidentFolder, journalIn } from "../../store/layout.ts";
import type { World } from "../context/world.ts";

/** One incident's journal on this machine. */
export interface ChainPlace {
  /** The state folder. */
  readonly state: string;
  readonly incident: string;
}

export interface ReadChain {
  readonly records: readonly ChainRecord[];
  readonly head: Head;
  /** Records that this version does not know; `incomplete`: one of them must be known. */
  readonly unread: number;
  readonly incomplete: boolean;
  /** The first line that does not hold: what is behind it is not read. */
  readonly problem: string | undefined;
}

/** @throws StateFault, where the journal is none of this user's own. */
export function readChain(world: Pick<World, "host">, { state, incident }: ChainPlace): ReadChain {
  const read = readJournal(journalIn(incidentFolder(state, incident)));
  const { records, head, problem } = read;
  // Records of format 1 do not say whose they are: one desk's are together.
  const own = records.findLast(({ desk }) => desk !== undefined)?.desk ?? nameOf(world.host);
  return {
    records: records.map((record): ChainRecord => ({ desk: own, ...record })),
    head: { desk: own, seq: read.length, sum: head },
    unread: read.unread.length,
    incomplete: read.incomplete,
    problem: problem === undefined ? undefined : `line ${problem.line} ${problem.message}`,
  };
}

/** What was written, by reference, and what more is to be written now that the chain's head is known. */
export type Quoting = (refs: readonly Ref[], head: Head) => readonly IncidentRecord[];

/**
 * Appends records, and behind them those that quote the chain's head; all of them are on the disk when it resolves.
 * @returns the references of the first ones; the failure is why nothing, or not all, is on record.
 */
export async function appendRecords(
  world: World,
  place: ChainPlace,
  records: readonly IncidentRecord[],
  quoting?: Quoting,
): Promise<Result<readonly Ref[], string>> {
  const { user: actor, host } = world;
  const { state, incident } = place;
  const folder = incidentFolder(state, incident);
  try {
    const clock = createClock();
    const journal = await openJournal({
      folder,
      root: state,
      actor,
      host,
      clock,
      shared: true,
      evenUnsigned: true,
    });
    try {
      const put = async (all: readonly IncidentRecord[]): Promise<void> => {
        for (const [at, record] of all.entries())
          await journal.append(record, { sync: at === all.length - 1 });
      };
      await put(records);
      const { head, records: chain } = readChain(world, place);
      // Others write to it too: these are the last ones of their types that this process wrote.
      const refs = lastOf(chain, records);
      if (quoting !== undefined) await put(quoting(refs, { ...head, sum: head.sum.slice(0, 12) }));
      return ok(refs);
    } finally {
      journal.close();
    }
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

/** Where the records that were just written stand in the chain. */
function lastOf(chain: readonly ChainRecord[], written: readonly IncidentRecord[]): readonly Ref[] {
  let end = chain.length - 1;
  const refs: Ref[] = [];
  for (const { type, data } of written.toReversed()) {
    const text = JSON.stringify(data);
    while (end >= 0 && (chain[end]?.type !== type || JSON.stringify(chain[end]?.data) !== text)) end--;
    const found = chain[end--];
    if (found !== undefined) refs.unshift(refOf(found.desk, found.seq));
  }
  return refs;
}
