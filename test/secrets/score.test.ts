import { expect, test } from "vitest";
import { token } from "../../src/secrets/finds.ts";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { corpus, type Sample } from "./corpus/load.ts";
import { sightings } from "./corpus/oracle.ts";
import { missed, scores, totals } from "./corpus/score.ts";

const hidden = "‹secret:assign:00000000›";
const samples: readonly Sample[] = [
  { family: "one", text: "password=hunter2 b", stays: ["password=", " b"], goes: ["hunter2"] },
  { family: "one", text: "password=hunter3 b", stays: ["password=", " b"], goes: ["hunter3"] },
  { family: "none", text: "tokens=4096", stays: ["tokens=4096"], goes: [] },
];
const sees = (text: string) =>
  Promise.resolve(
    text.includes("hunter2") ? [{ start: 0, end: 16, rule: "x" }] : [{ start: 0, end: 3, rule: "x" }],
  );

test("what is found, missed and spoilt is counted by family, of the oracle too", async () => {
  const careless = (text: string): string =>
    text === "tokens=4096" ? `tokens=${hidden}` : text.replace("hunter2", hidden);
  const all = await scores(samples, careless, sees);
  expect(all).toEqual([
    { family: "one", secrets: 2, found: 1, spoilt: 0, lines: 2, oracle: { found: 1, false: 1 } },
    { family: "none", secrets: 0, found: 0, spoilt: 1, lines: 1, oracle: { found: 0, false: 1 } },
  ]);
  expect(missed(all)).toEqual(["one"]);
  expect(totals(all)).toEqual({ recall: 0.5, precision: 0.5 });
});

test("nothing missed and nothing spoilt is all of it", async () => {
  const all = await scores(samples, (text) => text.replace(/hunter\d/, hidden), sees);
  expect(missed(all)).toEqual([]);
  expect(totals(all)).toEqual({ recall: 1, precision: 1 });
});

test("of what somebody else's rules see in the corpus nothing is left standing", async () => {
  const redactor = createRedactor([], Buffer.alloc(32, 7));
  const left: string[] = [];
  let seen = 0;
  for (const { text } of corpus()) {
    const there = await sightings(text);
    if (there.length === 0) continue;
    seen += there.length;
    const clean = redactor.text(text);
    // An address with a token in it is still an address with a password.
    for (const { start, end } of await sightings(clean))
      if (!token.test(clean.slice(start, end))) left.push(clean.slice(start, end));
  }
  expect(seen).toBeGreaterThan(30);
  expect(left).toEqual([]);
});
