import { expect } from "vitest";
import type { Line, Operator, Ran } from "./operator.ts";

/** A fault, as a test switches it. */
export interface Switch {
  /** On; resolves when the platform is ill. */
  readonly ill: () => Promise<unknown>;
  /** Off. */
  readonly well: () => Promise<unknown>;
}

/**
 * A run whose first change mends the fault, which comes back so many seconds after the findings began to
 * hold. faults 0.3: that is not "resolved", however well it looked.
 */
export async function comesBack(
  operator: Operator,
  { ill, well }: Switch,
  seconds: number,
  args: readonly string[],
): Promise<Ran> {
  const switched: Promise<unknown>[] = [];
  let changed = false;
  let holding = false;
  operator.heard = (line: Line) => {
    const change =
      line.type === "step.finished" && line["section"] === "resolve" && line["effect"] !== "read";
    if (!changed && change && line["outcome"] === "ok") {
      changed = true;
      switched.push(well());
    }
    if (holding || line.type !== "verification" || line["state"] !== "holding") return;
    holding = true;
    const back = new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    switched.push(back.then(ill));
  };
  const ran = await operator.lavIr("run", ...args, "--json");
  operator.heard = () => {};
  await Promise.all(switched);
  // It did look well: without that, nothing would have been shown.
  expect([changed, holding]).toEqual([true, true]);
  expect(ran.lines.some((line) => line.type === "verification" && line["state"] === "broken")).toBe(true);
  expect(ran.outcome?.["outcome"]).not.toBe("resolved");
  expect(ran.code).not.toBe(0);
  return ran;
}
