import type { IncidentData, IncidentRecordType } from "../../src/events/incident-record.ts";
import type { Policy, PolicyClock } from "../../src/events/incident-policy.ts";
import type { ChainRecord } from "../../src/incident/order.ts";
import { samplePolicy } from "../events/incident-samples.ts";

export const minute = 60_000;
/** Minute 0 of every incident of these tests. */
export const zero = Date.parse("2026-11-30T09:42:00.000Z");

export function at(minutes: number): string {
  return new Date(zero + minutes * minute).toISOString();
}

/** Desks that write records, and read each other's when they are told to. */
export class Desks {
  readonly records: ChainRecord[] = [];
  private readonly known = new Map<string, Record<string, number>>();

  /** @param minutes since minute 0, by the desk's own clock */
  write<T extends IncidentRecordType>(
    desk: string,
    minutes: number,
    type: T,
    data: IncidentData<T>,
    actor = "ada",
  ): string {
    return this.put(desk, minutes, type, data, actor);
  }

  put(desk: string, minutes: number, type: string, data: object, actor = "ada"): string {
    const seq = this.length(desk) + 1;
    const seen = this.known.get(desk);
    this.known.delete(desk);
    const record = { desk, seq, time: at(minutes), actor, type, data: data as ChainRecord["data"] };
    this.records.push(seen === undefined ? record : { ...record, seen });
    return `${desk}-${seq}`;
  }

  /** From now on this desk has what the other has written. */
  sync(desk: string, from: string): void {
    this.known.set(desk, { ...this.known.get(desk), [from]: this.length(from) });
  }

  private length(desk: string): number {
    return this.records.filter((record) => record.desk === desk).length;
  }
}

const clock = { on: true, from: "declared", within: {}, every: {}, after: [] } satisfies Partial<PolicyClock>;

export const policy: Policy = {
  ...samplePolicy,
  clocks: [
    { ...clock, name: "alerted", until: "paged", within: { P0: 2 * minute, P1: 15 * minute } },
    { ...clock, name: "halted", until: "halted", within: { P0: 5 * minute } },
    { ...clock, name: "answered", until: "answered", within: { P0: 15 * minute, P1: 60 * minute } },
    { ...clock, name: "commander", until: "commander", within: { P0: 15 * minute } },
    { ...clock, name: "updates", until: "update", every: { P0: 15 * minute }, ends: "resolved" },
    {
      ...clock,
      name: "rto",
      from: "started",
      until: "recovered",
      within: { P0: 240 * minute, P1: 240 * minute },
    },
    {
      ...clock,
      name: "dora",
      when: "major",
      from: "classified",
      until: "reported-initial",
      within: { P0: 240 * minute, P1: 240 * minute },
      or: { from: "detected", within: 1440 * minute },
    },
    { ...clock, name: "asleep", on: false, until: "mitigated", within: { P0: minute } },
  ],
  teams: { executives: ["max", "eve"], stakeholders: ["eve"] },
};

export function declared(
  more: Partial<IncidentData<"incident.declared">> = {},
): IncidentData<"incident.declared"> {
  return {
    number: "INC-2026-0042",
    severity: "P0",
    impact: "Orders rejected",
    affects: ["executioner"],
    security: false,
    drill: false,
    triggers: [],
    adopted: [],
    policy,
    ...more,
  };
}
