// The loop around the proof of a halt: observe.ts reads every channel, judge.ts compares two reads in a row, and this
// file decides how often. One read proves nothing, because an order that was on its way may arrive a moment later; so
// it reads until two in a row show the same quiet, or until the window is over.
//
// What must not be broken: the end is counted in reads as well as in time, since a clock that stands still must not
// make it look for ever; a slow channel does not reduce the proof to one pair of reads (only a window of 0 does); and
// the last verdict is returned as it is. Running out of time is never a reason for a better outcome.

import type { Ports } from "../../ports/ports.ts";
import type { HaltReply, HaltScope } from "../../ports/trading.ts";
import { askedAt } from "./clocks.ts";
import { judgeProof, type Proof } from "./judge.ts";
import { observe, type Observed } from "./observe.ts";

export interface ProofRequest {
  readonly scope: HaltScope;
  /** When halting began, by this machine's clock: for what nobody tells a time for. */
  readonly since: Date;
  /** The same by its monotonic clock, in milliseconds; now when it is left out. */
  readonly begun?: number;
  /** Milliseconds to look at most, where it is not what the platform file says. */
  readonly window?: number;
  /** What the instances answered, where they have just been told to halt. */
  readonly replies?: readonly HaltReply[];
}

/**
 * Looks until two reads in a row show the same quiet, or until the window has passed and at least three reads
 * were made (two where the window is 0). Nothing is changed, and the word of an instance alone proves nothing:
 * open orders and fills come from the venues themselves.
 */
export async function prove(
  ports: Pick<Ports, "trading" | "clock">,
  request: ProofRequest,
  signal: AbortSignal,
): Promise<Proof> {
  const { clock, trading } = ports;
  const { every } = trading.proof;
  const { window = trading.proof.window } = request;
  const begun = clock.monotonic();
  const since = { wall: request.since, mono: request.begun ?? begun };
  const starting = await observe(ports, request.since, signal);
  const asked = askedAt(since, starting);
  const starts = startsOf(starting, asked, request.replies);
  const times = [request.since, asked, ...starts.values()].map((at) => at.getTime());
  const earliest = new Date(Math.min(...times));
  let before = earliest < request.since ? await observe(ports, earliest, signal) : starting;
  // Counted as well: a clock that stands still must not make it look for ever.
  const most = Math.ceil(window / every) + 1;
  // A read that waits in vain for one channel takes as long as a window does: one pair alone would be all.
  const least = window === 0 ? 1 : 2;
  for (let read = clock.monotonic(), reads = 1; ; reads++) {
    await clock.sleep(every, signal);
    const now = await observe(ports, earliest, signal);
    const at = clock.now();
    const spacing = Math.round(clock.monotonic() - read);
    read = clock.monotonic();
    const evidence = { scope: request.scope, since, asked, starts, first: starting, before, now };
    const proof = judgeProof(evidence, { spacing, at });
    const over = signal.aborted || (reads >= least && (reads >= most || read - begun > window));
    if (over || (proof.outcome === "PROVEN" && everyoneShown(proof))) return proof;
    before = now;
  }
}

/** Either no order came, or every instance that is halted was seen to refuse one. */
function everyoneShown({ asked, refused, instances }: Proof): boolean {
  if (asked === undefined || refused === undefined || asked === 0) return true;
  return instances.every((one) => one.halted !== true || (one.refused ?? 0) > 0);
}

/**
 * From when on each instance may accept nothing, by its own clock. A halt that is old (somebody halted before)
 * counts from now: what came in between is history, and is listed.
 */
function startsOf(
  first: Observed,
  asked: Date,
  replies: ProofRequest["replies"] = [],
): ReadonlyMap<string, Date> {
  // Halted anew in the middle of resuming: the halt keeps its old beginning.
  const anew = replies.flatMap(({ instance, repeated, since, answeredAt }): [string, Date][] =>
    repeated || answeredAt === undefined || answeredAt.getTime() - since.getTime() < 2000
      ? []
      : [[instance, new Date(answeredAt.getTime() + 1000)]],
  );
  const said = new Map(
    first.states.flatMap(({ state }): [string, Date][] => {
      if (!state.ok) return [];
      const { instance, since, answeredAt } = state.value;
      if (since === undefined) return [[instance, answeredAt ?? asked]];
      const age = answeredAt === undefined ? 0 : answeredAt.getTime() - since.getTime();
      // Younger than nothing: its clock was set back after it halted, and dates what it accepts before that.
      return [[instance, (age > 20_000 || age < -1000) && answeredAt !== undefined ? answeredAt : since]];
    }),
  );
  return new Map([...said, ...anew]);
}
