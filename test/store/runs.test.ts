import { expect, test } from "vitest";
import { newRunId } from "../../src/store/runs.ts";

test("ids of runs sort by the time of their beginning, within a second as well", () => {
  const begun = Date.UTC(2026, 0, 31, 14, 15, 2);
  const ids = Array.from({ length: 50 }, (_, at) => newRunId(new Date(begun + at * 20)));
  expect(ids.toSorted()).toEqual(ids);
  expect(ids[0]).toMatch(/^RUN-20260131-141502000-[0-9a-f]{4}$/);
  expect("RUN-20260131-141502-ffff" < (ids[0] ?? "")).toBe(true);
});
