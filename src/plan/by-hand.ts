import { printable } from "../base/printable.ts";
import { expectationText, type Item } from "../runbook/runbook.ts";
import { eachByHand } from "./names.ts";
import { byHandOf, innerPlan, type Outline } from "./plan.ts";
import { named, titleOf, withoutPlatform } from "./print.ts";

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
  const turns = item.type === "group" ? eachByHand(item, plan.names) : [inner.names];
  const steps = turns.flatMap((names) =>
    item.items.flatMap((one) => ["", ...byHandLines(one, { ...inner, names })]),
  );
  if (item.type === "include" && when.length === 0) return steps.slice(1);
  const title = item.title === undefined ? "" : `: ${item.title}`;
  return [`##${comment(`${item.id}${title}`)}`, ...when, ...steps, "", comment(`end of ${item.id}`)];
}

/** One line that a shell passes over, whatever is in the text. */
function comment(text: string): string {
  return `# ${printable(text.replaceAll(/\s+/g, " "))}`;
}
