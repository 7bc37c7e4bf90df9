// Four clocks take part in a proof, and none is believed about another's times:
//
//   this machine's wall clock      may be set meanwhile; used where nobody tells another time
//   this machine's monotonic one   only grows: how much time really passed
//   each instance's                dates its halt and the orders that it accepts
//   the venues'                    dates fills
//
// A reply tells its server's time in whole seconds, so two clocks count as the same up to two seconds (`same`),
// half a second is added to what a reply says, and the time that the read itself took widens what is allowed.
//
// "When did halting begin" is therefore carried over to the platform's clock by the monotonic one (`askedAt`), and
// the earliest start of an instance to the venues' clock by the difference that the first read showed
// (`haltedAtVenues`); a difference within `same` is taken as none, so that noise moves no boundary.
//
// A clock that is set forward is named. One that is set back makes its instance's word worth nothing: what it
// accepts since is dated before its halt, and would be missed. That is `back`, and judge.ts makes it unknown. It is
// seen in two ways: the clock lost time against the monotonic one between two reads, or the halt lies in the
// clock's future.

import { formatDuration } from "../../base/duration.ts";
import { instanceName } from "./look.ts";
import type { Observed } from "./observe.ts";
import type { Moment } from "./moment.ts";

/** Milliseconds by which two clocks may differ and still count as the same: replies tell whole seconds. */
const same = 2000;

/** What a proof has to know of clocks. */
export interface Clocks {
  /** A sentence for each clock that differs, or that was set in the meantime. */
  readonly said: readonly string[];
  /** Instances, by their own name, whose clock was set back: what they accept since is dated before their halt. */
  readonly back: ReadonlyMap<string, string>;
}

/**
 * When halting began, by the platform's clocks: what was accepted is dated by those. This machine's own is
 * used where nobody tells another time; whether it is right, or was set in between, then does not matter.
 */
export function askedAt(since: Moment, first: Observed): Date {
  const at = venuesTime(first) ?? instanceTimes(first)[0]?.at;
  if (at === undefined) return since.wall;
  const { from, to } = first.taken;
  const elapsed = (from.mono + to.mono) / 2 - since.mono;
  const theirs = at.getTime() + 500 - elapsed;
  return Math.abs(theirs - since.wall.getTime()) <= same ? since.wall : new Date(theirs);
}

/** When the first instance was halted, by the venues' clock: fills are dated by that. */
export function haltedAtVenues(starts: ReadonlyMap<string, Date>, asked: Date, first: Observed): Date {
  const venues = venuesTime(first)?.getTime();
  const instances = instanceTimes(first);
  const times = [...starts].map(([instance, start]) => {
    const own = instances.find((one) => one.instance === instance)?.at.getTime();
    const shift = own === undefined || venues === undefined ? 0 : venues - own;
    return start.getTime() + (Math.abs(shift) <= same ? 0 : shift);
  });
  return times.length === 0 ? asked : new Date(Math.min(...times));
}

function venuesTime({ venues }: Pick<Observed, "venues">): Date | undefined {
  return venues.ok ? venues.value.find(({ answeredAt }) => answeredAt !== undefined)?.answeredAt : undefined;
}

/** Compares every clock that was told with this machine's, and each with itself a while before. */
export function clocksOf(since: Moment, first: Observed, now: Observed): Clocks {
  const said: string[] = [];
  const back = new Map<string, string>();
  const own = drift(since, now.taken.to);
  if (Math.abs(own) > same)
    said.push(
      `this machine's clock was ${set(own)} during the proof; the start time is by the clock before that`,
    );
  said.push(...differences(now));
  for (const one of instanceTimes(now)) {
    const before = instanceTimes(first).find(({ instance }) => instance === one.instance);
    if (before === undefined) continue;
    const at = (wall: Date, { taken }: Observed): Moment => ({ wall, mono: taken.to.mono });
    const moved = drift(at(before.at, first), at(one.at, now));
    const future = one.since === undefined ? 0 : one.since.getTime() - one.at.getTime();
    const spans = [first, now].reduce((sum, { taken }) => sum + taken.to.mono - taken.from.mono, 0);
    const change = future > same ? -future : Math.abs(moved) > same + spans ? moved : 0;
    if (change === 0) continue;
    said.push(`the clock of ${one.name} was ${set(change)} during the proof`);
    if (change < 0) back.set(one.instance, set(change));
  }
  return { said, back };
}

/** Milliseconds that the clock which can be set has gained on the one that only grows. */
function drift(from: Moment, to: Moment): number {
  return to.wall.getTime() - from.wall.getTime() - (to.mono - from.mono);
}

function differences({ states, venues, taken }: Observed): readonly string[] {
  const servers = instanceTimes({ states }).map(({ name, at }) => ({ name, at }));
  const venue = venuesTime({ venues });
  if (venue !== undefined) servers.push({ name: "the venues", at: venue });
  const ahead = servers.map(({ name, at }) => {
    const least = at.getTime() - taken.to.wall.getTime();
    const most = at.getTime() + 1000 - taken.from.wall.getTime();
    const differs = least > same || most < -same;
    return { name, differs, by: (least + most) / 2 };
  });
  const [one] = ahead;
  // All of them alike: then it is this machine's that differs.
  const alike = ahead.every(({ differs, by }) => differs && Math.abs(by - (one?.by ?? 0)) <= same);
  if (one !== undefined && ahead.length > 1 && alike)
    return [`this machine's clock is ${apart(-one.by)} the platform's; times below are the platform's`];
  return ahead.flatMap(({ name, differs, by }) =>
    differs ? [`the clock of ${name} is ${apart(by)} this machine's`] : [],
  );
}

function instanceTimes({ states }: Pick<Observed, "states">) {
  return states.flatMap(({ instance, state }) => {
    if (!state.ok || state.value.answeredAt === undefined) return [];
    const { instance: own, answeredAt: at, since } = state.value;
    return [{ instance: own, name: instanceName(instance), at, since }];
  });
}

function set(by: number): string {
  return `set ${by > 0 ? "forward" : "back"} by about ${lengthOf(by)}`;
}

function apart(by: number): string {
  return `about ${lengthOf(by)} ${by > 0 ? "ahead of" : "behind"}`;
}

/** Seconds below a minute, above it tens of them: no better is it known. */
function lengthOf(ms: number): string {
  const unit = Math.abs(ms) < 60_000 ? 1000 : 10_000;
  return formatDuration(Math.round(Math.abs(ms) / unit) * unit);
}
