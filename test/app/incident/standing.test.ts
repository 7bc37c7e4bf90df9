import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createHash, createHmac } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readStanding } from "../../../src/app/incident/standing.ts";
import type { JournalRecord } from "../../../src/events/record.ts";
import { bearsOnStatus, passes, standingOf } from "../../../src/incident/bearing.ts";
import { fileStore } from "../../../src/store/file-store.ts";
import { keyedSum, readSelected } from "../../../src/store/journal-index.ts";
import { tokenKey } from "../../../src/store/redaction-key.ts";
import { zero } from "../../incident/chains.ts";
import { randomRecord } from "../../incident/random-records.ts";
import { temporaryFolder } from "../../program.ts";
import { clock, first, incident, Kept } from "./kept-status.ts";

const random = fc.array(
  randomRecord.map(([type, data]) => ({ type, data }) as unknown as JournalRecord),
  {
    maxLength: 30,
  },
);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: zero + 3_600_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

test("with the cache a status is the one of all records, also behind whatever comes, goes or changes", async () => {
  const kept = new Kept();
  const change = fc.constantFrom("append", "cut", "byte", "cache", "version", "desk", "torn");
  await fc.assert(
    fc.asyncProperty(
      random,
      fc.array(fc.tuple(change, random, fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 4 }),
      async (begun, changes) => {
        kept.begin([first, ...begun]);
        await kept.holds();
        await kept.holds();
        for (const [what, more, where] of changes) {
          const file = what === "cache" ? kept.cache : kept.journal;
          const bytes = readFileSync(file, { flag: "a+" });
          const place = Math.floor(where * (bytes.length - 1));
          if (what === "append") kept.append(more);
          else if (what === "desk") kept.append(more, "ldn");
          else if (what === "torn") appendFileSync(kept.journal, '{"v":2,"de');
          else if (what === "cut") writeFileSync(file, bytes.subarray(0, place));
          else if (what === "version") expect(await kept.standing("2.0.0")).toEqual(await kept.whole());
          else if (bytes.length > 0) {
            bytes[place] = (bytes[place] ?? 0) ^ 1;
            writeFileSync(file, bytes);
          }
          await kept.holds();
        }
      },
    ),
    { numRuns: 50 },
  );
});

test.each([
  ["nothing", ""],
  ["garbage", "\0\u00ff{}\n[]"],
  ["a text of ours with another sum", `${"0".repeat(64)}\n{"v":1,"lines":[]}\n`],
])("a cache with %s in it is not used, and made anew", async (_what, text) => {
  const kept = new Kept();
  kept.begin([first, { type: "incident.note", data: { text: "n" } }]);
  writeFileSync(kept.cache, text, { mode: 0o600 });
  await kept.holds();
  expect(readFileSync(kept.cache, "utf8")).toContain('"v":2');
});

test("behind a cache only new records are asked about", () => {
  const kept = new Kept();
  kept.begin([first, first, first]);
  const asked: number[] = [];
  const needs = ({ seq }: { readonly seq: number }): boolean => asked.push(seq) > 0;
  const place = { journal: kept.journal, index: kept.cache, root: kept.state, worth: 1 };
  readSelected(place, { by: "rule", needs }).renew?.(undefined);
  kept.append([first]);
  expect(readSelected(place, { by: "rule", needs }).records).toHaveLength(4);
  expect(asked).toEqual([2, 3, 4]);
});

test("how a message stood is not kept once it stands otherwise, also where a cache had it", () => {
  const kept = new Kept();
  const key = "page/sms/ny1-1";
  const attempt = (n: number): JournalRecord => ({
    type: "message.attempt",
    data: { key, n, claimed: "own", repeat: n > 1 },
  });
  const result = (n: number, outcome: "unknown" | "accepted" | "delivered"): JournalRecord => ({
    type: "message.result",
    data: { key, n, outcome },
  });
  const place = { journal: kept.journal, index: kept.cache, root: kept.state, worth: 1 };
  const standing = { of: standingOf, passes };
  const read = () => {
    const { records, renew } = readSelected(place, { by: "rule", needs: bearsOnStatus, standing });
    renew?.(undefined);
    return records;
  };
  const seqs = (): readonly number[] => read().map(({ seq }) => seq);
  kept.begin([first, attempt(1), result(1, "unknown"), attempt(2)]);
  expect([seqs(), seqs()]).toEqual([
    [1, 4],
    [1, 4],
  ]);
  kept.append([result(2, "accepted")]);
  expect([seqs(), seqs()]).toEqual([
    [1, 5],
    [1, 5],
  ]);
  // When it was taken stays, whatever comes behind.
  kept.append([result(2, "delivered"), attempt(3)]);
  expect(seqs()).toEqual([1, 5, 6, 7]);
});

test("the cache of another incident is not used", async () => {
  const [kept, other] = [new Kept(), new Kept()];
  kept.begin([
    first,
    {
      type: "incident.fact",
      data: { name: "bridge", how: "typed", at: { at: new Date(zero).toISOString() } },
    },
  ]);
  other.begin([first, first, first]);
  await other.standing();
  writeFileSync(kept.cache, readFileSync(other.cache), { mode: 0o600 });
  await kept.holds();
});

test("it is this user's alone, has no word of the records in it, and follows no link", async () => {
  const kept = new Kept();
  kept.begin([first, { type: "incident.role", data: { role: "scribe", person: "bob", how: "taken" } }]);
  await kept.standing();
  expect(lstatSync(kept.cache).mode & 0o777).toBe(0o600);
  expect(readFileSync(kept.cache, "utf8")).not.toMatch(/bob|scribe|incident/);

  rmSync(kept.cache);
  const aim = join(kept.state, "aim");
  writeFileSync(aim, "theirs", { mode: 0o600 });
  symlinkSync(aim, kept.cache);
  await kept.holds();
  expect(readFileSync(aim, "utf8")).toBe("theirs");
});

test("where it cannot be written, nothing is said", async () => {
  const kept = new Kept();
  kept.begin([first]);
  mkdirSync(kept.cache);
  await kept.holds();
});

test("a short journal has none", async () => {
  const kept = new Kept();
  kept.begin([first]);
  const store = fileStore({ state: kept.state, actor: "ada", host: "ops-1" }, clock);
  await readStanding({ store, incident }, "1.0.0");
  expect(lstatSync(kept.cache, { throwIfNoEntry: false })).toBeUndefined();
});

test("a cache that was not made here says nothing, whatever sum it has", async () => {
  const kept = new Kept();
  const more: JournalRecord = { type: "incident.severity", data: { from: "P0", to: "P2", why: "smaller" } };
  kept.begin([first, more]);
  await kept.holds();
  const forge = (sumOf: (body: string) => string): void => {
    const [, body = "{}"] = readFileSync(kept.cache, "utf8").split("\n");
    const index = JSON.parse(body) as { lines: readonly number[] };
    // Without the change of severity.
    const short = JSON.stringify({ ...index, lines: index.lines.slice(0, 2) });
    writeFileSync(kept.cache, `${sumOf(short)}\n${short}\n`);
  };
  forge((body) => createHash("sha256").update(body).digest("hex"));
  await kept.holds();
  const elsewhere = tokenKey(join(temporaryFolder(), "other"), undefined);
  forge((body) => createHmac("sha256", elsewhere).update(`fold.cache ${body}`).digest("hex"));
  await kept.holds();
  // With this folder's own sum it would have been believed.
  forge((body) => keyedSum(kept.state, body));
  expect(await kept.standing()).not.toEqual(await kept.whole());
});
