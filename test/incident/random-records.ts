import fc from "fast-check";
import { incidentData, type IncidentRecordType } from "../../src/events/incident-record.ts";
import { sampleData } from "../events/incident-samples.ts";

type Data = Readonly<Record<string, unknown>>;

const anyType = fc.constantFrom(...(Object.keys(incidentData) as IncidentRecordType[]));

/** What may differ from the sample; a field that a type does not have is left out. */
const fields = fc.record({
  person: fc.constantFrom("ada", "bob", "rosa"),
  name: fc.constantFrom("started", "detected", "mitigated", "briefed", "bridge", "halted", "recovered"),
  how: fc.constantFrom("typed", "measured", "taken", "given"),
  to: fc.constantFrom("P0", "P1", "P2", "bob"),
  outcome: fc.constantFrom("accepted", "delivered", "failed", "refused", "unknown", "withdrawn"),
  kind: fc.constantFrom("page", "update", "notice", "reminder"),
  key: fc.constantFrom("page/rosa/ny1-2", "update/war-room/ny1-3", "page/bob/answered.1"),
  channel: fc.constantFrom("war-room", "sms"),
  record: fc.integer({ min: 1, max: 40 }).map((seq) => `ny1-${seq}`),
  withdraw: fc.boolean(),
});

/** A record of an incident, of any type, as its type and data. */
export const randomRecord = fc.tuple(anyType, fields).map(([type, more]): readonly [string, Data] => {
  const sample: Data = sampleData[type];
  const changed = Object.entries(more).filter(([field]) => Object.hasOwn(sample, field));
  return [type, type === "incident.action" ? sample : { ...sample, ...Object.fromEntries(changed) }];
});
