import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { IncidentRecord } from "../../src/events/incident-record.ts";
import { write } from "../app/incident/queue.ts";
import { ctrlC, enter, Screen } from "./screen.ts";
import { Rig } from "./rig.ts";

let rig: Rig;
const screens: Screen[] = [];
beforeEach(async () => {
  rig = await Rig.create();
  rig.platform(
    'people: { bob: { name: Bob, phone: "+15550102" } }\n' +
      "channels: { phone: { call: {} } }\n" +
      "severities: { P0: { name: Critical, means: everything, page: [phone:bob] } }\n" +
      "clocks: { commander: { until: commander, within: { P0: 15m } } }\n",
  );
});
afterEach(async () => {
  for (const screen of screens.splice(0)) screen[Symbol.dispose]();
  await rig[Symbol.asyncDispose]();
});

function open(columns = 80, rows = 24): Screen {
  const screen = new Screen(rig, ["watch"], { columns, rows });
  screens.push(screen);
  return screen;
}
const run = async (...args: readonly string[]) => await rig.run(args);

describe.each([
  [80, 24],
  [120, 40],
  [40, 8],
])("at %i by %i", (columns, rows) => {
  test("it shows what others record, by itself, and never scrolls", async () => {
    await run("declare", "P0", "orders rejected");
    const screen = open(columns, rows);
    await screen.shows(/INC-\d+-0001 P0 {2}open/);
    await screen.shows("q quit");
    const notes = Array.from({ length: rows + 2 }, (_none, at): IncidentRecord => {
      return { type: "incident.note", data: { text: `number ${at + 1}` } };
    });
    await write(rig.state, notes, { id: /INC-\d+-\d+/.exec(screen.text())?.[0] ?? "" });
    await screen.shows(`note: number ${rows + 2}`);
    const lines = screen.text().split("\n");
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    expect(lines[0]).toMatch(/^INC-\d+-0001 P0/);
    expect(lines.at(-1)).toContain("q quit");
    screen.type("q");
    expect(await screen.ended).toMatchObject({ code: 0 });
    expect(screen.raw.endsWith("\u001b[?1049l")).toBe(true);
  });
});

test("a key asks, runs its command, and says what came of it", async () => {
  await run("declare", "P0", "orders rejected");
  const screen = open();
  await screen.shows("commander nobody");
  screen.type("r");
  await screen.shows("Role and person");
  screen.type(`commander bob${enter}`);
  await screen.shows("commander bob  [watch]");
  await screen.shows(/on record \(\S+-\d+\); commander: bob \(given\)/);
  screen.type("n");
  await screen.shows("Note:");
  screen.type(`gateway restarted${enter}`);
  await screen.shows("note: gateway restarted");
  // What cannot be done is said, and nothing is lost by it.
  screen.type("e");
  await screen.shows("Page the next level");
  screen.type(`y${enter}`);
  await screen.shows("the platform file defines no escalation");
  screen.type("a");
  await screen.shows("Acknowledge the page");
  screen.type(enter);
  await screen.shows("answered");
  screen.type("q");
  expect(await screen.ended).toMatchObject({ code: 0 });
  const { stdout } = await run("incident", "timeline");
  expect(stdout).toContain("note: gateway restarted");
});

test("Ctrl-C leaves it with the terminal as it was", async () => {
  await run("declare", "P0", "orders rejected");
  const screen = open();
  await screen.shows("q quit");
  screen.type(ctrlC);
  const { code, text } = await screen.ended;
  expect(code).toBe(130);
  expect(text).not.toContain("q quit");
});

test("without a terminal it is the status, once; as --json it is refused", async () => {
  await run("declare", "P0", "orders rejected");
  const once = await run("watch");
  expect([once.code, once.stdout]).toEqual([0, expect.stringContaining("NEXT     lav-ir role commander me")]);
  expect((await run("watch", "--json")).code).toBe(2);
});
