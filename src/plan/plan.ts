import { fail, ok, type Result } from "../base/result.ts";
import type { DisplayArgs, Where } from "../kinds/kind.ts";
import { whereAt } from "../kinds/store.ts";
import type { Diagnostic } from "../language/diagnostic.ts";
import { Problems } from "../language/problems.ts";
import { render, show, type Names } from "../language/value.ts";
import type { Platform } from "../platform/platform.ts";
import { allItems, stepsOf, type Include, type Item, type Runbook, type Step } from "../runbook/runbook.ts";
import { includedNames, itemNames, itemsOf } from "./names.ts";
import { namesMissing } from "./platform-names.ts";

/**
 * What a run would do, resolved as far as it can be without touching anything: a pure value. The dry
 * run is this, printed; the run executes it.
 */
export interface Plan {
  readonly runbook: Runbook;
  readonly platform: Platform;
  /** As the operator gave them or as they default: for headers. */
  readonly params: Readonly<Record<string, unknown>>;
  /** `params`, `service` and `platform` as expressions see them. */
  readonly names: Names;
  readonly where: Where;
}

/** As much of a plan as can be shown: without a platform file, what it would say stays open. */
export type Outline = Omit<Plan, "platform"> & { readonly platform: Platform | undefined };

/**
 * Checks what only runbook and platform together can show: that the services named exist, and that each
 * step's arguments go together.
 */
export function makePlan(plan: Plan): Result<Plan, readonly Diagnostic[]> {
  const problems = planProblems(plan);
  return problems.length > 0 ? fail(problems) : ok(plan);
}

/** The same of a plan that is not to be carried out: of a runbook with problems, what could be read of it is checked. */
export function planProblems(plan: Plan): readonly Diagnostic[] {
  const { runbook, platform, names } = plan;
  const problems = [...namesMissing(runbook, platform, names)];
  for (const { step, inner } of stepsIn(allItems(runbook), plan)) {
    const wrong =
      step.unread === undefined ? step.kind.check?.(shownArgs(step, inner), plan.where) : undefined;
    if (wrong === undefined) continue;
    // A step that is included stands in a file of its own.
    const found = new Problems(inner.runbook.source);
    found.add(step.span, `${step.kind.name}: ${wrong}`);
    problems.push(...found.list);
  }
  return problems;
}

/** The plan as an included runbook's steps see it. */
export function innerPlan<P extends Outline>(include: Include, plan: P): P {
  return { ...plan, runbook: include.runbook, names: includedNames(include, plan.platform, plan.names) };
}

/**
 * The plan as each item's run of a `foreach` sees it; the plan alone where there is no `foreach`, and undefined
 * where only the run knows the items.
 */
export function itemPlans<P extends Outline>(
  { foreach }: Pick<Step, "foreach">,
  plan: P,
): readonly P[] | undefined {
  if (foreach === undefined) return [plan];
  return itemsOf(foreach, plan.names)?.map((item, index) => ({
    ...plan,
    names: itemNames(plan.names, item, index),
  }));
}

/** Every step, groups and includes opened, each with the plan it is seen in and the ids around it. */
export function* stepsIn<P extends Outline>(
  items: readonly Item[],
  plan: P,
  groups: readonly string[] = [],
): Generator<{ readonly step: Step; readonly inner: P; readonly groups: readonly string[] }> {
  for (const item of items) {
    if (item.type === "step") yield { step: item, inner: plan, groups };
    else {
      const inner = item.type === "group" ? plan : innerPlan(item, plan);
      yield* stepsIn(item.items, inner, [...groups, item.id]);
    }
  }
}

/** Why a step among these that takes two people cannot run on this platform; undefined when all can. */
export function nobodySecond(items: readonly Item[], plan: Plan): string | undefined {
  const { platform } = plan;
  const step = withoutSecond(items, plan);
  return step === undefined ? undefined : nobodyFor(step, platform);
}

/** What could come to nothing for want of a second person; one rung of several may be left out. */
export function unapproved(plan: Plan): readonly Diagnostic[] {
  const { steps, resolve, source } = plan.runbook;
  const rungs = resolve.map((rung) => withoutSecond(rung.steps, plan));
  const step = withoutSecond(steps, plan) ?? (rungs.includes(undefined) ? undefined : rungs[0]);
  if (step === undefined) return [];
  const problems = new Problems(source, "name");
  const hint = "List who may be one under approvers, each with their SSH public keys.";
  problems.add(step.span, nobodyFor(step, plan.platform), hint);
  return problems.list;
}

function withoutSecond(items: readonly Item[], { platform }: Plan): Step | undefined {
  if (platform.approvers.length > 0) return undefined;
  return [...stepsOf(items)].find(({ approvers }) => approvers === 2);
}

function nobodyFor(step: Step, platform: Platform): string {
  return `${step.id} needs a second person, but ${platform.path} lists no approvers`;
}

/**
 * A step's arguments for a person. What waits for the run reads `‹expression›`, a secret `$NAME`.
 * @param names what is known so far; by default what is known before anything has run.
 */
export function shownArgs(step: Step, plan: Outline, names: Names = plan.names): DisplayArgs {
  const secrets = Object.fromEntries(plan.runbook.secrets.map(({ name }) => [name, `$${name}`]));
  const shown = show(step.args, { ...names, secrets });
  return typeof shown === "object" && shown !== null ? (shown as DisplayArgs) : {};
}

/** Why the step will be refused with the values that are known before the run; undefined where nothing says so. */
export function refusalOf(step: Step, plan: Outline): string | undefined {
  const rendered = render(step.args, plan.names);
  return rendered.ok || rendered.failure.missing ? undefined : rendered.failure.message;
}

/** The exact action on the exact target, in one line. */
export function actionOf(step: Step, plan: Outline, names?: Names): string {
  const [args, where] = [shownArgs(step, plan, names), whereOf(step, plan, names)];
  const line = step.kind.plan(args, where);
  return `${line}${throughText(line, step, args, where)}`;
}

/** Which proxies carry what the action asks for; it is consented to with the action. */
function throughText(line: string, { kind }: Step, { url }: DisplayArgs, where: Where): string {
  const { via, trading, prometheus } = where;
  const instances = line.includes(trading) ? (trading.match(/https?:\/\/[^\s,()]+/g) ?? []) : [];
  const asked = [url, kind.store === "prometheus" ? prometheus : undefined, ...instances];
  const proxies = asked.flatMap((one) => (typeof one === "string" ? (via?.(one) ?? []) : []));
  return proxies.length === 0 ? "" : `, through proxy ${[...new Set(proxies)].join(", ")}`;
}

export function byHandOf(step: Step, plan: Outline): string {
  return step.kind.byHand(shownArgs(step, plan), whereOf(step, plan));
}

/** The same for each item of a `foreach`, as far as those are known. */
export function commandsOf(step: Step, plan: Outline): readonly string[] {
  return (itemPlans(step, plan) ?? [plan]).map((run) => byHandOf(step, run));
}

/** The names and addresses that a step sees: the store that it names stands where the main one does. */
export function whereOf({ kind, at }: Step, { where, names: known }: Outline, names: Names = known): Where {
  if (at === undefined || kind.store === undefined) return where;
  return whereAt(where, kind.store, String(show(at, names)));
}

/** The store that a step names; undefined for the main one. */
export function storeOf({ at }: Step, names: Names): Result<string | undefined, string> {
  if (at === undefined) return ok(undefined);
  const name = render(at, names);
  return name.ok ? ok(String(name.value)) : fail(name.failure.message);
}
