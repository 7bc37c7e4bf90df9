import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { recordData, whyUnread, type JournalRecord } from "../../src/events/record.ts";
import { isSigned } from "../../src/events/signed.ts";
import { recordOf, recordsOf } from "../../src/events/run-record.ts";
import type { RunEvent } from "../../src/events/run.ts";

const finished: RunEvent = {
  type: "run.finished",
  time: new Date(0),
  run: "RUN-1",
  outcome: "completed",
  exit_code: 0,
  message: "every step completed",
  duration_ms: 5,
  journal: "j",
};

test("an event's record has everything but when, which its line says", () => {
  const { type, time: _time, ...data } = finished;
  expect(recordOf(finished)).toEqual({ type, data });
});

test.each([
  ["of a newer version", "run.rewound", { run: "RUN-1" }, "unknown"],
  ["a property that every object has", "toString", {}, "unknown"],
  ["without a field it must have", "step.intent", { run: "RUN-1", step: "act" }, "unreadable"],
  ["whose data is no object", "run.finished", null, "unreadable"],
  [
    "with a word that its field does not know",
    "approval",
    { ...finished, decision: "perhaps" },
    "unreadable",
  ],
])("a record %s is not read", (_what, type, data, why) => {
  expect(whyUnread(type, data)).toBe(why);
});

test("a field that this version does not know is no hindrance", () => {
  const data = { message: "the venue is back", mood: "good" };
  expect(whyUnread("incident.resolved", data)).toBeUndefined();
});

test("records of one run are picked out of those of many", () => {
  const other = recordOf({ ...finished, run: "RUN-2" });
  const note = { type: "incident.note", data: { text: "n" } } as const;
  expect(recordsOf([other, note, recordOf(finished)], "RUN-1")).toEqual([recordOf(finished)]);
});

test("docs/records.md says of every type who writes and who reads it, and which are signed", () => {
  const page = readFileSync(new URL("../../docs/records.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| ((?:`[\w.]+`(?:, )?)+) \|([st ]*)\| .+ \| .+ \|$/gm)].map(
    ([, types = "", marks = ""]) => ({ types: [...types.matchAll(/[\w.]+/g)].map(String), marks }),
  );
  expect(rows.flatMap(({ types }) => types).toSorted()).toEqual(Object.keys(recordData).toSorted());
  const signed = rows.filter(({ marks }) => marks.includes("s")).flatMap(({ types }) => types);
  const granted = { decision: "granted", how: "second-person" };
  const own = Object.keys(recordData).filter((type) => isSigned({ type, data: granted } as JournalRecord));
  expect(signed.toSorted()).toEqual(own.toSorted());
});

test("every record's fields say what they are", () => {
  for (const [type, { spec }] of Object.entries(recordData))
    for (const [name, { doc }] of Object.entries(spec.fields)) expect(doc, `${type} ${name}`).not.toBe("");
});
