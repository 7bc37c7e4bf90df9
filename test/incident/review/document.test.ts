import fc from "fast-check";
import { expect, test } from "vitest";
import { incidentData, type IncidentRecordType } from "../../../src/events/incident-record.ts";
import { newReview, regenerated } from "../../../src/incident/review/document.ts";
import { piecesOf } from "../../../src/incident/review/marks.ts";
import { gapsOf } from "../../../src/incident/review/gaps.ts";
import { missingFrom } from "../../../src/incident/review/check.ts";
import { sampleData } from "../../events/incident-samples.ts";
import { at, declared, Desks, minute, policy } from "../chains.ts";
import { modelOf } from "./review-of.ts";

function textOf(desks: Desks, minutes?: number): string {
  return Buffer.from(newReview(modelOf(desks.records, minutes)), "latin1").toString("utf8");
}

/** Every record that a review names. */
function namedIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`\s]+-\d+)`/g)].map(([, ref = ""]) => ref);
}

/** One of nearly everything. */
function day(): Desks {
  const desks = new Desks();
  const head = { desk: "ny1", seq: 1, sum: "3fa9c1d20b7e" };
  const objectives = { mttr: 120 * minute };
  desks.write("ny1", 0, "incident.declared", {
    ...declared({ started: { at: at(-11), within_s: 60 }, policy: { ...policy, objectives } }),
    person: "ada",
  });
  const page = {
    key: "page/sms/bob/ny1-1",
    kind: "page" as const,
    channel: "sms",
    person: "bob",
    level: "P0",
  };
  desks.write("ny1", 0.1, "message.queued", { ...page, body: "x", head });
  desks.write("ny1", 0.2, "message.attempt", { key: page.key, n: 1, claimed: "own", repeat: false });
  desks.write("ny1", 0.3, "message.result", { key: page.key, n: 1, outcome: "accepted", provider_id: "SM1" });
  desks.put("ny1", 1.7, "halt.receipt", { halt: "HALT-1", outcome: "PROVEN", scope: "all" });
  desks.sync("ldn", "ny1");
  desks.write(
    "ldn",
    3.2,
    "incident.answer",
    { person: "bob", by: "sms", text: "on it", provider: { id: "R1", at: at(3.1) } },
    "sender",
  );
  desks.write("ldn", 6, "incident.role", { role: "commander", person: "bob", how: "taken" }, "bob");
  desks.put("ldn", 6.3, "snapshot.sealed", {
    snapshot: "lav-ir-1",
    verdict: "complete",
    sha256: "ab".repeat(32),
  });
  desks.write("ldn", 7, "incident.note", { text: "a | b <!-- lav-ir x -->\n`c`", decision: true }, "bob");
  desks.sync("ny1", "ldn");
  const users = desks.write("ny1", 30, "incident.fact", {
    name: "users",
    at: { at: at(20) },
    value: "1200",
    how: "typed",
  });
  desks.write("ny1", 31, "incident.correct", {
    record: users,
    field: "value",
    value: "900",
    why: "the other log",
  });
  const secret = desks.write("ny1", 32, "incident.note", { text: "hunter2" });
  desks.write("ny1", 33, "incident.correct", { record: secret, withdraw: true, why: "a password" });
  desks.write("ny1", 60, "incident.fact", {
    name: "mitigated",
    at: { at: at(60) },
    value: "routed",
    how: "typed",
  });
  desks.write("ny1", 90, "incident.resolved", { message: "the venue is back", cause: "a certificate" });
  desks.write("ny1", 95, "incident.action", {
    id: "1",
    text: "renew",
    kind: "preventive",
    priority: "high",
    owner: "bob",
    due: "2026-12-10",
  });
  return desks;
}

test("every record that the review names is one, and every row of a table of records ends in one", () => {
  const desks = day();
  const text = textOf(desks);
  const known = new Set(desks.records.map(({ desk, seq }) => `${desk}-${seq}`));
  expect(namedIn(text).filter((ref) => !known.has(ref))).toEqual([]);
  const timeline =
    /<!-- lav-ir timeline [^\n]*\n([\s\S]*?)\n<!-- \/lav-ir/.exec(text)?.[1]?.split("\n") ?? [];
  expect(timeline.length).toBeGreaterThan(12);
  for (const row of timeline.slice(2)) expect(row).toMatch(/ \| `(?:ny1|ldn)-\d+` \|$/);
});

test.each([
  ["| bob | 2026-11-30 09:45:06 UTC | sms: on it | `ldn-1` |"],
  ["| commander | 2026-11-30 09:48:00 UTC | typed by bob | `ldn-2` |"],
  ["| Users affected | ~~1200~~ 900, corrected by `ny1-7` | `ny1-6` |"],
  ["| Response (declared to answered) | 3m6s | 15m | met | `ny1-1`, `ldn-1` |"],
  ["| Repair (MTTR: started to recovered or mitigated) | 1h11m | 2h | met | `ny1-1`, `ny1-10` |"],
  [
    "| Recovery (RTO: started to recovered) | NOT KNOWN: no record of recovered: `lav-ir fact recovered --at … --incident INC-2026-0042` | 4h |  |  |",
  ],
  [
    "| Data at risk (RPO: recovery point to start) | NOT KNOWN: no record of recovery-point: `lav-ir fact recovery-point --at … --inc",
  ],
  ["| snapshot lav-ir-1, complete, SHA-256 abababab"],
  ["| the venue is back | a certificate | `ny1-11` |"],
  ["| 1 | renew | preventive | bob | 2026-12-10 | high | open | `ny1-12` |"],
  ["decision: a \\| b &lt;!-- lav-ir x --&gt; \\`c\\` | typed by bob |"],
  ["withdrawn: a password (corrected by `ny1-9`) | typed by ada | `ny1-8` |"],
  ["* NOT KNOWN: the last good recovery point (RPO): `lav-ir fact recovery-point --at"],
])("it says: %s", (line) => {
  expect(textOf(day())).toContain(line);
});

test("a figure of which a person says that it is not known names no command", () => {
  const desks = day();
  desks.write("ny1", 96, "incident.fact", {
    name: "recovery-point",
    at: { at: at(96) },
    value: "not known",
    how: "typed",
  });
  expect(textOf(desks)).toContain("| NOT KNOWN: no record of recovery-point |");
  expect(textOf(desks)).not.toContain("lav-ir fact recovery-point");
});

test("what was withdrawn is nowhere in it", () => {
  expect(textOf(day())).not.toContain("hunter2");
});

test("a time that was corrected is there twice, and the figures are those of the later one", () => {
  const desks = day();
  const record = "ldn-1";
  desks.write("ny1", 96, "incident.correct", { record, field: "at", value: { at: at(2) }, why: "the log" });
  const text = textOf(desks);
  expect(text).toContain(
    "| answered | ~~2026-11-30 09:45:06~~ 2026-11-30 09:44:00 UTC, corrected by `ny1-13` |",
  );
  expect(text).toContain("| Response (declared to answered) | 2m | 15m | met |");
});

test("once it is over it is the same at any time, and after it was held", () => {
  const desks = day();
  const first = textOf(desks, 100);
  expect(textOf(desks, 10_000)).toBe(first);
  desks.write("ny1", 101, "incident.review", { sha256: "00", state: "done" });
  expect(textOf(desks, 10_000)).toBe(first);
});

test.each([
  ["no record at all", new Desks()],
  ["nothing but what was before declare", withRecords([["halt.receipt", { outcome: "PROVEN" }]])],
  ["a drill, and nothing else", withRecords([["incident.declared", declared({ drill: true })]])],
  [
    "one that was opened again",
    withRecords([
      ["incident.declared", declared()],
      ["incident.resolved", { message: "x" }],
      ["incident.reopened", { why: "y" }],
    ]),
  ],
  [
    "one that was cancelled",
    withRecords([
      ["incident.declared", declared()],
      ["incident.cancelled", { why: "x" }],
    ]),
  ],
])("%s: it says what is not known", (_what, desks) => {
  const text = textOf(desks);
  expect(text).toContain("NOT KNOWN");
  const pieces = piecesOf(newReview(modelOf(desks.records)));
  expect(pieces.ok && missingFrom(modelOf(desks.records), pieces.value).length).toBeGreaterThan(0);
});

function withRecords(all: readonly (readonly [string, object])[]): Desks {
  const desks = new Desks();
  for (const [at, [type, data]] of all.entries()) desks.put("ny1", at, type, data);
  return desks;
}

test("what a command can no longer put on record is no gap: the gate can be passed", () => {
  const fills = (...all: readonly (readonly [string, object])[]): readonly string[] =>
    gapsOf(modelOf(withRecords([["incident.declared", declared()], ...all]).records)).map(({ what }) => what);
  expect(fills()).toEqual(expect.arrayContaining(["who commands", "what resolved it"]));
  expect(fills(["incident.resolved", { message: "x" }])).not.toContain("who commands");
  expect(fills(["incident.cancelled", { why: "x" }])).not.toContain("what resolved it");
});

test("ten thousand records of three days and two desks: each row has its record", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared({ policy: { ...policy, zone: "America/New_York" } }));
  const records = desks.records.slice();
  for (let seq = 1; seq <= 5000; seq++) {
    const time = at(seq * 0.864);
    records.push({
      desk: "ny1",
      seq: seq + 1,
      time,
      actor: "ada",
      type: "incident.note",
      data: { text: `n${seq}` },
    });
    records.push({ desk: "ldn", seq, time, actor: "bob", type: "incident.note", data: { text: `l${seq}` } });
  }
  const text = Buffer.from(newReview(modelOf(records)), "latin1").toString("utf8");
  const rows = text.split("\n").filter((line) => / \| note: /.test(line));
  expect(rows).toHaveLength(10_000);
  expect(rows.at(-1)).toMatch(
    /^\| 2026-12-03 .*UTC \(America\/New_York .*\) \| note: [nl]5000 \| typed by \w+ \| `(?:ldn-5000|ny1-5001)` \|$/,
  );
});

test("whatever the records hold, it is made, reads back, and names records that there are", () => {
  const types = Object.keys(incidentData) as IncidentRecordType[];
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom("ny1", "ldn"),
          fc.constantFrom(...types),
          fc.integer({ min: -50, max: 500 }),
        ),
      ),
      (written) => {
        const desks = new Desks();
        for (const [desk, type, minutes] of written) desks.put(desk, minutes, type, sampleData[type]);
        const model = modelOf(desks.records);
        const file = newReview(model);
        expect(regenerated(model, file)).toEqual({ ok: true, value: file });
        const known = new Set(desks.records.map(({ desk, seq }) => `${desk}-${seq}`));
        expect(namedIn(file).filter((ref) => !known.has(ref))).toEqual([]);
      },
    ),
  );
});
