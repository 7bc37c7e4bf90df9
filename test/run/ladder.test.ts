import { describe, expect, test } from "vitest";
import { after, enter, exhausted, type Climb, type Measured } from "../../src/run/ladder.ts";
import type { StepStatus } from "../../src/events/run.ts";

const measured = (...statuses: readonly StepStatus[]): readonly Measured[] =>
  statuses.map((status, index) => ({
    id: `f${index}`,
    result: { status, title: `t${index}`, sentence: `s${index}` },
  }));

const climbing: Climb = { at: "climbing", mitigated: undefined };

describe("the ladder is entered", () => {
  test.each<[readonly StepStatus[], boolean, string]>([
    [[], false, "healthy"],
    [["ok", "ok"], false, "healthy"],
    [["ok", "skipped"], false, "healthy"],
    [["ok", "failed"], false, "climbing"],
    [["failed", "unknown"], false, "climbing"],
    [["ok", "unknown"], false, "unknown"],
    [["unknown", "unknown"], false, "unknown"],
    [["ok", "unknown"], true, "climbing"],
  ])("with %j (climbing on unknown: %s): %s", (statuses, onUnknown, outcome) => {
    const climb = enter(measured(...statuses), onUnknown);
    expect(climb.at === "ended" ? climb.outcome : climb.at).toBe(outcome);
  });

  test("with unknowns alone it says what to mend first", () => {
    expect(enter(measured("ok", "unknown", "unknown"), false)).toMatchObject({
      message: "no check failed, but f1, f2 could not be measured; fix that first: s1",
    });
  });
});

describe("after a rung", () => {
  test.each([
    ["held", "resolved"],
    ["mitigated", "climbing"],
    ["persist", "climbing"],
    ["failed", "climbing"],
    ["skipped", "climbing"],
    ["not-attempted", "climbing"],
    ["unknown", "unknown"],
    ["declined", "declined"],
  ] as const)("that %s the climb is %s", (status, outcome) => {
    const climb = after(climbing, "restart", { status, message: "m" });
    expect(climb.at === "ended" ? climb.outcome : climb.at).toBe(outcome);
  });

  test("nothing changes what has ended", () => {
    const ended = after(climbing, "one", { status: "held", message: "" });
    expect(after(ended, "two", { status: "unknown", message: "" })).toBe(ended);
    expect(exhausted(ended, ["x"])).toBe(ended);
  });

  test("one that held although a step of it failed has resolved nothing, and says so", () => {
    const finished = {
      status: "held",
      message: "the findings hold, although",
      despite: "it rejected the request",
    } as const;
    expect(after(climbing, "restart", finished)).toMatchObject({
      outcome: "resolved",
      rung: "restart",
      message: "resolved at rung restart: the findings hold, although",
    });
  });

  test("the one that held is named", () => {
    expect(after(climbing, "restart", { status: "held", message: "" })).toMatchObject({
      rung: "restart",
      message: "resolved by rung restart",
    });
  });
});

describe("at the top", () => {
  test.each([
    [["persist"], "no rung was enough"],
    [["failed"], "every rung failed"],
    [["failed", "persist"], "no rung was enough"],
    [["persist", "failed"], "no rung was enough"],
    [["skipped"], "no rung applied"],
  ] as const)("after rungs that ended %j: %s", (statuses, says) => {
    const finished = { message: "m" };
    const climb = statuses.reduce<Climb>((at, status) => after(at, "r", { ...finished, status }), climbing);
    expect(exhausted(climb, ["health", "freshness"])).toEqual({
      at: "ended",
      outcome: "exhausted",
      message: `${says}: health, freshness still not ok`,
    });
  });

  test("what nobody could be asked about was not attempted, and is named", () => {
    const first = after(climbing, "restart", { status: "not-attempted", message: "Restart: needs consent" });
    const all = after(first, "recreate", { status: "not-attempted", message: "Recreate: needs consent" });
    expect(exhausted(all, ["health"])).toEqual({
      at: "ended",
      outcome: "approval-needed",
      message: "Restart: needs consent; also not attempted: recreate",
    });
  });

  test("what a rung mitigated stays said, through rungs that did not help", () => {
    const mitigated = after(climbing, "manual", { status: "mitigated", message: "" });
    const later = after(mitigated, "other", { status: "persist", message: "" });
    expect(exhausted(later, ["health"])).toEqual({
      at: "ended",
      outcome: "mitigated",
      rung: "manual",
      message: "mitigated by rung manual: health still not ok",
    });
  });
});
