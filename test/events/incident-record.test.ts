import fc from "fast-check";
import { expect, test } from "vitest";
import {
  asIncidentRecord,
  incidentData,
  refOf,
  type IncidentRecordType,
} from "../../src/events/incident-record.ts";
import { sampleData } from "./incident-samples.ts";

const types = Object.keys(incidentData) as IncidentRecordType[];

test.each(types)("%s is read as it was written, without what it may lack, and with what is new", (type) => {
  const data: Readonly<Record<string, unknown>> = JSON.parse(JSON.stringify(sampleData[type]));
  expect(asIncidentRecord(type, data)).toEqual({ type, data });
  expect(asIncidentRecord(type, { ...data, of_a_newer_version: [1] })).toBeDefined();
  for (const [name, field] of Object.entries(incidentData[type].spec.fields)) {
    const { [name]: _left, ...rest } = data;
    expect([name, asIncidentRecord(type, rest) === undefined]).toEqual([name, field.required]);
    if (field.shape.type !== "json")
      expect([name, asIncidentRecord(type, { ...data, [name]: { not: "so" } })]).toEqual([name, undefined]);
  }
});

test.each([
  ["a severity that is none", "incident.severity", { from: "P1", to: "P5", why: "x" }],
  [
    "an instant without a zone",
    "incident.fact",
    { name: "x", how: "typed", at: { at: "2026-11-30T09:00:00" } },
  ],
  [
    "an instant of no calendar",
    "incident.fact",
    { name: "x", how: "typed", at: { at: "2026-13-40T25:61:61.000Z" } },
  ],
  ["a role that is none", "incident.role", { role: "king", how: "taken" }],
  ["a reference that is none", "incident.correct", { record: "42", why: "x" }],
  ["a negative amount", "incident.answer", { person: "ada", by: "desk", eta_s: -1 }],
  ["a type of a newer version", "incident.teleported", { why: "x" }],
  ["a type that is a name of every object", "constructor", {}],
])("%s is no record of this version", (_what, type, data) => {
  expect(asIncidentRecord(type, data)).toBeUndefined();
});

test("nothing that another desk writes makes reading throw", () => {
  fc.assert(
    fc.property(fc.constantFrom(...types, "other"), fc.jsonValue(), (type, data) => {
      asIncidentRecord(type, data);
    }),
  );
});

test("a record is named by its desk and its number", () => {
  expect(refOf("ny1~2", 42)).toBe("ny1~2-42");
});
