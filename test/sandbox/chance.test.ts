import { describe, expect, test } from "vitest";
import { priceAt } from "../../sandbox/platform/gate/prices.ts";
import { createChance, numbers } from "../../sandbox/platform/shared/chance.ts";

const many = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);

describe("turns", () => {
  test.each([
    [0.5, "01010101"],
    [0, "00000000"],
    [1, "11111111"],
    [0.25, "00010001"],
    [2.5, "23232323"],
  ])("%d at each call is %s", (expected, pattern) => {
    const chance = createChance(undefined, "");
    expect(many(8).map(() => chance.times("one", expected))).toEqual(Array.from(pattern, Number));
  });

  test.each([0.1, 0.3, 0.7, 0.9, 1 / 3])(
    "%d is exact over a thousand calls, whatever it is rounded to",
    (part) => {
      const chance = createChance(undefined, "");
      const happened = many(1000).map(() => chance.times("one", part));
      for (const calls of [10, 100, 999, 1000]) {
        const sum = happened.slice(0, calls).reduce((all, one) => all + one, 0);
        expect(sum).toBe(Math.floor(calls * part + 1e-6));
      }
    },
  );

  test("each name has a count of its own, and a reset begins all of them anew", () => {
    const chance = createChance(undefined, "");
    const next = (): readonly number[] => [chance.times("one", 0.5), chance.times("other", 0.5)];
    expect([next(), next()]).toEqual([
      [0, 0],
      [1, 1],
    ]);
    chance.times("one", 0.5);
    chance.reset();
    expect(next()).toEqual([0, 0]);
  });

  test("a choice goes round; one that was away gets no more than the others when it is back", () => {
    const chance = createChance(undefined, "");
    const rounds = (count: number, among: readonly string[]): string =>
      many(count)
        .map(() => chance.pick("venue", among))
        .join("");
    expect(rounds(6, ["A", "B", "C"])).toBe("ABCABC");
    expect(rounds(5, ["A", "C"])).toBe("ACACA");
    expect(rounds(6, ["A", "B", "C"])).toBe("BCABCA");
    expect(chance.pick("venue", [])).toBeUndefined();
  });
});

describe("dice", () => {
  const row = (seed: number, salt: string): readonly unknown[] => {
    const chance = createChance(seed, salt);
    return many(40).map(() => [chance.times("a", 0.5), chance.pick("b", ["A", "B", "C"]), chance.level("c")]);
  };

  test("come again with the same seed, and are others with another seed or another instance", () => {
    expect(row(7, "executioner@1")).toEqual(row(7, "executioner@1"));
    expect(row(8, "executioner@1")).not.toEqual(row(7, "executioner@1"));
    expect(row(7, "executioner@2")).not.toEqual(row(7, "executioner@1"));
  });

  test("a reset throws the same ones again", () => {
    const chance = createChance(3, "one");
    const first = many(20).map(() => chance.level("x"));
    chance.reset();
    expect(many(20).map(() => chance.level("x"))).toEqual(first);
  });

  test("are from 0 to below 1", () => {
    const next = numbers(1);
    for (const one of many(1000).map(() => next())) expect(one >= 0 && one < 1).toBe(true);
  });
});

describe("prices", () => {
  test("begin where the seeded ones end, and no step is one that jumps", () => {
    for (const symbol of many(6)) {
      const seeded = 1 + 0.002 * Math.sin(60 / 6 + 0.7 * symbol);
      expect(Math.abs(priceAt(0, symbol) - seeded)).toBeLessThan(0.0001);
      for (const tick of many(2000)) {
        const step = priceAt(tick + 1, symbol) / priceAt(tick, symbol) - 1;
        expect(Math.abs(step)).toBeLessThan(0.0002);
      }
    }
  });
});
