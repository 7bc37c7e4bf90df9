import { writeDuration } from "../base/duration.ts";
import { printable } from "../base/printable.ts";
import { durationMs } from "../language/expression.ts";
import { expectationText, type Expected, type Item, type Rung, type Step } from "../runbook/runbook.ts";
import { actionOf, commandsOf, innerPlan, itemPlans, whereOf, type Outline } from "./plan.ts";
import { plainText, retryText, rungTitle, verifyText, withoutPlatform } from "./print.ts";

/** Every step as the plain commands a person would type, for a shell. */
export function byHandText(plan: Outline): string {
  const { runbook } = plan;
  const lines = [comment(`${runbook.id}: ${runbook.title}`)];
  if (plan.platform === undefined) lines.push(comment(withoutPlatform));
  const add = (items: readonly Item[]): void => {
    for (const item of items) lines.push("", ...itemLines(item, plan));
  };
  if (runbook.diagnose.length > 0) lines.push("", "## diagnose");
  add(runbook.diagnose);
  if (runbook.steps.length > 0) lines.push("", "## steps");
  add(runbook.steps);
  for (const rung of runbook.resolve) {
    lines.push("", `#${comment(`rung ${rungTitle(rung)}`)}`);
    if (rung.when !== undefined) lines.push(comment(`only when ${rung.when.expression.text}`));
    add(rung.steps);
    lines.push("", ...verifyLines(rung, plan));
    if (rung.verify.type === "steps") add(rung.verify.steps);
  }
  if (runbook.after.length > 0) lines.push("", "## after");
  add(runbook.after);
  return `${lines.join("\n")}\n`;
}

function verifyLines({ verify }: Rung, plan: Outline): readonly string[] {
  if (verify.type === "steps") return ["# then verify"];
  return [comment(`then repeat the diagnosis until ${verifyText(verify, plan)}`)];
}

function itemLines(item: Item, plan: Outline): readonly string[] {
  const when = item.when === undefined ? [] : [comment(`only when ${item.when.expression.text}`)];
  if (item.type === "step") return stepLines(item, plan, when);
  const plans = item.type === "group" ? itemPlans(item, plan) : [innerPlan(item, plan)];
  if (item.type === "group" && item.foreach !== undefined)
    when.push(comment(`for each item of ${item.foreach.text}`));
  const steps = (plans ?? [plan]).flatMap((inner) => [
    ...(plans === undefined || item.type === "include" || item.foreach === undefined
      ? []
      : ["", comment(`item ${exactText(inner.names["item"])}`)]),
    ...item.items.flatMap((one) => ["", ...itemLines(one, inner)]),
  ]);
  if (item.type === "include" && when.length === 0) return steps.slice(1);
  const title = item.title === undefined ? "" : `: ${item.title}`;
  return [`##${comment(`${item.id}${title}`)}`, ...when, ...steps, "", comment(`end of ${item.id}`)];
}

function stepLines(step: Step, plan: Outline, when: readonly string[]): readonly string[] {
  const { id, title, kind, effect, foreach, expect, retry, approvers } = step;
  const note = kind.store === undefined ? undefined : whereOf(step, plan).access?.[kind.store]?.note;
  const known = foreach !== undefined && itemPlans(step, plan) !== undefined;
  // What an untitled step does is shown with each item's command.
  const does = title ?? (known ? kind.name : actionOf(step, plan));
  return [
    comment(`${id}: ${does} (${effect})`),
    ...when,
    ...(foreach === undefined ? [] : [comment(`for each item of ${foreach.text}`)]),
    ...(approvers === 2 ? [comment("a second person must agree first")] : []),
    ...(expect === undefined
      ? []
      : [comment(`expect ${expectationText(expect)}${paramsText(expect, plan)}`)]),
    ...(retry === undefined ? [] : [comment(`try again ${retryText(step, retry)}`)]),
    ...(note === undefined ? [] : [comment(note)]),
    ...commandsOf(step, plan),
  ];
}

/** The parameters that an expectation reads, with the values they have: ` (params.most = 500)`. */
function paramsText(expect: readonly Expected[], { names }: Outline): string {
  const params = (names["params"] ?? {}) as Readonly<Record<string, unknown>>;
  const read = expect.flatMap(({ condition }) => condition.expression.reads.map((path) => path.names));
  const used = read.flatMap(([root, name = ""]) => (root === "params" ? [name] : []));
  const known = [...new Set(used)].filter((name) => params[name] !== undefined && params[name] !== null);
  if (known.length === 0) return "";
  return ` (${known.map((name) => `params.${name} = ${exactText(params[name])}`).join(", ")})`;
}

/** A value as it could be written in the runbook, with nothing rounded. */
function exactText(value: unknown): string {
  const ms = durationMs(value);
  return ms === undefined ? plainText(value) : writeDuration(ms);
}

/** One line that a shell passes over, whatever is in the text. */
function comment(text: string): string {
  return `# ${printable(text.replaceAll(/\s+/g, " "))}`;
}
