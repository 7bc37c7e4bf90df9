// faults 0.6: a terminal of any size, and one whose size changes while something is asked.
import { afterEach, beforeEach, expect, test } from "vitest";
import { Rig } from "./rig.ts";
import { enter, Screen } from "./screen.ts";

let rig: Rig;
let screens: Screen[] = [];
beforeEach(async () => {
  rig = await Rig.create();
  rig.runbook("book", book);
  rig.server.on("POST /act", 200).on("GET /state", { json: { size: 7 } });
});
afterEach(async () => {
  for (const screen of screens) screen[Symbol.dispose]();
  screens = [];
  await rig[Symbol.asyncDispose]();
});

const book = `
title: Act on the market
severity: P1
service: market
steps:
  - { id: act, title: Act, "http.post": { url: "\${service.url}/act", before: "\${service.url}/state" } }
`;

/** Without what wrapping puts in. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, "");
}

function open(columns: number, rows: number): Screen {
  const screen = new Screen(rig, ["run", "book"], { columns, rows });
  screens.push(screen);
  return screen;
}

const asked = /D\s*o\s*i\s*t\s*\?/;

test.each([
  ["20 columns", 20, 24],
  ["0 columns and 0 rows, which say nothing", 0, 0],
  ["5 rows", 80, 5],
  ["20 columns and 5 rows", 20, 5],
  ["1 row", 80, 1],
  ["3 columns", 3, 10],
  ["500 columns and 200 rows", 500, 200],
])("faults 0.6: %s: what is asked stands whole, once, and y does it", async (_name, columns, rows) => {
  const screen = open(columns, rows);
  await screen.shows(asked);
  const before = flat(screen.text());
  expect(before).toContain(flat(`http.post: POST ${rig.server.url}/act`));
  expect(before).toContain(flat('/state answers 200 {"size":7}'));
  expect(before).toContain("irreversible");
  expect(before.split("irreversible").length - 1).toBe(1);
  screen.type(`y${enter}`);
  const { code } = await screen.ended;
  expect([code, rig.server.changes().length]).toEqual([0, 1]);
});

test.each([
  ["narrower", 30, 24],
  ["wider", 160, 40],
  ["shorter", 100, 4],
  ["to one column", 1, 5],
])("faults 0.6: %s while it is asked: it stands whole, and y does it", async (_name, columns, rows) => {
  const screen = open(100, 30);
  await screen.shows("Do it?");
  screen.resize(columns, rows);
  await screen.shows(asked);
  expect(flat(screen.text())).toContain(flat(`http.post: POST ${rig.server.url}/act`));
  screen.type(`y${enter}`);
  const { code } = await screen.ended;
  expect([code, rig.server.changes().length]).toEqual([0, 1]);
});
