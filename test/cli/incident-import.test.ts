import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pagerDutyStandIn, type PagerDutyStandIn } from "../../sandbox/channels/pagerduty.ts";
import { senderLock } from "../../src/store/layout.ts";
import { takeLock } from "../../src/store/lock.ts";
import { mkdirSync } from "node:fs";
import { only, Rig } from "./rig.ts";

let rig: Rig;
let duty: PagerDutyStandIn;
const env = { PD_KEY: "R0UTINGKEY0000000000000000000001" };
const full = { env: { ...env, FULL: "any 1" }, preload: new URL("preload/full.mjs", import.meta.url).href };

beforeEach(async () => {
  [rig, duty] = [await Rig.create(), await pagerDutyStandIn()];
  rig.platform(
    `people: { rosa: { name: Rosa, phone: "+44 20 7946 0004" } }\n` +
      `channels:\n  on-call: { pagerduty: { routing_keys: ["\${secrets.PD_KEY}"] }, url: "${duty.url}" }\n` +
      "severities: { P0: { name: Critical, page: [on-call] } }\n",
  );
  // No sender of these tests' own.
  mkdirSync(rig.state, { mode: 0o700 });
  await takeLock(senderLock(rig.state), 0);
});
afterEach(async () => {
  await Promise.all([rig, duty].map(async (one) => await one[Symbol.asyncDispose]()));
});

test("what a full disk did not take is imported, and what was paged is closed at its end", async () => {
  const lost = await rig.run(["declare", "P0", "orders rejected", "--mine"], full);
  expect(lost.code).toBe(1);
  expect(duty.incidents[0]?.key).toMatch(/^NR-\S+\/P0$/);
  const file = join(rig.folder, "kept.txt");
  writeFileSync(
    file,
    `$ lav-ir declare P0 "orders rejected" --mine\r\n${lost.stdout.replaceAll("\n", "\r\n> ")}$ `,
  );

  const asked = await rig.run(["incident", "import", file]);
  expect([asked.code, asked.stdout]).toEqual([3, ""]);
  expect(asked.stderr).toMatch(
    /^NR-\S+ {2}by \S+ on \S+ {2}-> a new incident\n {2}\d{4}-.* {2}declared P0: orders rejected\n/m,
  );
  expect(asked.stderr).toMatch(/there is no terminal to ask at; pass --yes\n$/);
  const [id = ""] = /NR-\S+/.exec(lost.stdout) ?? [];
  expect(
    only(await rig.run(["incident", "import", file, "--yes", "--json"]), "incident.imported"),
  ).toMatchObject({
    block: id,
    state: "imported",
    records: 5,
  });
  const again = await rig.run(["incident", "import", file, "--yes"]);
  expect([again.code, again.stderr]).toEqual([0, "nothing was imported: all of it is on record already\n"]);
  const timeline = await rig.run(["incident", "timeline"]);
  expect(timeline.stdout).toMatch(
    /declared P0: orders rejected \[imported \d{4}-\d\d-\d\d \d\d:\d\d by \S+\]/,
  );
  const resolved = await rig.run(["resolve", "over", "--json"]);
  expect(resolved.code).toBe(0);
  const shown = await rig.run([
    "incident",
    "show",
    "--incident",
    /INC-\d+-\d+/.exec(timeline.stdout)?.[0] ?? "",
  ]);
  expect(shown.stdout).toContain(`"kind":"notice","channel":"on-call","level":"P0"`);
  expect(shown.stdout).toMatch(new RegExp(`"kind":"notice".*"sent_as":"${id}"`));
  expect(duty.incidents).toHaveLength(1);
});

test("a block that is not whole is refused with its place, and nothing is written", async () => {
  const lost = await rig.run(["declare", "P0", "orders rejected"], full);
  const lines = lost.stdout.split("\n");
  const file = join(rig.folder, "kept.txt");
  writeFileSync(file, lines.filter((_line, n) => n !== 4).join("\n"));
  const refused = await rig.run(["incident", "import", file, "--yes"]);
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^\S+kept\.txt:5:1: line 2 of NR-\S+ is missing, or is not as it was printed: copy the block again, from its -----BEGIN to its -----END; nothing was imported\n$/,
    ),
  });
  expect((await rig.run(["incident", "list"])).stdout).not.toContain("open");
  const nothing = await rig.run(["incident", "import", join(rig.folder, "none.txt")]);
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining("none.txt cannot be read: ")]);
  expect(readFileSync(file, "utf8")).toContain("BEGIN");
});
