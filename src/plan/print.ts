import { formatDuration, writeDuration } from "../base/duration.ts";
import { jsonText } from "../base/json.ts";
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
  type Rung,
  type Runbook,
  type Step,
  type Verify,
} from "../runbook/runbook.ts";
import { actionOf, byHandOf, innerPlan, refusalOf, shownArgs, stepsIn, type Outline } from "./plan.ts";

const marks: Readonly<Record<Effect, string>> = {
  read: "read",
  change: "CHANGE",
  destructive: "DESTRUCTIVE",
};

const withoutPlatform = "no platform file: its values are shown as ‹…›";

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
    return `${param.name}=${param.type === "duration" ? writeDuration(Number(value)) : plainText(value)}`;
  });
  if (given.length > 0) lines.push(`params ${given.join(" ")}`);
  if (runbook.secrets.length > 0)
    lines.push(`secrets ${runbook.secrets.map(({ name }) => `$${name}`).join(" ")}`);
  if (runbook.timeout !== undefined) lines.push(`deadline ${formatDuration(runbook.timeout)}`);
  return lines;
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

function plainText(value: unknown): string {
  return typeof value === "string" ? value : jsonText(value);
}

/** A rung without a title has its name for one. */
function named(rung: Rung): string {
  return rung.title === rung.id ? rung.id : `${rung.id}: ${rung.title}`;
}

function rungLines(rung: Rung, index: number, plan: Outline): readonly string[] {
  const lines = [`  ${index + 1}. ${named(rung)}`];
  if (rung.why !== undefined) lines.push(`     ${rung.why}`);
  if (rung.when !== undefined) lines.push(`     only when ${rung.when.expression.text}`);
  lines.push(...itemLines(rung.steps, plan, "     "), ...verifyLines(rung.verify, plan));
  return lines;
}

function verifyLines(verify: Verify, plan: Outline): readonly string[] {
  if (verify.type === "steps") return ["     verify", ...itemLines(verify.steps, plan, "       ")];
  const { names } = plan;
  const who =
    verify.findings === "all"
      ? "every finding holds"
      : `${verify.findings.map(({ id }) => id).join(", ")} hold`;
  const time = (value: Value): string => {
    const shown = show(value, names);
    return typeof shown === "number" ? writeDuration(shown) : plainText(shown);
  };
  return [
    `     verify: ${who} within ${time(verify.within)} and for ${time(verify.hold)}, measured every ${time(verify.every)}`,
  ];
}

function itemLines(items: readonly Item[], plan: Outline, indent: string): readonly string[] {
  return items.flatMap((item) => {
    if (item.type === "step") return stepLines(item, plan, indent);
    if (item.type === "group") return groupLines(item, plan, indent);
    const title = item.title === undefined ? "" : `${item.title}, `;
    const lines = [`${indent}${item.id}: ${title}from ${item.runbook.id} (${item.runbook.source.path})`];
    return [
      ...lines,
      ...conditions(item, indent),
      ...itemLines(item.items, innerPlan(item, plan), `${indent}  `),
    ];
  });
}

function groupLines(group: Group, plan: Outline, indent: string): readonly string[] {
  const lines = [`${indent}${group.id}${group.title === undefined ? "" : `: ${group.title}`} (a group)`];
  if (group.foreach !== undefined) {
    const beside = [...ownItems(plan.runbook.diagnose)].includes(group);
    lines.push(`${indent}  for each of ${group.foreach.text}, ${beside ? "side by side" : "in turn"}`);
  }
  lines.push(...conditions(group, indent));
  if (group.timeout !== undefined)
    lines.push(`${indent}  nothing of it begins after ${formatDuration(group.timeout)}`);
  if (group.why !== undefined) lines.push(`${indent}  why: ${group.why}`);
  return [...lines, ...itemLines(group.items, plan, `${indent}  `)];
}

function stepLines(step: Step, plan: Outline, indent: string): readonly string[] {
  const lines = [`${indent}${step.id}${step.title === undefined ? "" : `: ${step.title}`}`];
  lines.push(`${indent}  ${marks[step.effect]} ${actionOf(step, plan)} [${formatDuration(step.timeout)}]`);
  const refusal = refusalOf(step, plan);
  if (refusal !== undefined) lines.push(`${indent}  will be refused: ${refusal}`);
  if (step.foreach !== undefined) lines.push(`${indent}  for each of ${step.foreach.text}`);
  lines.push(...conditions(step, indent));
  if (step.retry !== undefined) {
    const until = goalOf(step);
    const { every, within } = step.retry;
    lines.push(
      `${indent}  retries every ${formatDuration(every)} until ${until}, for at most ${formatDuration(within)}`,
    );
  }
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
  if (step.why !== undefined) lines.push(`${indent}  why: ${step.why}`);
  return lines;
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
      ...(byHand ? { command: byHandOf(step, inner) } : {}),
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

/** Every step as the plain commands a person would type, for a shell. */
export function byHandText(plan: Outline): string {
  const { runbook } = plan;
  const lines = [comment(`${runbook.id}: ${runbook.title}`)];
  if (plan.platform === undefined) lines.push(comment(withoutPlatform));
  const add = (items: readonly Item[]): void => {
    for (const item of items) lines.push("", ...byHandLines(item, plan));
  };
  if (runbook.diagnose.length > 0) lines.push("", "## diagnose");
  add(runbook.diagnose);
  if (runbook.steps.length > 0) lines.push("", "## steps");
  add(runbook.steps);
  for (const rung of runbook.resolve) {
    lines.push("", `#${comment(`rung ${named(rung)}`)}`);
    if (rung.when !== undefined) lines.push(comment(`only when ${rung.when.expression.text}`));
    add(rung.steps);
    if (rung.verify.type === "steps") {
      lines.push("", "# then verify");
      add(rung.verify.steps);
    } else lines.push("", "# then repeat the diagnosis");
  }
  if (runbook.after.length > 0) lines.push("", "## after");
  add(runbook.after);
  return `${lines.join("\n")}\n`;
}

function byHandLines(item: Item, plan: Outline): readonly string[] {
  const when = item.when === undefined ? [] : [comment(`only when ${item.when.expression.text}`)];
  if (item.type === "step") {
    const { id, effect, foreach, expect } = item;
    return [
      comment(`${id}: ${titleOf(item, plan)} (${effect})`),
      ...when,
      ...(foreach === undefined ? [] : [comment(`for each item of ${foreach.text}`)]),
      ...(expect === undefined ? [] : [comment(`expect ${expectationText(expect)}`)]),
      byHandOf(item, plan),
    ];
  }
  const inner = item.type === "group" ? plan : innerPlan(item, plan);
  if (item.type === "group" && item.foreach !== undefined)
    when.push(comment(`for each item of ${item.foreach.text}`));
  const steps = item.items.flatMap((one) => ["", ...byHandLines(one, inner)]);
  if (item.type === "include" && when.length === 0) return steps.slice(1);
  const title = item.title === undefined ? "" : `: ${item.title}`;
  return [`##${comment(`${item.id}${title}`)}`, ...when, ...steps, "", comment(`end of ${item.id}`)];
}

/** One line that a shell passes over, whatever is in the text. */
function comment(text: string): string {
  return `# ${printable(text.replaceAll(/\s+/g, " "))}`;
}
