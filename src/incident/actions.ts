import type { IncidentData, Ref } from "../events/incident-record.ts";
import type { IncidentFold } from "./fold.ts";
import type { Statement } from "./messages.ts";
import { isKnownTo } from "./order.ts";

type Said = Statement<IncidentData<"incident.action">>;

/** What is to be done after an incident, as it stands: each record of it says all of it anew. */
export interface ActionItem extends Omit<IncidentData<"incident.action">, "id" | "done"> {
  /** `3`; `3@ldn` of another desk's action that took the same number, neither desk knowing of the other's. */
  readonly id: string;
  readonly done: boolean;
  /** Milliseconds since 1970. */
  readonly added: number;
  /** The record that says how it stands. */
  readonly ref: Ref;
  /** Whoever wrote that. */
  readonly by: string;
}

/** Every action, in the order in which they were added. */
export function actionsOf({ actions }: Pick<IncidentFold, "actions">): readonly ActionItem[] {
  const histories = new Map<string, Said[]>();
  for (const said of actions) {
    const id = idOf(said, histories);
    histories.set(id, [...(histories.get(id) ?? []), said]);
  }
  return [...histories].flatMap(([id, history]) => {
    const [first, last] = [history[0], history.at(-1)];
    if (first === undefined || last === undefined) return [];
    const { done = false, text, ...data } = last.data;
    const { ref, record } = last.by;
    const item = { ...data, id, text: last.text ?? text, done, added: first.at, ref, by: record.actor };
    return [item];
  });
}

function idOf({ data, by }: Said, histories: ReadonlyMap<string, readonly Said[]>): string {
  const first = histories.get(data.id)?.[0];
  return first === undefined || isKnownTo(first.by, by) ? data.id : `${data.id}@${by.record.desk}`;
}

/** The number that the next action takes. */
export function nextActionId({ actions }: Pick<IncidentFold, "actions">): string {
  const taken = actions.map(({ data }) => Number.parseInt(data.id, 10)).filter(Number.isSafeInteger);
  return String(Math.max(0, ...taken) + 1);
}
