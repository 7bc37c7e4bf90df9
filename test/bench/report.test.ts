import { expect, test } from "vitest";
import { tableText, worseThan, type Row } from "../../bench/report.ts";

const row = (what: string, unit: Row["unit"], median: number, max: number): Row => ({
  what,
  unit,
  spread: { n: 5, median, min: median / 2, max },
});

test("a ratio is worse where it is larger than the largest of its row, and nothing else is", () => {
  const committed = tableText([
    row("list, over node -e ''", "×", 2.1, 2.5),
    row("a GET step, lav-ir", "ms", 1, 2),
  ]);
  const now = [
    row("list, over node -e ''", "×", 2.6, 3),
    row("a GET step, lav-ir", "ms", 9, 9),
    row("what was not measured before", "×", 9, 9),
  ];
  expect(worseThan(committed, now)).toEqual(["list, over node -e '': 2.60 × now, 2.50 × at most before"]);
  expect(worseThan(committed, [row("list, over node -e ''", "×", 2.5, 9)])).toEqual([]);
});
