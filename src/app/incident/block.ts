import { randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { fail, ok, type Result } from "../../base/result.ts";
import { asIncidentRecord, instant, type IncidentRecord } from "../../events/incident-record.ts";
import { fitsShape } from "../../language/fits.ts";
import { integer, json, list, object, optional, required, text } from "../../language/shape.ts";
import { blockId, blockLines, type BlockText } from "./block-text.ts";

/** What a command could not record: all that its records need to be put on record later, as of then. */
export interface Block {
  readonly id: string;
  /** The incident that it is of; without one it declares one. */
  readonly incident?: string;
  /** Which one of that name, as far as that could be read: how the sum of its first record begins. */
  readonly uid?: string;
  /** Who typed it, and on which machine. */
  readonly actor: string;
  readonly host: string;
  readonly records: readonly BlockRecord[];
}

export interface BlockRecord {
  /** When it was so; RFC 3339 in UTC. */
  readonly time: string;
  readonly record: IncidentRecord;
}

const shape = object({
  v: required(integer({ min: 1 }), "The format: 1."),
  incident: optional(text(), "The incident that it is of."),
  uid: optional(text(), "How the sum of that incident's first record begins."),
  actor: required(text(), "Who typed it."),
  host: required(text(), "On which machine."),
  records: required(
    list(
      object({
        time: required(instant, "When it was so."),
        type: required(text(), "The record's type."),
        data: required(json(), "Its data."),
      }),
      { min: 1 },
    ),
    "The records, in order.",
  ),
});
type Written = NonNullable<(typeof shape)["type"]>;

/** Bytes of a block's JSON: a command records a page for each way and little else. */
const longest = 4 * 1_048_576;

/** A name for what is not recorded now. */
export function newBlockId(now: Date): string {
  const [day = "", time = ""] = now.toISOString().replaceAll(/[-:]/g, "").split("T");
  return `NR-${day}-${time.slice(0, 6)}-${randomBytes(3).toString("hex")}`;
}

/** The lines that are printed of it. */
export function linesOfBlock({ id, incident, uid, actor, host, records }: Block): readonly string[] {
  const written: Written = {
    v: 1,
    ...(incident === undefined ? {} : { incident }),
    ...(uid === undefined ? {} : { uid }),
    actor,
    host,
    records: records.map(({ time, record: { type, data } }) => ({ time, type, data })),
  };
  return blockLines({ id, bytes: deflateRawSync(JSON.stringify(written), { level: 9 }) });
}

/**
 * A block that was read, where each of its records is one that a command or the sender makes. What runs and halts record
 * is measured, and nothing that a person pastes: an interlock may believe it.
 * @returns why it is none.
 */
export function blockOf({ id, bytes }: BlockText): Result<Block, string> {
  const value = unpacked(bytes);
  if (value === undefined) return fail(`${id} cannot be read: copy it again from where it was printed`);
  const { v } = value as { readonly v?: unknown };
  if (typeof v === "number" && v > 1) return fail(`${id} is of a newer lav-ir: upgrade, and import it then`);
  if (!blockId.test(id) || !fitsShape(value, shape.spec))
    return fail(`${id} is no block that lav-ir prints; nothing of it can be imported`);
  const { incident, uid, actor, host, records } = value as Written;
  const read: BlockRecord[] = [];
  for (const { time, type, data } of records) {
    const record = asIncidentRecord(type, data);
    if (record === undefined || !isTyped(record))
      return fail(`${id} has a record of type ${type} that no command prints; it cannot be imported`);
    read.push({ time, record });
  }
  const declares = read.some(({ record }) => record.type === "incident.declared");
  if (declares !== (incident === undefined))
    return fail(`${id} must either declare an incident or name one; it cannot be imported`);
  const of = { ...(incident === undefined ? {} : { incident }), ...(uid === undefined ? {} : { uid }) };
  return ok({ id, ...of, actor, host, records: read });
}

function unpacked(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(inflateRawSync(bytes, { maxOutputLength: longest }).toString("utf8"));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Types that nothing prints: what a desk measures or signs. */
const nobodyTypes = new Set(["incident.joined", "desk.clock", "desk.head"]);

function isTyped({ type, data }: IncidentRecord): boolean {
  return type === "incident.fact" ? data.how === "typed" : !nobodyTypes.has(type);
}
