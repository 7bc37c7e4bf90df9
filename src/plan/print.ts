import { formatDuration, writeDuration } from "../base/duration.ts";
import { jsonText } from "../base/json.ts";
import { shellLiteral } from "../base/quote.ts";
import { printable } from "../base/printable.ts";
import { whyIrreversible, type Effect } from "../kinds/kind.ts";
import { show, type Value } from "../language/value.ts";
import { platformLine } from "../platform/line.ts";
import type { Platform } from "../platform/platform.ts";
import type { Addressed } from "../platform/stores.ts";
import {
  ownItems,
  expectationText,
  type Group,
  type Item,
  type Param,
  type Retry,
  type Rung,
  type Runbook,
  type Step,
  type Text,
  type Verify,
  type VerifyFindings,
} from "../runbook/runbook.ts";
import { actionOf, innerPlan, itemPlans, refusalOf, shownArgs, whereOf, type Outline } from "./plan.ts";
import { unshownArgs } from "./unshown.ts";

/** Items of a list that a plan shows, each in a line of its own. */
const shownItems = 5;

const marks: Readonly<Record<Effect, string>> = {
  read: "read",
  change: "CHANGE",
  destructive: "DESTRUCTIVE",
};

export const withoutPlatform = "no platform file: its values are shown as ‹…›";

/** The whole plan as text: everything the run could do, in the order it would, with deadlines. */
export function planText(plan: Outline): string {
  const { runbook } = plan;
  const lines = [...header(plan), ""];
  if (runbook.diagnose.length > 0) {
    lines.push("diagnose (reads only, side by side unless one needs another)");
    lines.push(...itemLines(runbook.diagnose, plan, "  "), "");
  }
  if (runbook.steps.length > 0) {
    lines.push(
      runbook.tolerate ? "steps (in order, each whatever became of those before)" : "steps (in order)",
      ...itemLines(runbook.steps, plan, "  "),
      "",
    );
  }
  if (runbook.resolve.length > 0) {
    lines.push("resolve (a ladder: the run stops at the first rung after which the findings hold)");
    runbook.resolve.forEach((rung, index) => lines.push(...rungLines(rung, index, plan)));
    lines.push("");
  }
  if (runbook.after.length > 0) {
    lines.push("after (in order, when the outcome is known; not after an interruption or a refusal)");
    lines.push(...itemLines(runbook.after, plan, "  "), "");
  }
  return printable(lines.join("\n"));
}

function header({ runbook, platform, params, where }: Outline): readonly string[] {
  const lines = [
    `${runbook.id}: ${runbook.title}${severityText(runbook, platform)}`,
    platform === undefined ? withoutPlatform : platformLine(platform),
    ...(platform === undefined ? [] : storeLines(platform, where)),
    `runbook ${runbook.source.path}, sha256 ${runbook.digest.slice(0, 16)}`,
  ];
  const given = runbook.params.map((param) => {
    const value = params[param.name];
    if (value === undefined) return `${param.name}=?`;
    return `${param.name}=${paramText(param, value)}`;
  });
  if (given.length > 0) lines.push(`params ${given.join(" ")}`);
  if (runbook.secrets.length > 0)
    lines.push(`secrets ${runbook.secrets.map(({ name }) => `$${name}`).join(" ")}`);
  if (runbook.timeout !== undefined) lines.push(`deadline ${formatDuration(runbook.timeout)}`);
  return lines;
}

/** As `--param` takes it. */
function paramText({ type, of }: Param, value: unknown): string {
  if (type === "duration") return writeDuration(Number(value));
  if (type === "map") return shellLiteral(jsonText(value));
  if (type !== "list" || !Array.isArray(value)) return plainText(value);
  const items = value.map((item) => (of === "duration" ? writeDuration(Number(item)) : plainText(item)));
  const whole = items.join(",");
  return items.some((item) => /[,\s[]|^$/.test(item)) ? shellLiteral(jsonText(items)) : whole;
}

/** ` (P0)`, or ` (SEV1, P0)` where the platform file has another name for it. */
function severityText({ severity }: Runbook, platform: Platform | undefined): string {
  if (severity === undefined) return "";
  const level = platform?.incident.severityNames[severity.name] ?? severity.name;
  return ` (${[...new Set([severity.name, level])].join(", ")})`;
}

/** Where there are several stores of a kind: each, with where its address is from. */
function storeLines(platform: Platform, { stores }: Outline["where"]): readonly string[] {
  return (["postgres", "kafka", "redis", "prometheus"] as const).flatMap((kind) => {
    const all = Object.entries<Addressed>(platform[kind] ?? {});
    const each = all.map(
      ([name, { from = platform.path }]) => `${name} ${stores[kind][name] ?? ""} (${from})`,
    );
    return all.length < 2 ? [] : [`${kind} ${each.join(", ")}`];
  });
}

export function plainText(value: unknown): string {
  return typeof value === "string" ? value : jsonText(value);
}

/** A rung without a title has its name for one. */
export function rungTitle(rung: Rung): string {
  return rung.title === rung.id ? rung.id : `${rung.id}: ${rung.title}`;
}

function rungLines(rung: Rung, index: number, plan: Outline): readonly string[] {
  const lines = [`  ${index + 1}. ${rungTitle(rung)}`];
  if (rung.why !== undefined) lines.push(`     ${rung.why}`);
  if (rung.when !== undefined) lines.push(`     only when ${rung.when.expression.text}`);
  lines.push(...itemLines(rung.steps, plan, "     "), ...verifyLines(rung.verify, plan));
  return lines;
}

function verifyLines(verify: Verify, plan: Outline): readonly string[] {
  if (verify.type === "steps") return ["     verify", ...itemLines(verify.steps, plan, "       ")];
  return [`     verify: ${verifyText(verify, plan)}`];
}

/** Which findings, how soon and for how long. */
export function verifyText(verify: VerifyFindings, { names }: Outline): string {
  const who =
    verify.findings === "all"
      ? "every finding holds"
      : `${verify.findings.map(({ id }) => id).join(", ")} ${verify.findings.length === 1 ? "holds" : "hold"}`;
  const time = (value: Value): string => {
    const shown = show(value, names);
    return typeof shown === "number" ? writeDuration(shown) : plainText(shown);
  };
  return `${who} within ${time(verify.within)} and for ${time(verify.hold)}, measured every ${time(verify.every)}`;
}

/** @param runs the plan as each run of the groups around sees it; itself alone where that is not known yet. */
function itemLines(
  items: readonly Item[],
  plan: Outline,
  indent: string,
  runs: readonly Outline[] = [plan],
): readonly string[] {
  return items.flatMap((item) => {
    if (item.type === "step") return stepLines(item, plan, indent, runs);
    if (item.type === "group") return groupLines(item, plan, indent, runs);
    const title = item.title === undefined ? "" : `${item.title}, `;
    const lines = [`${indent}${item.id}: ${title}from ${item.runbook.id} (${item.runbook.source.path})`];
    return [
      ...lines,
      ...conditions(item, indent),
      ...itemLines(
        item.items,
        innerPlan(item, plan),
        `${indent}  `,
        runs.map((run) => innerPlan(item, run)),
      ),
    ];
  });
}

function groupLines(
  group: Group,
  plan: Outline,
  indent: string,
  runs: readonly Outline[],
): readonly string[] {
  const lines = [`${indent}${group.id}${group.title === undefined ? "" : `: ${group.title}`} (a group)`];
  if (group.foreach !== undefined) {
    const beside = [...ownItems(plan.runbook.diagnose)].includes(group);
    lines.push(`${indent}  for each of ${group.foreach.text}, ${beside ? "side by side" : "in turn"}`);
  }
  if (group.label !== undefined) lines.push(`${indent}  each called ${written(group.label)}`);
  lines.push(...conditions(group, indent));
  if (group.timeout !== undefined)
    lines.push(`${indent}  nothing of it begins after ${formatDuration(group.timeout)}`);
  if (group.why !== undefined) lines.push(`${indent}  why: ${group.why}`);
  return [...lines, ...itemLines(group.items, plan, `${indent}  `, eachRun(group, runs))];
}

/** Each run of each item; a run whose items are not known yet, or none, stands for them. */
function eachRun(item: Step | Group, runs: readonly Outline[]): readonly Outline[] {
  return runs.flatMap((run) => {
    const each = itemPlans(item, run) ?? [];
    return each.length === 0 ? [run] : each;
  });
}

/** The action on each item; those of a long list are counted. */
function actionLines(step: Step, runs: readonly Outline[], indent: string): readonly string[] {
  const lines = runs.slice(0, shownItems).flatMap((run) => {
    const action = `${marks[step.effect]} ${actionOf(step, run)} [${formatDuration(step.timeout)}]`;
    const refusal = refusalOf(step, run);
    return refusal === undefined ? [action] : [action, `will be refused: ${refusal}`];
  });
  const rest = runs.length - shownItems;
  return [...new Set(lines), ...(rest > 0 ? [`and ${rest} more, ${runs.length} in all`] : [])].map(
    (line) => `${indent}  ${line}`,
  );
}

function stepLines(step: Step, plan: Outline, indent: string, runs: readonly Outline[]): readonly string[] {
  const lines = [`${indent}${step.id}${step.title === undefined ? "" : `: ${step.title}`}`];
  lines.push(...actionLines(step, eachRun(step, runs), indent));
  const unsaid = unshownArgs(step.kind, shownArgs(step, plan), whereOf(step, plan));
  lines.push(...unsaid.map((line) => `${indent}  with ${line}`));
  if (step.foreach !== undefined) lines.push(`${indent}  for each of ${step.foreach.text}`);
  if (step.label !== undefined) lines.push(`${indent}  each called ${written(step.label)}`);
  lines.push(...conditions(step, indent));
  if (step.retry !== undefined) lines.push(`${indent}  retries ${retryText(step, step.retry)}`);
  if (step.requires.length > 0) lines.push(`${indent}  requires ${step.requires.join(", ")}`);
  if (step.approvers === 2)
    lines.push(`${indent}  needs a second person; the approval is valid for ${formatDuration(step.expires)}`);
  if (step.approvedWith !== undefined)
    lines.push(`${indent}  covered by the approval of ${step.approvedWith} while that is valid`);
  if (step.kind.expects !== undefined) lines.push(`${indent}  expects that ${step.kind.expects.that}`);
  for (const { name, condition } of step.expect ?? [])
    lines.push(`${indent}  expects ${name === undefined ? "" : `${name}: `}${condition.expression.text}`);
  if (step.effect !== "read") {
    const why = whyIrreversible(step.kind, shownArgs(step, plan));
    if (why !== undefined) lines.push(`${indent}  irreversible: ${why}`);
    else if (step.kind.undo.how === "steps")
      lines.push(`${indent}  undo: recorded first, written as a runbook`);
  }
  if (step.finding !== undefined) lines.push(`${indent}  finding: ${written(step.finding)}`);
  if (step.why !== undefined) lines.push(`${indent}  why: ${step.why}`);
  return lines;
}

/** A sentence as its author wrote it, in one line. */
function written({ node }: Text): string {
  return String(node.value).replaceAll(/\s+/g, " ").trim();
}

/** How often, until what, and for how long. */
export function retryText(step: Step, { every, within }: Retry): string {
  return `every ${formatDuration(every)} until ${goalOf(step)}, for at most ${formatDuration(within)}`;
}

/** What a step is tried again for. */
function goalOf({ kind, retry, expect }: Step): string {
  const own = kind.expects === undefined ? [] : [kind.expects.that];
  const written =
    retry?.until?.expression.text ?? (expect === undefined ? undefined : expectationText(expect));
  const goals = written === undefined ? own : [...own, written];
  return goals.length === 0 ? "it succeeds" : goals.join(" and ");
}

function conditions(item: Item, indent: string): readonly string[] {
  const lines: string[] = [];
  if (item.tolerate !== undefined)
    lines.push(
      `${indent}  ${item.tolerate.value ? "tolerated: what comes after it runs however it ends" : "not tolerated"}`,
    );
  if (item.needs.length > 0) lines.push(`${indent}  after ${item.needs.map((need) => need.id).join(", ")}`);
  if (item.when !== undefined) lines.push(`${indent}  only when ${item.when.expression.text}`);
  return lines;
}

/** A step without a title is called by what it does. */
export function titleOf(step: Step, plan: Outline): string {
  return step.title ?? actionOf(step, plan);
}
