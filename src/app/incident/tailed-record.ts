import type { ChainRecord } from "../../incident/order.ts";

/**
 * A line of a journal as a record of its chain, whether or not the chain holds: a message is sent from a damaged
 * journal too. Of what such a line lacks, its place is the one behind the record before it.
 */
export function asChainRecord(line: string, before: ChainRecord | undefined): ChainRecord | undefined {
  const { desk, seq, time, actor, type, data, seen, must, imported } = parsed(line);
  if (typeof type !== "string" || !isMap(data)) return undefined;
  const next = (before?.seq ?? 0) + 1;
  return {
    desk: before?.desk ?? text(desk),
    seq: typeof seq === "number" && Number.isSafeInteger(seq) ? Math.max(seq, next) : next,
    time: text(time),
    actor: text(actor),
    type,
    data,
    ...(isMap(seen) ? { seen: seen as Readonly<Record<string, number>> } : {}),
    ...(must === true ? { must } : {}),
    ...(isMap(imported)
      ? {
          imported: {
            at: text(imported["at"]),
            by: text(imported["by"]),
            ...(typeof imported["block"] === "string" ? { block: imported["block"] } : {}),
          },
        }
      : {}),
  };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return isMap(value) ? value : {};
  } catch {
    return {};
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
