/** What every version of a record has. */
export interface LooseRecord {
  readonly seq: unknown;
  readonly type: string;
  /** UTC. */
  readonly time: string;
  readonly actor: string;
  readonly host: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** It came into its journal later than it was written. */
  readonly imported?: unknown;
}

/**
 * A line as a record of this format or of a later one, for what only looks: nothing is checked of its chain.
 * @returns undefined when it is none, or torn.
 */
export function looseRecord(text: string): LooseRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { v, type, time, actor, host, data, sum } = value as Readonly<Record<string, unknown>>;
  const texts = [type, time, actor, host, sum].every((one) => typeof one === "string");
  if (typeof v !== "number" || !texts || typeof data !== "object" || data === null) return undefined;
  return value as LooseRecord;
}

/** A field of a record that should be a text. */
export function textIn(data: LooseRecord["data"], name: string): string | undefined {
  const value = data[name];
  return typeof value === "string" ? value : undefined;
}
