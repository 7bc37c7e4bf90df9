import { appendFileSync } from "node:fs";
import { expect, test } from "vitest";
import { incidentFolder, journalIn } from "../../src/store/layout.ts";
import { first, quietDesk } from "./quiet-desk.ts";

const desk = quietDesk("severities: { P1: { name: High, page: [] } }\n");
const { run } = desk;

test("behind a record that does not hold nothing is seen: whoever reads or records is told so", async () => {
  await run("declare", "P1", "orders rejected", "-q");
  appendFileSync(journalIn(incidentFolder(desk.state, first)), "no record of ours\n");
  const damaged = new RegExp(
    `^the journal of ${first} is damaged: line \\d+ .*; later records are not shown\n$`,
  );
  const noted = await run("note", "gateway restarted");
  expect([noted.code, noted.stdout]).toEqual([0, expect.stringContaining("on record")]);
  expect(noted.stderr).toMatch(damaged);
  expect((await run("status")).stderr).toMatch(damaged);
});
