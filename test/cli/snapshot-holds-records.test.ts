import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entriesOf } from "../evidence/bundle/bag.ts";
import { first, quietDesk } from "./quiet-desk.ts";
import { only } from "./rig.ts";

// Every snapshot of an incident holds the incident's records, and the review names its bundle by the digest.

const desk = quietDesk("people: { ada: { name: Ada, logins: [ada] } }\n");
const { run } = desk;
const chain = (): string => readFileSync(join(desk.state, "incidents", first, "journal.ndjson"), "utf8");

async function snapshot(): Promise<{ readonly sha256: string; readonly records: string | undefined }> {
  const ended = await run("snapshot", "--only", "journal.records", "--json");
  expect(ended.code).toBe(0);
  const row = only(ended, "snapshot.sealed");
  const held = entriesOf(String(row["path"])).find(({ path }) =>
    path.endsWith(`/data/journal/${first}.ndjson`),
  );
  return { sha256: String(row["sha256"]), records: held?.content.toString("utf8") };
}

async function review(): Promise<string> {
  expect((await run("review", "--incident", first)).code).toBeLessThan(2);
  return readFileSync(join(desk.state, "incidents", first, "review.md"), "utf8");
}

test("the bundle has the chain as it was when it began; the review names its digest, and what is newer", async () => {
  await run("declare", "P1", "orders rejected", "-q");
  await run("note", "gateway restarted");
  const before = chain();
  const { sha256, records } = await snapshot();
  expect(records).toBe(before);
  expect(chain().startsWith(before)).toBe(true);
  const named = await review();
  expect(named).toContain(`SHA-256 ${sha256}`);
  expect(named).not.toContain("newer than the last bundle");
  await run("note", "it came back");
  await run("resolve", "the venue is back");
  expect(await review()).toMatch(
    new RegExp(`2 records are newer than the last bundle \\(.*\\): .lav-ir snapshot --incident ${first}.`),
  );
});

test("one that was taken before the declaration holds none of its records, and the review says so", async () => {
  const { records } = await snapshot();
  expect(records).toBeUndefined();
  await run("declare", "P1", "orders rejected", "-q");
  const named = await review();
  expect(named).toContain("of before the declaration: holds none of its records");
  expect(named).toContain("No bundle holds this incident's records: `lav-ir snapshot`");
});
