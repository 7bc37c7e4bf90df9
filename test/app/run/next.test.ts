import { expect, test } from "vitest";
import { nextCommands } from "../../../src/app/run/next.ts";
import type { Outcome } from "../../../src/events/run.ts";

const run = "RUN-1";
const resume = "lav-ir resume RUN-1";
const show = "lav-ir runs show RUN-1";

const nexts: Readonly<Record<Outcome, readonly string[]>> = {
  healthy: [],
  resolved: [],
  completed: [],
  findings: [show],
  mitigated: [show],
  exhausted: [show],
  failed: [show],
  unknown: [show],
  declined: [resume],
  "approval-needed": [resume],
  // The command is in its sentence.
  interrupted: [],
};

const good = new Set(["healthy", "resolved", "completed"]);

test.each(Object.entries(nexts))("after %s", (outcome, commands) => {
  const event = { run, outcome: outcome as Outcome, journal: "/j", exit_code: good.has(outcome) ? 0 : 1 };
  expect(nextCommands({ event, options: {}, incident: undefined })).toEqual(commands);
  // A rehearsal has no record to show or to resume.
  expect(nextCommands({ event: { ...event, journal: "" }, options: {}, incident: undefined })).toEqual([]);
});

test("after a good end whose `after` was not well", () => {
  const event = { run, outcome: "resolved", journal: "/j", exit_code: 4 } as const;
  expect(nextCommands({ event, options: {}, incident: undefined })).toEqual([show]);
});

test("in an incident what did not help is escalated; a state folder of its own is named", () => {
  const event = { run, outcome: "exhausted", journal: "/j", exit_code: 1 } as const;
  expect(nextCommands({ event, options: { stateDir: "my state" }, incident: "INC-2026-0042" })).toEqual([
    "lav-ir runs show RUN-1 --state-dir 'my state'",
    "lav-ir escalate",
  ]);
});
