import { ok, type Result } from "../../base/result.ts";
import { nearest } from "../../base/suggest.ts";
import { actionKinds, actionPriorities, type IncidentData } from "../../events/incident-record.ts";
import { actionsOf, nextActionId, type ActionItem } from "../../incident/actions.ts";
import { dayAhead, dayOf } from "../../incident/review-date.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { personNamed, type Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";

type Action = IncidentData<"incident.action">;
type Made = Result<Statement, Refusal>;

/** What may be said of an action beside its text. */
export interface ActionOptions {
  readonly owner?: string;
  /** A day, or in how many: `2026-12-10`, `7d`. */
  readonly due?: string;
  readonly priority?: string;
}

/** Something to be done after the incident; it may be added after its end too. */
export function addAction(scene: Scene, typedKind: string, typed: string, own: ActionOptions): Made {
  const kind = oneOfThese(typedKind, actionKinds, "kind of action");
  if (!kind.ok) return kind;
  const text = scene.text(typed, "the action");
  if (!text.ok) return refusal(text.failure);
  const details = detailsOf(scene, own);
  if (!details.ok) return details;
  const id = nextActionId(scene.fold);
  return recorded({ id, text: text.value, priority: "medium", kind: kind.value, ...details.value }, "added");
}

/** Gives an action to somebody else, or another day or priority; all of it is recorded anew. */
export function moveAction(scene: Scene, id: string, own: ActionOptions): Made {
  const found = actionNamed(scene, id);
  if (!found.ok) return found;
  const details = detailsOf(scene, own);
  if (!details.ok) return details;
  if (Object.keys(details.value).length === 0)
    return refusal("move needs one of --owner, --due and --priority");
  return recorded({ ...dataOf(found.value), ...details.value }, "moved");
}

export function finishAction(scene: Scene, id: string): Made {
  const found = actionNamed(scene, id);
  if (!found.ok) return found;
  if (found.value.done) return refusal(`action ${id} is already done (${found.value.ref})`, "state");
  return recorded({ ...dataOf(found.value), done: true }, "done");
}

function recorded(data: Action, what: string): Made {
  return ok({ records: [{ type: "incident.action", data }], says: [`${what}: ${actionText(data)}`] });
}

/** `1  runbook  high  add the gateway  (bob, until 2026-12-10)`. */
export function actionText({ id, kind, priority, text, owner, due }: Action): string {
  return `${id}  ${kind}  ${priority}  ${text}  (${owner ?? "no owner"}, ${due === undefined ? "no date" : `until ${due}`})`;
}

function actionNamed({ fold, place }: Scene, id: string): Result<ActionItem, Refusal> {
  const all = actionsOf(fold);
  const found = all.find((one) => one.id === id);
  if (found !== undefined) return ok(found);
  const known = all.length === 0 ? "it has none" : `actions: ${all.map((one) => one.id).join(", ")}`;
  return refusal(`${place.incident} has no action ${id} (${known})`);
}

function dataOf({ id, text, owner, due, priority, kind }: ActionItem): Action {
  return {
    id,
    text,
    ...(owner === undefined ? {} : { owner }),
    ...(due === undefined ? {} : { due }),
    priority,
    kind,
  };
}

function detailsOf(
  scene: Scene,
  own: ActionOptions,
): Result<Partial<Pick<Action, "owner" | "due" | "priority">>, Refusal> {
  const owner = own.owner === undefined ? undefined : personNamed(scene, own.owner);
  if (owner !== undefined && !owner.ok) return owner;
  const due = own.due === undefined ? undefined : dueOf(scene, own.due);
  if (due !== undefined && !due.ok) return due;
  const priority =
    own.priority === undefined ? undefined : oneOfThese(own.priority, actionPriorities, "priority");
  if (priority !== undefined && !priority.ok) return priority;
  return ok({
    ...(owner === undefined ? {} : { owner: owner.value }),
    ...(due === undefined ? {} : { due: due.value }),
    ...(priority === undefined ? {} : { priority: priority.value }),
  });
}

function dueOf({ now, status }: Scene, typed: string): Result<string, Refusal> {
  const days = /^(\d{1,4})d$/.exec(typed)?.[1];
  const due = days === undefined ? dayOf(typed) : dayAhead(now, status.zone, Number(days));
  return due === undefined ? refusal(`--due ${typed} is not a date: write 2026-12-10, or 7d`) : ok(due);
}

function oneOfThese<T extends string>(typed: string, these: readonly T[], what: string): Result<T, Refusal> {
  const found = these.find((one) => one === typed.toLowerCase());
  if (found !== undefined) return ok(found);
  const near = nearest(typed, these);
  return refusal(
    `${typed} is not a ${what} (${near === undefined ? these.join(", ") : `did you mean ${near}?`})`,
  );
}
