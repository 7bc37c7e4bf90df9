/** faults 2: the time to respond runs from the incident, or from the run's first process, and never begins again. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { only, Rig, type Ended } from "./rig.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.inside();
  rig.runbook(
    "book",
    `severity: P1\nservice: market\nsteps: [{ id: one, title: One, "http.post": "\${service.url}/one" }]\n`,
  );
});
afterEach(async () => await rig[Symbol.asyncDispose]());

const firstTime = (journal: string): unknown =>
  (JSON.parse(readFileSync(journal, "utf8").split("\n")[0] ?? "") as { readonly time: unknown }).time;
const started = (ended: Ended) => only(ended, "run.started");

test("a run that is resumed responds by when it began", async () => {
  rig.server.on("POST /one", "hang");
  const asked = rig.server.arrives("POST /one");
  const killed = rig.start(["run", "book", "--yes"]);
  await asked;
  killed.kill("SIGKILL");
  expect((await killed.ended).stderr).toMatch(/respond within 1h, by \d\d:\d\d:\d\d UTC/);
  const begun = firstTime(rig.journal());
  const by = new Date(Date.parse(String(begun)) + 3_600_000).toISOString().slice(11, 19);
  const resumed = await rig.run(["resume", "--yes"]);
  expect(resumed.stderr).toContain(`respond within 1h, by ${by} UTC`);
});

test("one by itself begins it, one of an incident has the incident's", async () => {
  rig.server.on("POST /one", 200);
  expect(started(await rig.run(["run", "book", "--yes", "--json"]))).not.toHaveProperty("response_since");
  await rig.run(["declare", "P1", "no data"]);
  const first = started(await rig.run(["run", "book", "--yes", "--json"]));
  const second = started(await rig.run(["run", "book", "--yes", "--json"]));
  expect(first["response_since"]).toBe(firstTime(String(first["journal"])));
  expect(second["response_since"]).toBe(first["response_since"]);
});
