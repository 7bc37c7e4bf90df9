import { byHandText } from "../../plan/by-hand.ts";
import { planText } from "../../plan/print.ts";
import { planRows } from "../../plan/rows.ts";
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
  const { severity, service, title, symptoms, prevent, owner, alerts, links, reviewed, source } = runbook;
  const head = {
    type: "runbook",
    runbook: runbook.id,
    severity: severity?.name,
    service: service?.name,
    title,
    path: source.path,
  } as const;
  const steps = planRows(plan.value, own.byHand === true);
  const more = { symptoms, prevent, owner, alerts, links, reviewed };
  show(world, options, [{ ...head, ...more }, ...steps], () =>
    (own.byHand === true
      ? byHandText(plan.value)
      : [
          ...about("symptoms", symptoms),
          planText(plan.value),
          ...about("prevent", prevent),
          ...about("alerts", alerts),
          ...about("links", links),
          ...about("kept by", keptBy(runbook)),
        ].join("\n")
    )
      .replace(/\n$/, "")
      .split("\n"),
  );
  return 0;
}

function keptBy({ owner, reviewed }: Runbook): readonly string[] {
  const day = reviewed === undefined ? [] : [`last reviewed ${reviewed}`];
  return [...(owner === undefined ? [] : [owner]), ...day];
}

function about(title: string, lines: Runbook["symptoms"]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ""];
}
