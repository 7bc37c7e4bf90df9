import { ok, type Result } from "../../base/result.ts";
import { longestText, type IncidentRecord } from "../../events/incident-record.ts";
import { firingsOf } from "../../incident/firing.ts";
import { foldIncident, type IncidentFold } from "../../incident/fold.ts";
import type { ChainRecord } from "../../incident/order.ts";
import { openOnes } from "../../store/pick-incident.ts";
import type { Store } from "../../store/store.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import type { Block } from "./block.ts";
import { readChain, uidOf } from "./chain.ts";
import { openWithKey } from "./declare.ts";
import { withEnds } from "./unfinished.ts";

/** Where a block goes. */
export type Target =
  | { readonly to: "new"; readonly drill: boolean }
  | { readonly to: "incident"; readonly incident: string }
  /** It is there already. */
  | { readonly to: "nowhere"; readonly incident: string };

/** A block and where it goes, before anything is written. */
export interface PlannedImport {
  /** With what is known of messages whose end it does not say. */
  readonly block: Block;
  readonly target: Target;
  /** What the block alone says. */
  readonly fold: IncidentFold;
  /** For whoever consents. */
  readonly warnings: readonly string[];
}

/** Milliseconds by which another machine's clock may be ahead of this one. */
const ahead = 300_000;

/**
 * Where each block goes, the earliest first.
 * @param named the incident of `--incident`
 */
export async function planImports(
  store: Store,
  blocks: readonly Block[],
  named: string | undefined,
): Promise<Result<readonly PlannedImport[], Refusal>> {
  const known = await store.importedBlocks();
  const planned: PlannedImport[] = [];
  for (const block of blocks.toSorted((a, b) => timeOf(a) - timeOf(b))) {
    const why = whyNot(block);
    if (why !== undefined) return refusal(`${block.id} ${why}`);
    const before = known.get(block.id);
    const target: Result<Target, Refusal> =
      before === undefined ? await targetOf(store, block, named) : ok({ to: "nowhere", incident: before });
    if (!target.ok) return target;
    const whole = await checked(store, block, target.value);
    if (!whole.ok) return whole;
    const fold = foldIncident(chainOfBlock(whole.value.block, 0));
    planned.push({ ...whole.value, target: target.value, fold });
  }
  return ok(planned);
}

/** Its records as lines of a chain, behind as many. */
function chainOfBlock({ records, actor, id }: Block, behind: number, desk = "block"): readonly ChainRecord[] {
  return records.map(({ time, record: { type, data } }, n) => {
    const imported = { at: time, by: actor, block: id };
    return { desk, seq: behind + n + 1, time, actor, type, data: { ...data }, imported };
  });
}

function timeOf({ records }: Block): number {
  return Math.min(...records.map(({ time }) => Date.parse(time)));
}

/** Why nothing of it is put on record; completes the block's name. */
function whyNot({ records }: Block): string | undefined {
  const future = records.find(({ time }) => Date.parse(time) > Date.now() + ahead);
  if (future !== undefined)
    return `is of ${future.time}, in the future by this machine's clock: set that right, then import it`;
  if (records.some(({ record }) => longestIn(record) > 2 * longestText))
    return "has a text that is longer than a record takes; it cannot be imported";
  return undefined;
}

function longestIn(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null) return 0;
  return Math.max(0, ...Object.values(value).map(longestIn));
}

async function targetOf(
  store: Store,
  { id, incident, uid, records }: Block,
  named: string | undefined,
): Promise<Result<Target, Refusal>> {
  if (incident !== undefined) {
    if (named !== undefined && named !== incident)
      return refusal(`${id} is of ${incident}, and cannot be imported into ${named}; leave --incident out`);
    const found = await store.incident(incident);
    if (found?.is === "open" || found?.is === "closed") {
      const here = await uidOf({ store, incident });
      if (uid === undefined || uid === here) return ok({ to: "incident", incident });
      return refusal(`${id} is of another ${incident} than this machine's; import it where that is`, "state");
    }
    const why = found === undefined ? "which is not on this machine" : `which is ${found.is} here`;
    return refusal(`${id} is of ${incident}, ${why}; import it where that incident is`, "state");
  }
  if (named !== undefined) return ok({ to: "incident", incident: named });
  const declared = declarationIn(records.map(({ record }) => record));
  const joined =
    declared?.key === undefined || declared.drill ? undefined : await openWithKey(store, declared.key);
  if (joined !== undefined) return ok({ to: "incident", incident: joined.place.incident });
  return ok({ to: "new", drill: declared?.drill === true });
}

export function declarationIn(records: readonly IncidentRecord[]) {
  for (const record of records) if (record.type === "incident.declared") return record.data;
  return undefined;
}

/** The block as it is put on record, or why it is not. */
async function checked(
  store: Store,
  block: Block,
  target: Target,
): Promise<Result<Pick<PlannedImport, "block" | "warnings">, Refusal>> {
  if (target.to === "nowhere") return ok({ block, warnings: [] });
  const place = target.to === "new" ? undefined : { store, incident: target.incident };
  const read = place === undefined ? undefined : await readChain(place);
  const chain = (of: Block): readonly ChainRecord[] => chainOfBlock(of, read?.head.seq ?? 0, read?.head.desk);
  const own = foldIncident(chain(block)).messages;
  const before = read === undefined ? undefined : foldIncident(read.records);
  const { id } = block;
  const known = new Set([...(before?.messages.keys() ?? []), ...own.keys()]);
  const stray = block.records.some(({ record: { type, data } }) =>
    type === "message.attempt" || type === "message.result" ? !known.has(data.key) : false,
  );
  if (stray) return refusal(`${id} says what became of a message that is not in it or on record`);
  // Two senders make one message of one clock: what became of it here is added to what became of it there.
  const twice = [...own.values()].find(
    ({ key, queued }) => queued.data.clock === undefined && before?.messages.has(key) === true,
  );
  if (twice !== undefined) return refusal(`${id} has a message that is on record already: ${twice.key}`);
  const ended = withEnds(block, own.values(), new Set(before?.messages.keys()));
  const after = foldIncident([...(read?.records ?? []), ...chain(ended.block)]);
  if (before?.declared !== undefined && before.declared.data.drill !== (after.declared?.data.drill ?? false))
    return refusal(`${id} and ${place?.incident ?? ""} are not both exercises, or both real`);
  const elsewhere = target.to === "new" ? await others(store) : [];
  return ok({
    block: ended.block,
    warnings: [...ended.warnings, ...elsewhere, ...moved(before, after), ...dueNow(after)],
  });
}

/** Whoever could not record an incident may have declared it again. */
async function others(store: Store): Promise<readonly string[]> {
  return openOnes(await store.incidents()).map(
    ({ id, severity, declared }) =>
      `${id} ${severity ?? ""} is open, declared ${declared.slice(11, 19)} UTC; the same incident? Then add --incident ${id}`,
  );
}

/** That an incident began earlier than it says. */
function moved(before: IncidentFold | undefined, after: IncidentFold): readonly string[] {
  const [was, is] = [before?.declared?.at, after.declared?.at];
  if (was === undefined || is === undefined || was === is) return [];
  const [from, to] = [was, is].map((at) => new Date(at).toISOString().slice(11, 19));
  return [`its clocks run from ${to ?? ""} UTC then, not from ${from ?? ""}`];
}

/** What the sender does as soon as it is on record, because it is due since. */
function dueNow(fold: IncidentFold): readonly string[] {
  return firingsOf(fold, Date.now()).due.flatMap(({ clock, page, remind }) => {
    if (page !== undefined) return [`clock ${clock} is due and pages ${page} as soon as it is on record`];
    return remind === undefined ? [] : [`clock ${clock} is due and reminds ${remind}`];
  });
}
