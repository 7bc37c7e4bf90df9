import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { declareIncident } from "../store/incident.ts";
import { only, Rig } from "./rig.ts";
import { enter, Screen } from "./screen.ts";

let rig: Rig;
beforeEach(async () => {
  rig = await Rig.create();
});
afterEach(async () => await rig[Symbol.asyncDispose]());

/** @returns the path of its journal */
function incident(id: string): string {
  return declareIncident(rig.state, id);
}

/** Neither a cause, nor another day for the review. */
async function defaults(screen: Screen): Promise<void> {
  for (const question of ["Cause?", "Review on?"]) {
    await screen.shows(question);
    screen.type(enter);
  }
}

function ends(path: string): readonly unknown[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.includes('"type":"incident.resolved"'))
    .map((line) => (JSON.parse(line) as { data: unknown }).data);
}

const instant: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT10:00:00\.000Z$/);

test("the open incident's end is on record, once, without a secret; then none is open", async () => {
  const path = incident("INC-2026-0001");
  const env = { EMERGENCY_TOKEN: "a-secret-token", SUDO_USER: "ada" };
  const first = await rig.run(["resolve", "the venue is back, a-secret-token"], { env });
  expect([first.code, first.stdout.split("\n")[0], first.stderr]).toEqual([
    0,
    "INC-2026-0001 is resolved",
    "",
  ]);
  expect(ends(path)).toEqual([
    { message: expect.stringMatching(/^the venue is back, ‹secret:/) as string, review_on: instant },
  ]);
  const again = await rig.run(["resolve", "x", "--incident", "INC-2026-0001", "--json"], { env });
  expect([again.code, only(again, "incident.resolved")["repeated"], ends(path).length]).toEqual([0, true, 1]);
  const none = await rig.run(["resolve", "x"]);
  expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("no incident is open")]);
});

test.each([
  ["without a word on what resolved it", ["resolve"], "resolve needs what resolved it"],
  ["with a blank one", ["resolve", " "], "resolve needs what resolved it"],
  [
    "when two are open",
    ["resolve", "x"],
    "several incidents are open: INC-2026-0002 (P1), INC-2026-0001 (P1); name one with --incident",
  ],
  [
    "when there is none of that name",
    ["resolve", "x", "--incident", "INC-2026-0009"],
    "no incident INC-2026-0009",
  ],
])("is refused %s, and nothing is on record", async (what, args, says) => {
  const path = incident("INC-2026-0001");
  if (what === "when two are open") incident("INC-2026-0002");
  const ended = await rig.run(args);
  expect([ended.code, ended.stderr, ends(path)]).toEqual([2, expect.stringContaining(says), []]);
});

test("when several are open none is ended by a guess, however severe it is", async () => {
  const path = declareIncident(rig.state, "INC-2026-0001", { severity: "P0" });
  incident("INC-2026-0002");
  const ended = await rig.run(["resolve", "x"]);
  expect([ended.code, ends(path)]).toEqual([2, []]);
  expect(ended.stderr).toContain("several incidents are open: INC-2026-0001 (P0), INC-2026-0002 (P1);");
  using screen = new Screen(rig, ["resolve", "x"]);
  await screen.shows("Which incident?");
  screen.type(enter);
  await defaults(screen);
  expect([(await screen.ended).code, ends(path).length]).toEqual([0, 1]);
});

test("at a terminal it is asked for; nothing leaves it open", async () => {
  const path = incident("INC-2026-0001");
  for (const [typed, code] of [
    ["", 3],
    ["restarted", 0],
  ] as const) {
    using screen = new Screen(rig, ["resolve"]);
    await screen.shows("What resolved INC-2026-0001?");
    screen.type(`${typed}${enter}`);
    if (code === 0) await defaults(screen);
    expect((await screen.ended).code).toBe(code);
  }
  expect(ends(path)).toEqual([{ message: "restarted", review_on: instant }]);
});

test("a journal that cannot be written: it is not resolved, and that is said", async () => {
  const path = incident("INC-2026-0001");
  const preload = new URL("preload/full.mjs", import.meta.url).href;
  const ended = await rig.run(["resolve", "x"], { preload, env: { FULL: "incident.resolved 1" } });
  expect([ended.code, ended.stdout, ends(path)]).toEqual([2, "", []]);
  expect(ended.stderr).toContain(
    "INC-2026-0001 is NOT resolved: the resolution could not be recorded: the disk is full",
  );
});
