// A state folder that takes nothing: what a person is told is what is in the way, and not what the system calls it.
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { appendRecords } from "../../../src/app/incident/chain.ts";
import { declareIncident } from "../../../src/app/incident/declare.ts";
import { noTexts } from "../../../src/app/incident/own-texts.ts";
import { ok } from "../../../src/base/result.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import { incidentPlanOf } from "../../../src/platform/incident-plan.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { StateFault } from "../../../src/store/state-check.ts";
import type { Store } from "../../../src/store/store.ts";
import { temporaryFolder } from "../../program.ts";
import { sendAll } from "./send.ts";
import { Providers } from "./stand-ins.ts";

const refuses = async (): Promise<never> =>
  await Promise.reject(Object.assign(new Error("EROFS: read-only file system, open"), { code: "EROFS" }));
let store: Store;
beforeEach(() => {
  const files = fileStore({ state: join(temporaryFolder(), "none"), actor: "ada", host: "h" }, createClock());
  store = { ...files, journal: refuses, whileDeclaring: refuses };
});
const words = { ok: false, failure: "the disk is mounted read-only" };

test("a record that is not taken", async () => {
  const note = { type: "incident.note", data: { text: "x" } } as const;
  expect(await appendRecords({ store, incident: "INC-2026-0001" }, [note])).toEqual(words);
});

test("an incident that cannot be opened", async () => {
  const own = { platform: undefined, missing: undefined, me: "ada", own: noTexts };
  const responders = { plan: incidentPlanOf({}, {}), text: (typed: string) => ok(typed), ...own };
  const flags = { security: false, drill: false, mine: false };
  const declaration = { severity: "P0", impact: "x", affects: [], ...flags } as const;
  expect(await declareIncident(store, responders, declaration)).toEqual(words);
});

test("a sender that cannot have its lock is no bug", async () => {
  await using providers = await Providers.start();
  await expect(sendAll(store.place, providers)).rejects.toThrow(
    new StateFault("the sender's lock: its folder is not there"),
  );
});
