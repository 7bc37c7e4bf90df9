import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { missingFrom } from "../../src/incident/review/check.ts";
import { piecesOf } from "../../src/incident/review/marks.ts";
import { readJournal } from "../../src/store/journal-record.ts";
import { exampleJournal, exampleModel, exampleRecords, exampleReview } from "./example-review.ts";

const page = readFileSync(new URL("../../docs/example-review.md", import.meta.url), "utf8");

test("docs/example-review.md is what the day's records say: npm run reference writes it", () => {
  expect(page).toBe(exampleReview());
});

test("every record that it names is one of the day's, and each of its tables names some", () => {
  const known = new Set(exampleRecords().map(({ desk, seq }) => `${desk}-${seq}`));
  const named = [...page.matchAll(/`(ny1-\d+)`/g)].map(([, ref = ""]) => ref);
  expect(named.filter((ref) => !known.has(ref))).toEqual([]);
  expect(new Set(named).size).toBeGreaterThan(40);
});

test("its journal is whole, and nothing is missing from it", () => {
  const { problem, unread, torn } = readJournal(exampleJournal, readFileSync(exampleJournal));
  expect([problem, unread, torn]).toEqual([undefined, [], false]);
  const pieces = piecesOf(Buffer.from(page, "utf8").toString("latin1"));
  expect(pieces.ok && missingFrom(exampleModel(), pieces.value)).toEqual([]);
});

test("neither has a path, a name or an address of the machine on which it was played", () => {
  for (const text of [page, readFileSync(exampleJournal, "utf8")])
    expect(text.match(/\S*(?:\/(?:tmp|root|home|var|usr)\/|127\.0\.0\.1|localhost|lav-test)/g)).toBeNull();
  const machines = exampleRecords().map((record) => (record as { readonly host?: unknown }).host);
  expect(new Set(machines)).toEqual(new Set(["ny1"]));
});
