import { byHandText, planText } from "../../plan/print.ts";
import type { Runbook } from "../../runbook/runbook.ts";
import { prepareOutline } from "../../app/run/plan-of.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refuse } from "../../app/context/refuse.ts";

interface ShowOptions {
  readonly byHand?: boolean;
  readonly param?: readonly string[];
}

/** `lav-ir show`: symptoms, plan and prevention for a person, or the plain commands. */
export async function showCommand(
  world: World,
  options: GlobalOptions,
  name: string,
  own: ShowOptions,
): Promise<number> {
  const plan = await prepareOutline(world, options, name, own.param ?? []);
  if (!plan.ok) return refuse(world, options, plan.failure);
  const { runbook } = plan.value;
  world.stdout.write(
    own.byHand === true
      ? byHandText(plan.value)
      : [
          ...about("symptoms", runbook.symptoms),
          planText(plan.value),
          ...about("prevent", runbook.prevent),
        ].join("\n"),
  );
  return 0;
}

function about(title: string, lines: Runbook["symptoms"]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ""];
}
