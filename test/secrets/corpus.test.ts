import { expect, test } from "vitest";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { corpus, type Sample } from "./corpus/load.ts";
import { judge } from "./corpus/judge.ts";

const redactor = createRedactor([], Buffer.alloc(32, 7));
const samples = corpus();
const families = [...new Set(samples.map(({ family }) => family))];

test.each(families)("of the family: %s", (family) => {
  const wrong = samples
    .filter((sample) => sample.family === family)
    .map((sample) => ({ sample, clean: redactor.text(sample.text) }))
    .filter(({ sample, clean }) => !holds(sample, clean))
    .map(({ sample, clean }) => `${sample.text}\n  became ${clean}`);
  expect(wrong).toEqual([]);
});

function holds(sample: Sample, clean: string): boolean {
  const { gone, secrets, kept } = judge(sample, clean);
  return gone === secrets && kept;
}

test("a line that keeps a piece of its secret, or loses one of its own, is seen", () => {
  const sample = { family: "", text: "a=s3cret1 b", stays: ["a=", " b"], goes: ["s3cret1"] };
  expect(judge(sample, "a=‹secret:assign:00000000› b")).toEqual({ gone: 1, secrets: 1, kept: true });
  expect(judge(sample, "a=‹secret:assign:00000000›ret1 b")).toMatchObject({ gone: 0, kept: false });
  expect(judge(sample, "a=s3cret‹secret:assign:00000000› b")).toMatchObject({ gone: 0 });
  expect(judge(sample, "‹secret:assign:00000000› b")).toMatchObject({ gone: 1, kept: false });
  expect(judge(sample, sample.text)).toMatchObject({ gone: 0, kept: false });
});
