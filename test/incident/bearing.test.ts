import fc from "fast-check";
import { expect, test } from "vitest";
import { recordData, whyUnread } from "../../src/events/record.ts";
import { bearsOnStatus, passes, standingOf } from "../../src/incident/bearing.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import type { ChainRecord } from "../../src/incident/order.ts";
import { statusOf } from "../../src/incident/status.ts";
import { declared, minute, policy, zero } from "./chains.ts";
import { randomRecord } from "./random-records.ts";
import { cases } from "../cases.ts";

const step = { run: "RUN-1", step: "one", key: "one", section: "steps" };
const proof = "trading.proof: prove that all is halted at sim-1";
const told = [
  ["step.started", { ...step, action: proof }],
  ["step.started", { ...step, action: "http.get: GET /" }],
  ["step.finished", { ...step, outputs: { verdict: "PROVEN", halts: ["H-1"] } }],
  ["step.finished", { ...step, outputs: { outcome: "NOT PROVEN" } }],
  ["step.intent", { ...step, action: "trading.resume: stage 1" }],
  ["step.intent", { ...step, action: "service.restart: restart" }],
  ["step.outcome", { ...step, status: "failed" }],
  ["step.outcome", { ...step, status: "ok" }],
  ["halt.receipt", { halt: "HALT-1", outcome: "PROVEN" }],
  ["halt.receipt", { halt: "HALT-2", outcome: "NOT PROVEN" }],
  ["snapshot.sealed", { snapshot: "S-1" }],
  ["evidence.sealed", { snapshot: "S-2" }],
  ["incident.rewound", {}],
  ...Object.keys(recordData).map((type) => [type, {}] as const),
] as const;

const one = fc.oneof(randomRecord, fc.constantFrom(...told));

/** Records of one desk, some minutes apart. */
const chain = fc.array(fc.tuple(one, fc.nat(20)), { maxLength: 40 }).map((rows): readonly ChainRecord[] => {
  const all = [["incident.declared", declared({ policy })], ...rows.map(([record]) => record)] as const;
  let at = zero;
  return all.map(([type, data], index) => {
    at += (rows[index - 1]?.[1] ?? 0) * minute;
    const time = new Date(at).toISOString();
    return { desk: "ny1", seq: index + 1, time, actor: "ada", type, data: data as ChainRecord["data"] };
  });
});

/** Whether a later record tells the same standing. */
function hasPassed(all: readonly ChainRecord[], index: number): boolean {
  const [record] = all.slice(index, index + 1);
  const of = record === undefined ? undefined : standingOf(record);
  if (record === undefined || of === undefined || !passes(record)) return false;
  // What this version cannot read tells nothing.
  const later = all.slice(index + 1).filter(({ type, data }) => whyUnread(type, data) === undefined);
  return later.some((one) => standingOf(one) === of);
}

test("a status is the same without the records that do not bear on it, but for what is counted", () => {
  fc.assert(
    fc.property(chain, fc.nat(3), fc.nat(500), (records, from, minutes) => {
      // Some journals do not begin with a declaration.
      const all = records.slice(from === 3 ? 1 : 0);
      const needed = all.filter(
        (record, index) => index === 0 || (bearsOnStatus(record) && !hasPassed(all, index)),
      );
      const now = zero + minutes * minute;
      const counted = { notes: 0, unknown: 0 };
      expect({ ...statusOf(foldIncident(needed), now, "x"), ...counted }).toEqual({
        ...statusOf(foldIncident(all), now, "x"),
        ...counted,
      });
    }),
    cases(200),
  );
});
