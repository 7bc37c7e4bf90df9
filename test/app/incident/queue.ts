import { hostname } from "node:os";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import type { Clock } from "../../../src/ports/ports.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import type { Outbox } from "../../../src/incident/outbox.ts";
import { openJournal } from "../../../src/store/journal.ts";
import { readJournal } from "../../../src/store/journal-record.ts";
import { incidentFolder, journalIn } from "../../../src/store/layout.ts";
import { asIncidentRecord } from "../../../src/events/incident-record.ts";
import { incident, outboxFrom, queued } from "../../incident/records.ts";

/** Writes records into an incident's journal, as commands do. */
export async function write(
  state: string,
  records: readonly IncidentRecord[],
  { id = incident, clock = createClock() }: { readonly id?: string; readonly clock?: Clock } = {},
): Promise<void> {
  const folder = incidentFolder(state, id);
  const journal = await openJournal({
    folder,
    root: state,
    actor: "ada",
    host: hostname(),
    clock,
    shared: true,
  });
  for (const record of records) await journal.append(record, { sync: true });
  journal.close();
}

/** What the journal says now. */
export function outboxIn(state: string, id = incident): Outbox {
  const { records, problem } = readJournal(journalIn(incidentFolder(state, id)));
  if (problem !== undefined) throw new Error(`line ${problem.line} ${problem.message}`);
  const timed = records.flatMap(({ type, data, time }) => {
    const record = asIncidentRecord(type, data);
    return record === undefined ? [] : [{ record, at: Date.parse(time) }];
  });
  return outboxFrom(timed, { incident: id, isPrivate: () => false });
}

/** Types and keys of an incident's records on messages, in order. */
export function messageRecords(state: string, id = incident): readonly string[] {
  return readJournal(journalIn(incidentFolder(state, id))).records.flatMap((line) => {
    if (line.type === "message.queued") return [`queued ${line.data.key}`];
    if (line.type === "message.attempt") return [`attempt ${line.data.key}`];
    return line.type === "message.result" ? [`result ${line.data.key} ${line.data.outcome}`] : [];
  });
}

/** What opens an incident. */
export const opened: IncidentRecord = {
  type: "incident.note",
  data: { text: "opened" },
};

/** Messages for every channel of the stand-ins. */
export const everyWay: readonly IncidentRecord[] = [
  queued({ key: "slack", channel: "war-room" }),
  queued({ key: "pager", channel: "on-call" }),
  queued({ key: "sms", channel: "sms", person: "rosa" }),
  queued({ key: "update", channel: "war-room", kind: "update" }),
];
