import { actionText } from "../../../app/incident/actions.ts";
import { openScene } from "../../../app/incident/scene.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { show } from "../../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { actionsOf, type ActionItem } from "../../../incident/actions.ts";
import { dayAhead } from "../../../incident/review-date.ts";

/** `lav-ir actions list`: what is to be done after an incident, the open ones first. */
export async function actionsList(world: World, options: GlobalOptions): Promise<number> {
  const scene = await openScene(world, options, { command: "actions list", closed: true });
  if (!scene.ok) return refuse(world, options, scene.failure);
  const { fold, place, status, now } = scene.value;
  const all = actionsOf(fold).toSorted((a, b) => Number(a.done) - Number(b.done));
  const today = dayAhead(now, status.zone, 0);
  if (all.length === 0 && options.json !== true)
    world.stderr.write(`${place.incident} has no actions; lav-ir actions add preventive "…"\n`);
  const rows = all.map(({ id, text, kind, priority, owner, due, done, ref }) => ({
    type: "incident.action" as const,
    incident: place.incident,
    action: id,
    text,
    kind,
    priority,
    owner,
    due,
    done,
    ref,
  }));
  show(world, options, rows, () =>
    all.map((one) => `${stateOf(one, today)}  ${actionText(one)}  ${one.ref}`),
  );
  return 0;
}

function stateOf({ done, due }: ActionItem, today: string): string {
  if (done) return "done";
  return due !== undefined && due < today ? "LATE" : "open";
}
