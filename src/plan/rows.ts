import type { Effect } from "../kinds/kind.ts";
import type { Item } from "../runbook/runbook.ts";
import { actionOf, commandsOf, stepsIn, type Outline } from "./plan.ts";
import { titleOf } from "./print.ts";

/** One step of a plan for a program to read. */
export interface PlanRow {
  readonly type: "plan.step";
  readonly section: "diagnose" | "steps" | "resolve" | "verify" | "after";
  readonly rung?: string;
  /** The groups around it, the outermost first. */
  readonly groups?: readonly string[];
  readonly step: string;
  readonly title: string;
  readonly kind: string;
  readonly effect: Effect;
  readonly action: string;
  readonly timeout_ms: number;
  readonly command?: string;
}

/** @param byHand with the commands that a person would type instead */
export function planRows(plan: Outline, byHand = false): readonly PlanRow[] {
  const { runbook } = plan;
  const rows = (items: readonly Item[], place: Pick<PlanRow, "section" | "rung">): readonly PlanRow[] =>
    [...stepsIn(items, plan)].map(({ step, inner, groups }) => ({
      type: "plan.step",
      ...place,
      ...(groups.length === 0 ? {} : { groups }),
      step: step.id,
      title: titleOf(step, inner),
      kind: step.kind.name,
      effect: step.effect,
      action: actionOf(step, inner),
      timeout_ms: step.timeout,
      ...(byHand ? { command: commandsOf(step, inner).join("\n") } : {}),
    }));
  return [
    ...rows(runbook.diagnose, { section: "diagnose" }),
    ...rows(runbook.steps, { section: "steps" }),
    ...runbook.resolve.flatMap(({ id, steps, verify }) => [
      ...rows(steps, { section: "resolve", rung: id }),
      ...(verify.type === "steps" ? rows(verify.steps, { section: "verify", rung: id }) : []),
    ]),
    ...rows(runbook.after, { section: "after" }),
  ];
}
