import fc from "fast-check";
import { expect, test } from "vitest";
import { foldIncident } from "../../src/incident/fold.ts";
import { statusOf } from "../../src/incident/status.ts";
import { statusLines, statusRows } from "../../src/output/incident-status.ts";
import { widthOf } from "../../src/output/wrap.ts";
import { declared, Desks, minute, zero } from "../incident/chains.ts";

const names = {
  severity: "Critical",
  deputies: ["bob", "cy"],
  call: (person: string) => (person === "max" ? "call +1 555 0102" : undefined),
};

function screen(desks: Desks, minutes: number, columns = 80): readonly string[] {
  const now = zero + minutes * minute;
  return statusLines(statusOf(foldIncident(desks.records), now, "INC-2026-0042"), now, columns, names);
}

test("what is late stands first, then what is due next, then what is met", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  const head = { desk: "ny1", seq: 1, sum: "00" };
  const page = { kind: "page" as const, channel: "sms", person: "max", level: "P0", body: "x", head };
  desks.write("ny1", 0, "message.queued", { key: "p", ...page });
  desks.write("ny1", 1, "message.result", { key: "p", n: 1, outcome: "accepted" });
  desks.put("ny1", 3, "halt.receipt", { halt: "HALT-1", outcome: "PROVEN" });
  desks.write("ny1", 4, "incident.answer", {
    person: "rosa",
    by: "phone",
    told_by: "ada",
    text: "on it",
    eta_s: 1800,
  });
  expect(screen(desks, 18)).toEqual([
    "INC-2026-0042  P0 CRITICAL  open 18m  TRADING HALTED, proven 09:45:00 UTC",
    "Orders rejected",
    "affects executioner",
    "",
    "! commander      MISSED 3m ago         lav-ir role commander me",
    '! updates 1      MISSED 3m ago         lav-ir update "…"',
    "  rto            3h42m left            lav-ir fact recovered",
    "  met            alerted 1m, halted 3m, answered 4m (rosa)",
    "",
    "PEOPLE   commander nobody    scribe nobody    comms nobody    deputy bob, cy",
    'answered rosa 09:46:00 by phone, told by ada "on it", there in 16m',
    "SILENT   max: paged 18m ago, sms accepted, call +1 555 0102",
    "SENT     1 accepted",
    'NEXT     lav-ir role commander me    lav-ir note "…"    lav-ir mitigated "…"',
  ]);
});

test("a page that its channel holds says why, and whom to call", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  const head = { desk: "ny1", seq: 1, sum: "00" };
  const page = { kind: "page" as const, channel: "sms", person: "max", level: "P0", body: "x", head };
  desks.write("ny1", 0, "message.queued", { key: "p", ...page });
  desks.write("ny1", 1, "message.result", {
    key: "p",
    n: 0,
    outcome: "refused",
    code: "secret: SMS_TOKEN is not set",
  });
  const lines = screen(desks, 2, 100);
  expect(lines).toContain("SILENT   max: paged 2m ago, sms held: SMS_TOKEN is not set, call +1 555 0102");
  expect(lines).toContain("SENT     1 held");
});

test("two commanders are shown as what they are", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.sync("ldn", "ny1");
  desks.write("ny1", 2, "incident.role", { role: "commander", person: "ada", how: "taken" });
  desks.write("ldn", 3, "incident.role", { role: "commander", person: "bob", how: "taken" });
  expect(screen(desks, 4, 120).join("\n")).toContain(
    "commander ada and bob (CONFLICT: lav-ir role settles it)",
  );
});

test("it is never more than a screen, and hides nothing that was missed", () => {
  const word = fc.constantFrom("x", "Orders rejected at every venue of the platform ", "über ", "訂單 ");
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 40 }),
      fc.array(word, { maxLength: 30 }),
      fc.constantFrom(80, 120),
      (answers, pages, impact, columns) => {
        const desks = new Desks();
        desks.write(
          "ny1",
          0,
          "incident.declared",
          declared({ impact: `i${impact.join("")}`, affects: impact }),
        );
        const head = { desk: "ny1", seq: 1, sum: "00" };
        for (let at = 0; at < pages; at++) {
          const data = {
            key: `p${at}`,
            kind: "page" as const,
            channel: "sms",
            person: `q${at}`,
            level: "P0",
            body: "x",
            head,
          };
          desks.write("ny1", 1, "message.queued", data);
        }
        for (let at = 0; at < answers; at++)
          desks.write("ny1", 2, "incident.answer", { person: `p${at}`, by: "desk", text: impact.join("") });
        const lines = screen(desks, 20, columns);
        expect(lines.length).toBeLessThanOrEqual(statusRows);
        expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns);
        expect(lines.filter((line) => line.startsWith("! "))).toHaveLength(answers > 0 ? 4 : 5);
      },
    ),
  );
});
