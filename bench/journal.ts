import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { createClock } from "../src/drivers/clock.ts";
import type { JournalRecord } from "../src/events/record.ts";
import { genesis } from "../src/store/chain.ts";
import { newLines } from "../src/store/journal-line.ts";
import { incidentFolder, journalIn } from "../src/store/layout.ts";

const minute = 60_000;
const policy = {
  severities: { P0: { name: "Critical", means: "Everything is down", page: ["war-room"] } },
  clocks: [
    { name: "alerted", until: "paged", within: { P0: 2 * minute }, every: {} },
    { name: "answered", until: "answered", within: { P0: 15 * minute }, every: {} },
    { name: "updates", until: "update", within: {}, every: { P0: 15 * minute } },
  ].map((clock) => ({ on: true, from: "declared", after: [], ...clock })),
  escalation: { L1: { who: "On-call engineer", to: ["on-call"], answer: 5 * minute } },
  teams: { risk: ["rosa"] },
  zone: "UTC",
};

/**
 * The journal of a long incident: half of its records are of messages, each queued, tried and accepted; the others are
 * notes, and what runs tell of their steps.
 */
export function longJournal(state: string, incident: string, length: number): void {
  const journal = journalIn(incidentFolder(state, incident));
  mkdirSync(dirname(journal), { recursive: true, mode: 0o700 });
  const records = Array.from({ length }, (_none, at) => recordAt(at, incident));
  const by = { desk: "ny1", actor: "ada", host: "ops-1", clock: createClock() };
  writeFileSync(journal, newLines(records, { seq: 0, prev: genesis }, by).text, { mode: 0o600 });
}

function recordAt(at: number, incident: string): JournalRecord {
  if (at === 0) return declared(incident);
  return at % 2 === 0 ? ofMessage(Math.floor(at / 6), Math.floor(at / 2) % 3) : ofWork(Math.floor(at / 2));
}

function declared(number: string): JournalRecord {
  const flags = { security: false, drill: false };
  const impact = "Orders rejected at all venues";
  const lists = { affects: ["executioner"], triggers: [], adopted: [] };
  return { type: "incident.declared", data: { number, severity: "P0", impact, ...flags, ...lists, policy } };
}

function ofMessage(which: number, stage: number): JournalRecord {
  const kind = (["page", "update", "reminder"] as const)[which % 3] ?? "page";
  const channel = ["war-room", "on-call", "hook", "sms"][which % 4] ?? "war-room";
  const key = `${kind}/${channel}/ny1-${which}`;
  if (stage === 1) return { type: "message.attempt", data: { key, n: 1, claimed: "own", repeat: false } };
  if (stage === 2)
    return { type: "message.result", data: { key, n: 1, outcome: "accepted", provider_id: `M${which}` } };
  const head = { desk: "ny1", seq: which, sum: "3fa9c1d20b7e" };
  const body = `UPDATE ${which}: orders are rejected at all venues; the gateway has been restarted, and it is watched.`;
  return { type: "message.queued", data: { key, kind, channel, level: "P0", body, head } };
}

function ofWork(which: number): JournalRecord {
  const place = { run: "RUN-1", step: "health", section: "diagnose" } as const;
  const step = { ...place, title: "The API answers", kind: "http.get", effect: "read" } as const;
  const outputs = { status: 200, duration_ms: 12 };
  if (which % 3 === 0)
    return { type: "incident.note", data: { text: `gateway restarted, queue at ${which}, watching` } };
  if (which % 3 === 1)
    return { type: "step.started", data: { ...step, action: "http.get: GET http://127.0.0.1/health" } };
  return { type: "step.finished", data: { ...step, status: "ok", duration_ms: 12, attempts: 1, outputs } };
}
