import { join } from "node:path";
import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { declareIncident } from "../../../src/app/incident/declare.ts";
import { noTexts } from "../../../src/app/incident/own-texts.ts";
import { ok } from "../../../src/base/result.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { temporaryFolder } from "../../program.ts";

test("who declares without having waited for others has a number of his own all the same", async () => {
  const state = join(temporaryFolder(), "state");
  mkdirSync(state, { mode: 0o700 });
  const files = fileStore({ state, actor: "ada", host: "h" }, createClock());
  // As on a machine on which another one holds the lock for longer than is waited.
  const store = { ...files, whileDeclaring: async <T>(act: () => Promise<T>) => await act() };
  const own = { platform: undefined, missing: undefined, me: "ada", own: noTexts };
  const responders = { plan: incidentPlanOf({}, {}), text: (typed: string) => ok(typed), ...own };
  const flags = { security: false, drill: false, mine: false };
  const all = await Promise.all(
    ["a", "b", "c"].map(async (impact) => {
      const made = await declareIncident(store, responders, {
        severity: "P3",
        impact,
        affects: [],
        ...flags,
      });
      return made.ok ? made.value.number.replace(/^INC-\d+-/, "") : made.failure;
    }),
  );
  expect(all.toSorted()).toEqual(["0001", "0002", "0003"]);
});
