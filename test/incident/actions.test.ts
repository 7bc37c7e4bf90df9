import { expect, test } from "vitest";
import type { IncidentData } from "../../src/events/incident-record.ts";
import { actionsOf, nextActionId } from "../../src/incident/actions.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import { declared, Desks } from "./chains.ts";

function action(
  id: string,
  more: Partial<IncidentData<"incident.action">> = {},
): IncidentData<"incident.action"> {
  return { id, text: `do ${id}`, priority: "medium", kind: "preventive", ...more };
}

test("the last record of an action says how it stands; the number goes on behind the highest", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  expect(nextActionId(foldIncident(desks.records))).toBe("1");
  desks.write("ny1", 1, "incident.action", action("1"));
  desks.write("ny1", 2, "incident.action", action("2"));
  desks.write("ny1", 3, "incident.action", action("1", { owner: "bob", due: "2026-12-10" }), "bob");
  desks.write("ny1", 4, "incident.action", action("2", { done: true }));
  const fold = foldIncident(desks.records);
  expect(actionsOf(fold)).toMatchObject([
    { id: "1", owner: "bob", due: "2026-12-10", done: false, ref: "ny1-4", by: "bob" },
    { id: "2", done: true, ref: "ny1-5" },
  ]);
  expect(nextActionId(fold)).toBe("3");
});

test("a record that was withdrawn counts for nothing, and a corrected text holds", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.write("ny1", 1, "incident.action", action("1"));
  const done = desks.write("ny1", 2, "incident.action", action("1", { done: true }));
  const gone = desks.write("ny1", 3, "incident.action", action("2"));
  const typo = desks.write("ny1", 4, "incident.action", action("3", { text: "rotat keys" }));
  for (const record of [done, gone])
    desks.write("ny1", 5, "incident.correct", { record, withdraw: true, why: "a slip" });
  desks.write("ny1", 6, "incident.correct", {
    record: typo,
    field: "text",
    value: "rotate keys",
    why: "a slip",
  });
  expect(actionsOf(foldIncident(desks.records))).toMatchObject([
    { id: "1", done: false, ref: "ny1-2" },
    { id: "3", text: "rotate keys" },
  ]);
});

test("two desks that knew nothing of each other took one number: both actions stay", () => {
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared());
  desks.sync("ldn", "ny1");
  desks.write("ldn", 1, "incident.action", action("1", { text: "at ldn" }));
  desks.write("ny1", 2, "incident.action", action("1", { text: "at ny1" }));
  desks.write("ny1", 3, "incident.action", action("1", { text: "at ny1", done: true }));
  const before = foldIncident(desks.records);
  expect(actionsOf(before)).toMatchObject([
    { id: "1", text: "at ldn", done: false },
    { id: "1@ny1", text: "at ny1", done: true },
  ]);
  desks.sync("ny1", "ldn");
  desks.write("ny1", 4, "incident.action", action("1", { text: "at ldn", owner: "bob" }));
  desks.write("ny1", 5, "incident.action", action("1@ny1", { text: "at ny1" }));
  expect(actionsOf(foldIncident(desks.records))).toMatchObject([
    { id: "1", text: "at ldn", owner: "bob" },
    { id: "1@ny1", done: false },
  ]);
  expect(nextActionId(before)).toBe("2");
});
