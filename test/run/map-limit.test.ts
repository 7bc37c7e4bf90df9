import { expect, test } from "vitest";
import { atOnce } from "../../src/run/map-limit.ts";

test("sixteen at a time, the results in the items' order", async () => {
  let under = 0;
  let most = 0;
  const items = Array.from({ length: 100 }, (_, index) => index);
  const results = await atOnce(items, async (item) => {
    most = Math.max(most, ++under);
    // Later ones come back sooner.
    for (let turn = 0; turn < 100 - item; turn++) await Promise.resolve();
    under--;
    return item * 2;
  });
  expect(most).toBe(16);
  expect(results).toEqual(items.map((item) => item * 2));
});

test("no items, no work", async () => {
  expect(await atOnce([], async () => await Promise.reject(new Error("none")))).toEqual([]);
});
