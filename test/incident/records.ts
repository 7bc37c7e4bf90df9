import type { IncidentData, IncidentRecord } from "../../src/events/incident-record.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import { outboxOf, type Outbox, type OutboxRules } from "../../src/incident/outbox.ts";

export const incident = "INC-2026-0042";

/** A queued message of war-room, as a command records it. */
export function queued(more: Partial<IncidentData<"message.queued">> = {}): IncidentRecord {
  return {
    type: "message.queued",
    data: {
      key: "page/war-room/ny1-1",
      kind: "page",
      channel: "war-room",
      level: "P0",
      body: "Orders rejected",
      head: { desk: "ny1", seq: 2, sum: "3fa9c1d20b7e" },
      ...more,
    },
  };
}

export function attempt(key: string, n = 1, repeat = false): IncidentRecord {
  return { type: "message.attempt", data: { key, n, claimed: "own", repeat } };
}

export function result(
  key: string,
  outcome: IncidentData<"message.result">["outcome"],
  more: Partial<IncidentData<"message.result">> = {},
): IncidentRecord {
  return { type: "message.result", data: { key, n: 1, outcome, ...more } };
}

export interface TimedRecord {
  readonly record: IncidentRecord;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The outbox of one desk's records. */
export function outboxFrom(records: readonly TimedRecord[], rules: OutboxRules): Outbox {
  const chain = records.map(({ record: { type, data }, at }, index) => {
    const time = new Date(at).toISOString();
    return { desk: "ny1", seq: index + 1, time, actor: "ada", type, data };
  });
  return outboxOf(foldIncident(chain), rules);
}

/** Each a second after the one before. */
export function timed(records: readonly IncidentRecord[]): readonly TimedRecord[] {
  return records.map((record, index) => ({ record, at: index * 1000 }));
}
