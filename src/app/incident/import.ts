import { fail, ok, type Result } from "../../base/result.ts";
import type { IncidentRecord, Ref } from "../../events/incident-record.ts";
import { stateFault } from "../../store/state-file.ts";
import type { Store } from "../../store/store.ts";
import { adoptable } from "./adopt.ts";
import type { Block } from "./block.ts";
import { appendRecords } from "./chain.ts";
import { takeNumber } from "./declare.ts";
import { declarationIn, type Target } from "./import-plan.ts";
import type { CleanValue } from "./typed-text.ts";

export interface Importer {
  readonly store: Store;
  /** Who imports: their id in the platform file, or their login. */
  readonly me: string;
  readonly clean: CleanValue;
  /** Desks of the platform file: their names are part of a number. */
  readonly desks: readonly string[];
}

export interface Imported {
  readonly incident: string;
  readonly refs: readonly Ref[];
}

/**
 * Puts a block on record where it goes, whole or not at all: each record at its own time, as its own writer's, marked
 * with who imported it and when.
 * @returns undefined where it has come there in the meantime; the failure is why nothing of it is on record.
 */
export async function importBlock(
  importer: Importer,
  block: Block,
  target: Exclude<Target, { readonly to: "nowhere" }>,
): Promise<Result<Imported | undefined, string>> {
  const { store } = importer;
  try {
    return await store.whileDeclaring(async () => {
      if ((await store.importedBlocks()).has(block.id)) return ok(undefined);
      return await write(importer, block, target);
    });
  } catch (error) {
    return fail(stateFault(error));
  }
}

async function write(
  { store, me, clean, desks }: Importer,
  { id, actor, host, records }: Block,
  target: Exclude<Target, { readonly to: "nowhere" }>,
): Promise<Result<Imported, string>> {
  const declared = records.find(({ record }) => record.type === "incident.declared");
  const began = new Date(declared?.time ?? Date.now());
  const incident =
    target.to === "new" ? await takeNumber(store, target.drill, desks, began) : target.incident;
  const data = declarationIn(records.map(({ record }) => record));
  const adopted =
    target.to === "new" && !target.drill ? await adoptable(store, began.getTime()) : { ids: [], facts: [] };
  const imported = { at: new Date().toISOString(), by: me, block: id };
  const numbered = (record: IncidentRecord): IncidentRecord =>
    record.type === "incident.declared" && data !== undefined
      ? { type: record.type, data: { ...record.data, number: incident, adopted: adopted.ids } }
      : record;
  const own = records.map(({ time, record }) => ({
    ...numbered(clean(record)),
    origin: { time, actor: clean(actor), host: clean(host), imported },
  }));
  const written = await appendRecords({ store, incident }, [...own, ...adopted.facts]);
  return written.ok ? ok({ incident, refs: written.value }) : written;
}
