import { formatDuration } from "../base/duration.ts";
import type { GroupPlace, Section, StepStatus } from "../events/run.ts";
import { seenItems, type Group, type Include, type Item, type Need } from "../runbook/runbook.ts";
import { includedNames } from "../plan/names.ts";
import { innerPlan, type Plan } from "../plan/plan.ts";
import { afterArrivals } from "./deadline.ts";
import { conditionText, judge } from "./judge.ts";
import type { Progress } from "./progress.ts";
import { groupKey } from "./resume-state.ts";
import { notReached, type Scope } from "./scope.ts";
import { emit } from "./session.ts";
import { settleGroup, standingOf, type Around, type Standing } from "./standing.ts";
import { isTurn, readsItem, scopeOfTurn, settleTurn, settleTurns, turnsOf, type Turn } from "./turns.ts";

/** Where a list of items runs. */
export interface ItemPlace {
  readonly section: Section;
  readonly rung: string | undefined;
  readonly plan: Plan;
  readonly scope: Scope;
  /** Ids of the includes around it, outermost first: names of its own begin there. */
  readonly path: readonly string[];
  /** Ids of the groups and includes around it, outermost first. */
  readonly groups: readonly string[];
  /** What the groups around it need: whatever measures it again measures those before it. */
  readonly needs: readonly Need[];
  /** What does not end well in it does not end its list, unless it says so itself. */
  readonly tolerate: boolean;
  /** Why nobody can say whether the group around it is meant: its steps are not begun, and none of them is well. */
  readonly undecided?: string;
  /** Of a turn of a list: `2 of 7: NEWS`. */
  readonly turn?: string;
  /** The group around it, for what is measured in it again. */
  readonly around?: Around;
  /** Fires when the time of a group around it is over: none of its steps begins, what reads or waits in it ends. */
  readonly over?: AbortSignal;
}

/** A group that was entered. */
export interface Entered {
  readonly inner: ItemPlace;
  /** What runs in it: its own items, or a turn for each item of its list. */
  readonly items: readonly Item[];
  /** Tells how it ended, once all that is in it has. */
  readonly leave: () => Promise<Standing>;
}

/**
 * Enters a group or an include, or leaves it out with all that is in it.
 * @returns why it is left out, where it is
 */
export async function enterGroup(
  group: Group | Include,
  place: ItemPlace,
  progress: Progress,
): Promise<Entered | string> {
  const { session } = progress;
  const begun = session.ports.clock.monotonic();
  const here = groupPlace(group, place);
  const title = titleOfGroup(group);
  const finish = async (status: StepStatus, message: string): Promise<void> => {
    const duration_ms = Math.round(session.ports.clock.monotonic() - begun);
    await emit(session, { type: "group.finished", ...here, title, status, message, duration_ms });
  };
  const verdict = isMeant(group, place, progress);
  const leaveOut = async (why: string, inside: string): Promise<string> => {
    // Of an include nothing is seen but by its id, of a list but by its items.
    for (const { id } of group.type === "group" && group.foreach === undefined ? seenItems(group.items) : [])
      if (!isTurn(group)) place.scope.steps[id] = { outcome: "skipped", sentence: inside };
    const stand = { outcome: "skipped", sentence: why } as const;
    const none = group.type === "group" && group.foreach !== undefined ? { items: [] } : {};
    if (isTurn(group)) settleTurn(group, stand);
    else place.scope.steps[group.id] = { ...none, ...stand };
    await finish("skipped", why);
    return why;
  };
  const condition = conditionText(group.when?.expression.text ?? "");
  if (verdict === false) {
    const why = `${condition} is false`;
    return await leaveOut(why, `${title}: ${why}`);
  }
  const meant = verdict === true ? place.undecided : `cannot evaluate ${condition}: ${verdict}`;
  const each = group.type === "group" && meant === undefined ? group.foreach : undefined;
  const turns =
    each === undefined ? undefined : await turnsOf(group as Group, each, place.scope, here, progress);
  const measured = place.section === "diagnose" || place.section === "verify";
  // Nothing was measured, and that is no good news.
  if (turns?.ok === false && turns.failure.empty && !measured)
    return await leaveOut(turns.failure.message, "");
  const undecided = turns?.ok === false ? turns.failure.message : meant;
  const entries = turns?.ok === true ? turns.value : undefined;
  const { inner, cancel } = innerPlace(group, place, undecided);
  if (place.section === "diagnose" && entries !== undefined)
    progress.turned([...place.path, group.id].join("."), entries.length);
  const settled = (): Standing => settle(group, entries, place.scope, inner.scope);
  const around: Around = { settle: settled, outer: place.around };
  await emit(session, { type: "group.started", ...here, title });
  return {
    inner: { ...inner, around },
    items: entries ?? group.items,
    leave: async () => {
      cancel();
      const ended = settled();
      // Interrupted, it has not ended: a resumed run carries on in it.
      if (!session.stop.aborted && progress.fatal === undefined) await finish(ended.outcome, ended.sentence);
      return ended;
    },
  };
}

/** Puts how it ended where expressions find it. */
function settle(
  group: Group | Include,
  turns: readonly Turn[] | undefined,
  outer: Scope,
  inner: Scope,
): Standing {
  if (isTurn(group)) return settleTurn(group, standingOf(group.items, inner.steps), inner.steps);
  if (turns !== undefined && group.type === "group") return settleTurns(group, turns, outer);
  const stand = settleGroup(group, outer, inner);
  if (group.type === "group" && group.foreach !== undefined) outer.steps[group.id] = { items: [], ...stand };
  return stand;
}

export function titleOfGroup(group: Group | Include): string {
  return group.title ?? (group.type === "include" ? group.runbook.title : group.id);
}

/**
 * Its `when`. A group that an earlier process of this run entered is carried on with, whatever has become of its
 * condition since: what it has changed may be why that is false now.
 */
function isMeant(group: Group | Include, place: ItemPlace, { session }: Progress): boolean | string {
  const { id, when } = group;
  // One that reads the item is asked in each turn.
  if (when === undefined || (group.type === "group" && group.foreach !== undefined && readsItem(group)))
    return true;
  if (place.section !== "diagnose" && session.past.groups.has(groupKey(groupPlace({ id }, place))))
    return true;
  return judge(when, place.scope.names(isTurn(group) ? group.turn.here : {}));
}

function groupPlace({ id }: Pick<Group, "id">, { section, rung, path, groups }: ItemPlace): GroupPlace {
  return {
    group: [...path, id].join("."),
    section,
    ...(rung === undefined ? {} : { rung }),
    ...(groups.length === 0 ? {} : { groups }),
  };
}

/** Whether a list carries on when one of its items does not end well. The nearest counts. */
export function toleratesIn(item: Item, place: Pick<ItemPlace, "tolerate">): boolean {
  const own = item.type === "include" && item.runbook.tolerate;
  return item.tolerate?.value ?? (own || place.tolerate);
}

function innerPlace(
  group: Group | Include,
  place: ItemPlace,
  undecided: string | undefined,
): { readonly inner: ItemPlace; readonly cancel: () => void } {
  const more = undecided === undefined ? {} : { undecided };
  const groups = [...place.groups, group.id];
  const tolerate = toleratesIn(group, place);
  const here = { ...place, ...more, groups, tolerate, needs: [...place.needs, ...group.needs] };
  if (group.type === "include") {
    const fixed = includedNames(group, place.plan.platform, place.scope.names());
    const scope = place.scope.inner(fixed);
    for (const [id, step] of notReached(group.items)) scope.steps[id] = step;
    place.scope.steps[group.id] = scope.steps;
    const plan = { ...innerPlan(group, place.plan), names: fixed };
    // What it needs has ended when it begins; in there needs are of its own names.
    return { inner: { ...here, needs: [], scope, plan, path: [...place.path, group.id] }, cancel: () => {} };
  }
  if (isTurn(group)) {
    const scope = scopeOfTurn(group, place.scope);
    const turn = group.title ?? group.id;
    return { inner: { ...here, scope, turn, path: [...place.path, group.id] }, cancel: () => {} };
  }
  if (group.timeout === undefined) return { inner: here, cancel: () => {} };
  const { timeout } = group;
  const over = new AbortController();
  const why = `the group ${titleOfGroup(group)} exceeded its deadline of ${formatDuration(timeout)}`;
  const cancel = afterArrivals(timeout, () => over.abort(why));
  const both = place.over === undefined ? over.signal : AbortSignal.any([place.over, over.signal]);
  return { inner: { ...here, over: both }, cancel };
}
