import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { causeOf } from "../../../src/app/wiring/halt-cause.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import type { IncidentRecord } from "../../../src/events/incident-record.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { incidentFolder, journalIn } from "../../../src/store/layout.ts";
import { write } from "../incident/queue.ts";

// What trading resume may believe: that the impact has ended, by a person's word that nobody has taken back.

const id = "INC-2026-0001";
let state = "";
beforeEach(() => void (state = mkdtempSync(join(tmpdir(), "lav-ir-"))));
afterEach(() => rmSync(state, { recursive: true }));

const cause = async (of = id): Promise<string> =>
  await causeOf(fileStore({ state, actor: "ada", host: "h" }, createClock()), of);

const opened: IncidentRecord = { type: "incident.note", data: { text: "opened" } };
const at = "2026-11-30T09:42:00.000Z";
const mitigated: IncidentRecord = {
  type: "incident.fact",
  data: { name: "mitigated", at: { at }, value: "routed around the venue", how: "typed" },
};
const resolved: IncidentRecord = { type: "incident.resolved", data: { message: "the venue is back" } };
const reopened: IncidentRecord = { type: "incident.reopened", data: { why: "it is gone again" } };
const other: IncidentRecord = {
  type: "incident.fact",
  data: { name: "recovered", at: { at }, how: "typed" },
};

test.each([
  ["nothing", [], "open"],
  ["another fact", [other], "open"],
  ["a person's word", [mitigated], "mitigated"],
  ["the end", [mitigated, resolved], "resolved"],
  ["an end that came first", [resolved], "resolved"],
  ["what opened it again", [mitigated, resolved, reopened], "open"],
  ["a word behind that", [resolved, reopened, mitigated], "mitigated"],
] as const)("after %s", async (_what, records, wanted) => {
  await write(state, [opened, ...records], { id });
  expect(await cause()).toBe(wanted);
});

test("a word that was withdrawn is none", async () => {
  await write(state, [opened, mitigated], { id });
  const desk = /"desk":"([^"]+)"/.exec(readFileSync(journalIn(incidentFolder(state, id)), "utf8"))?.[1] ?? "";
  const data = { record: `${desk}-2`, withdraw: true, why: "the other venue" };
  await write(state, [{ type: "incident.correct", data }], { id });
  expect(await cause()).toBe("open");
});

test("a word in a journal that somebody changed is none, and of an incident elsewhere nobody knows", async () => {
  await write(state, [opened, mitigated], { id });
  const journal = journalIn(incidentFolder(state, id));
  writeFileSync(journal, readFileSync(journal, "utf8").replace('"text":"opened"', '"text":"begun"'));
  expect([await cause(), await cause("INC-2026-0002")]).toEqual(["open", "unknown"]);
});
