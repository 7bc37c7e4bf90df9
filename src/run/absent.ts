import type { Item, Step } from "../runbook/runbook.ts";
import { judge } from "./judge.ts";
import type { Scope } from "./scope.ts";
import type { Session } from "./session.ts";

/** The first step of a rung that waits for a word which can only be absent. */
export interface Absent {
  readonly step: Step;
  /** How the word is given, as a person is told. */
  readonly how: string;
}

/**
 * Whether the first word that a rung needs can only be absent: nobody is at a terminal, and no flag gives
 * it. What comes before that word then decides nothing, whatever of it can be reached. A change that an
 * earlier process began needs none before it has been looked at.
 */
export function absentConsent(
  items: readonly Item[],
  rung: string,
  session: Session,
  scope: Scope,
): Absent | undefined {
  if (session.rehearsal || session.ports.prompt.available) return undefined;
  // What nobody is there for is passed over where it is tolerated.
  const leftOut = ({ when, tolerate }: Item): boolean =>
    tolerate?.value === true || (when !== undefined && judge(when, scope.names()) === false);
  for (const { step, path } of placed(items, [], leftOut)) {
    if (begunBefore(session, `resolve/${rung}/${[...path, step.id].join(".")}`)) return undefined;
    const how = howOf(step, session);
    if (how === "needs none") continue;
    return how === "given" ? undefined : { step, how };
  }
  return undefined;
}

function* placed(
  items: readonly Item[],
  path: readonly string[],
  leftOut: (item: Item) => boolean,
): Generator<{ readonly step: Step; readonly path: readonly string[] }> {
  for (const item of items) {
    // In an include conditions see names of its own.
    if (path.length === 0 && leftOut(item)) continue;
    if (item.type === "step") yield { step: item, path };
    else yield* placed(item.items, item.type === "group" ? path : [...path, item.id], leftOut);
  }
}

function begunBefore({ past }: Session, key: string): boolean {
  return [...past.ended.keys(), ...past.open.keys()].some(
    (known) => known === key || known.startsWith(`${key}[`),
  );
}

function howOf({ kind, effect }: Step, { consent, plan }: Session): string {
  if (kind.asks === true) return "only a person at a terminal can answer it";
  const approved = consent.approve.length > 0;
  switch (effect) {
    case "read":
      return "needs none";
    case "change":
      return consent.yes || approved ? "given" : "pass --yes";
    case "destructive":
      return approved
        ? "given"
        : `pass --approve CODE; lav-ir run ${plan.runbook.id} --dry-run --live prints it`;
  }
}

/** What a person is told of a rung that nobody could be asked about. */
export function absentText({ step, how }: Absent): string {
  return `${step.title ?? step.id}: needs consent, and there is no terminal to ask at; ${how}`;
}
