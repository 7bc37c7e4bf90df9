import { expect, test } from "vitest";
import { alertText } from "../../src/incident/alert-text.ts";
import { foldIncident } from "../../src/incident/fold.ts";
import { statusOf } from "../../src/incident/status.ts";
import { at, declared, Desks, minute, policy } from "./chains.ts";

// What is paged first, as far as the screen's tests do not show it.

test.each([
  [15 * minute, "every 15 minutes"],
  [minute, "every minute"],
  [20_000, "every 20s"],
  [1.5 * minute, "every 1m30s"],
])("updates are promised at the interval of their clock: %d ms", (every, text) => {
  const clocks = policy.clocks.map((clock) =>
    clock.name === "updates" ? { ...clock, every: { P0: every } } : clock,
  );
  const desks = new Desks();
  desks.write("ny1", 0, "incident.declared", declared({ policy: { ...policy, clocks } }));
  const status = statusOf(foldIncident(desks.records), Date.parse(at(0)), "INC-2026-0042");
  expect(alertText(status, "Critical")).toContain(`\nStatus updates ${text} until resolved.\n`);
});
