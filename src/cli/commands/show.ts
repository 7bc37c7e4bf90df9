import { byHandText, planRows, planText } from "../../plan/print.ts";
import type { Runbook } from "../../runbook/runbook.ts";
import { prepareOutline } from "../../app/run/plan-of.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { show } from "../../app/context/telling.ts";
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
  const { severity, service, title, symptoms, prevent, source } = runbook;
  const head = {
    type: "runbook",
    runbook: runbook.id,
    severity,
    service: service?.name,
    title,
    path: source.path,
  } as const;
  const steps = planRows(plan.value, own.byHand === true);
  show(world, options, [{ ...head, symptoms, prevent }, ...steps], () =>
    (own.byHand === true
      ? byHandText(plan.value)
      : [...about("symptoms", symptoms), planText(plan.value), ...about("prevent", prevent)].join("\n")
    )
      .replace(/\n$/, "")
      .split("\n"),
  );
  return 0;
}

function about(title: string, lines: Runbook["symptoms"]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ""];
}
