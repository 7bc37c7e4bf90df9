import { asIncidentRecord, refOf, type IncidentRecord, type Ref } from "../events/incident-record.ts";
import { asWritten, type Imported } from "../events/imported.ts";

/** One line of one desk's chain, as the fold needs it. */
export interface ChainRecord {
  readonly desk: string;
  readonly seq: number;
  /** UTC, by the desk's clock. */
  readonly time: string;
  readonly actor: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** What of other chains this desk had, written when it changed. */
  readonly seen?: Readonly<Record<string, number>>;
  /** An incident that has a record which this version does not know, and must, is incomplete. */
  readonly must?: boolean;
  /** It came into the chain later than it was written: its time says where it belongs. */
  readonly imported?: Imported;
}

/** A record in its place. */
export interface Placed {
  readonly record: ChainRecord;
  readonly ref: Ref;
  /** Milliseconds since 1970, by the desk's clock less that clock's known offset. */
  readonly at: number;
  /** Its clock said a later time, and a later record says that this clock was ahead: it counts as no later than that. */
  readonly ahead?: true;
  /**
   * How far each other chain had come where this was written: the newest number that it knew. Of its own it knew all
   * that is before it. Records between which nothing was heard share one map.
   */
  readonly knew: ReadonlyMap<string, number>;
  /** Undefined where the type is none of an incident's, or its data is not what the type says. */
  readonly read: IncidentRecord | undefined;
}

/**
 * The order of records of several chains: each after its predecessor and after all that its desk had seen; what
 * is left by the time without the desk's offset, then desk, then number. Times alone would put effects before
 * their causes wherever two clocks differ. The arrival order does not matter, nor does a record that came twice.
 * An imported record was written when its time says, though its chain has it later: it stands where that time is.
 */
export function inOrder(records: Iterable<ChainRecord>): readonly Placed[] {
  const chains = chainsOf(records);
  const [only] = chains.values();
  if (only !== undefined && chains.size === 1) return only;
  const placed: Placed[] = [];
  const done = new Map<string, number>();
  const has = new Map([...chains].map(([desk, chain]) => [desk, chain.findLast(isOwn)?.record.seq ?? 0]));
  const ready = (one: Placed): boolean =>
    [...one.knew].every(
      ([desk, seq]) => desk === one.record.desk || (done.get(desk) ?? 0) >= Math.min(seq, has.get(desk) ?? 0),
    );
  const next = new Map([...chains.keys()].map((desk) => [desk, 0]));
  for (;;) {
    const heads = [...next].flatMap(([desk, at]) => chains.get(desk)?.[at] ?? []);
    if (heads.length === 0) return placed;
    const free = heads.filter(ready);
    // No honest chain makes a circle; a forged one must not keep this from ending.
    const first = (free.length === 0 ? heads : free).reduce((a, b) => (before(b, a) ? b : a));
    placed.push(first);
    if (isOwn(first)) done.set(first.record.desk, first.record.seq);
    next.set(first.record.desk, (next.get(first.record.desk) ?? 0) + 1);
  }
}

function isOwn({ record }: Placed): boolean {
  return record.imported === undefined;
}

function before(a: Placed, b: Placed): boolean {
  if (a.at !== b.at) return a.at < b.at;
  return a.record.desk < b.record.desk;
}

function chainsOf(records: Iterable<ChainRecord>): ReadonlyMap<string, readonly Placed[]> {
  const chains = new Map<string, Map<number, ChainRecord>>();
  for (const record of records) {
    const chain = chains.get(record.desk) ?? new Map<number, ChainRecord>();
    chains.set(record.desk, chain);
    if (!chain.has(record.seq)) chain.set(record.seq, record);
  }
  return new Map(
    [...chains].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([desk, chain]) => [desk, placeChain(chain)]),
  );
}

function placeChain(chain: ReadonlyMap<number, ChainRecord>): readonly Placed[] {
  let offset = 0;
  let knew = new Map<string, number>();
  const placed = [...chain.values()]
    .toSorted((a, b) => a.seq - b.seq)
    .map((record) => {
      const read = asIncidentRecord(record.type, record.data);
      if (read?.type === "desk.clock") offset = read.data.offset_ms;
      if (record.seen !== undefined) knew = new Map([...knew, ...Object.entries(record.seen)]);
      const at = Date.parse(record.time) - offset;
      return { record, ref: refOf(record.desk, record.seq), at, knew, read };
    });
  return asWritten(noneAhead(placed), (one) => ({ imported: !isOwn(one), at: one.at }));
}

/**
 * A clock that stepped is on record some time after the step, and what was written in between has its time: it counts
 * as no later than the record that says so. Times of other records bound nothing: they may be of a clock set back.
 */
function noneAhead(chain: readonly Placed[]): readonly Placed[] {
  let latest = Infinity;
  const bounded = [...chain];
  for (let index = chain.length - 1; index >= 0; index -= 1) {
    const one = chain[index];
    if (one === undefined || !isOwn(one)) continue;
    if (one.at > latest) bounded[index] = { ...one, at: latest, ahead: true };
    else if (one.read?.type === "desk.clock") latest = one.at;
  }
  return bounded;
}

/** Whether the first was known where the second was written; whoever wrote an imported one saw what was there then. */
export function isKnownTo(first: Placed, second: Placed): boolean {
  const { desk, seq } = first.record;
  if (desk === second.record.desk && !isOwn(second)) return first.at <= second.at;
  return (desk === second.record.desk ? second.record.seq : (second.knew.get(desk) ?? 0)) >= seq;
}

/**
 * Of several statements of one thing, those that no other of them knew of: one, or several in conflict. A later
 * record of anybody's that knew of two of them settles it for the later one in order.
 * @param all everything in order
 */
export function standing<T extends { readonly by: Placed }>(
  statements: readonly T[],
  all: readonly Placed[],
): readonly T[] {
  const top = statements.filter(
    (one) => !statements.some((other) => other !== one && isKnownTo(one.by, other.by)),
  );
  if (top.length < 2) return top;
  const settled = all.some((record) => top.every(({ by }) => by !== record && isKnownTo(by, record)));
  return settled ? top.slice(-1) : top;
}
