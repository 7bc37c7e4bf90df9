// The proof of a halt. First the truth table, then the code. `judge` asks nothing and writes nothing: it reads what
// observe.ts saw twice in a row and sorts sentences into lists. The outcome is then
//
//   trading is not empty -> PARTIAL      else unknown is not empty -> UNKNOWN      else PROVEN
//
// `shut`: the scope is no strategy, there is a venue in scope, and every one of them refuses orders itself.
// Whatever an instance does then makes no order.
//
//   an instance, by its own word and its clock                     not shut      shut
//   halted, at stage "halted", and its halt covers the scope       -             -
//     the same, and its clock was set back meanwhile               unknown       exception
//   not halted; being resumed; its halt does not cover the scope   trading       exception
//     the same, and its clock was set back                         both lists    exceptions
//   it does not answer, or cannot be read                          unknown       exception
//   its container is stopped: it would trade once started          unknown       exception
//   the engine cannot tell which instances there are               unknown       exception
//   none is configured and none was found                          unknown       exception
//
//   a venue in scope, by its own books (shut or not)               list
//   the venues' API fails, or names no venue of the scope          unknown
//   open orders could not be read in both reads                    unknown
//   an open order of the scope in the later read                   trading
//     good till cancelled, and the market is closed                exception
//   none in the later read, and one in the earlier                 unknown: the next pair decides
//   fills could not be read in both reads                          unknown
//   a fill in the later read that the earlier has not              trading
//   another fill after the halt                                    listed, no doubt
//
//   an order accepted after its instance's start, by the table     not shut      shut
//   new since the earlier read                                     trading       trading
//   in the earlier read already                                    trading       exception: before the closing
//   the table could not be read in the earlier read                trading       unknown
//   the table or the topics cannot be read now                     unheard       unheard
//
// What must not be broken: a doubt never becomes nothing; an instance's word alone proves nothing; second witnesses
// that are silent cost nothing; no time is compared with another clock's unless clocks.ts corrected it ("start"
// above is `starts`, each instance's own time). test/trading/proof/prove.test.ts and test/halt/ hold the table.

import { failureText } from "../../base/failure.ts";
import {
  coversScope,
  type AcceptedOrder,
  type HaltScope,
  type VenueFill,
  type VenueOrder,
  type VenueState,
} from "../../ports/trading.ts";
import { instanceName, type Looked } from "./look.ts";
import { acceptedText, orderText } from "./order-text.ts";
import { clocksOf, haltedAtVenues, type Clocks } from "./clocks.ts";
import type { Observed } from "./observe.ts";
import type { Moment } from "./moment.ts";

export type HaltOutcome = "PROVEN" | "PARTIAL" | "UNKNOWN";

/** What was found out about a halt, with everything it rests on. */
export interface Proof {
  readonly outcome: HaltOutcome;
  readonly scope: HaltScope;
  /** Ids of the halts in force. */
  readonly halts: readonly string[];
  /** What still trades, exactly: the reasons of PARTIAL. */
  readonly trading: readonly string[];
  /** What could not be seen and would have to be: the reasons of UNKNOWN. */
  readonly unknown: readonly string[];
  /** What is not as one might expect, and is no trading: orders a closed market keeps, an instance that is down. */
  readonly exceptions: readonly string[];
  /** Second witnesses that could not be heard; the venues' own word stands without them. */
  readonly unheard: readonly string[];
  /** Clocks that differ, or were set while it was looked: a sentence each. */
  readonly clocks: readonly string[];
  readonly instances: readonly ProvenInstance[];
  readonly venues: readonly ProvenVenue[];
  /** Fills after the halt, whatever they are of. */
  readonly fills: readonly VenueFill[];
  /** Orders accepted after the halt of the instance that accepted them. */
  readonly accepted: readonly AcceptedOrder[];
  /** Orders that arrived during the proof, and orders that were refused because of the halts. */
  readonly asked: number | undefined;
  readonly refused: number | undefined;
  /** Milliseconds between the two reads that it rests on, and when the last of them was. */
  readonly spacing: number;
  readonly at: Date;
}

interface ProvenInstance {
  readonly name: string;
  readonly instance: string | undefined;
  readonly halted: boolean | undefined;
  readonly halt_id: string | undefined;
  readonly since: Date | undefined;
  /** Orders it was seen to refuse since. */
  readonly refused: number | undefined;
}

interface ProvenVenue {
  readonly venue: string;
  readonly market: string;
  /** It takes no orders itself. */
  readonly closed: boolean;
  /** Open orders that the halt covers, in the two reads. */
  readonly open: readonly [number | undefined, number | undefined];
}

/** What a verdict rests on: two reads in a row, and the first one of all. */
export interface ProofEvidence {
  readonly scope: HaltScope;
  /** When halting began, by this machine. */
  readonly since: Moment;
  /** The same by the platform's clocks. */
  readonly asked: Date;
  /** From when on each instance may accept nothing, by its own clock. */
  readonly starts: ReadonlyMap<string, Date>;
  readonly first: Observed;
  readonly before: Observed;
  readonly now: Observed;
}

/** What the two reads show. Nothing is asked here. */
export function judgeProof(evidence: ProofEvidence, when: Pick<Proof, "spacing" | "at">): Proof {
  const { scope, first, now } = evidence;
  const verdict = new Verdict(evidence);
  verdict.instances();
  const venues = verdict.books();
  const fills = verdict.fills();
  const accepted = verdict.orders();
  const instances = now.states.map((looked) => provenOf(looked, now));
  const { trading, unknown, exceptions, unheard, clocks } = verdict;
  const asked =
    now.offsets.ok && first.offsets.ok ? now.offsets.value.orders - first.offsets.value.orders : undefined;
  return {
    outcome: trading.length > 0 ? "PARTIAL" : unknown.length > 0 ? "UNKNOWN" : "PROVEN",
    scope,
    halts: [...new Set(instances.flatMap(({ halt_id: id }) => id ?? []))],
    trading,
    unknown,
    exceptions,
    unheard,
    clocks: clocks.said,
    instances,
    venues,
    fills,
    accepted,
    asked: asked === undefined ? undefined : Number(asked),
    refused: now.orders.ok ? instances.reduce((sum, { refused }) => sum + (refused ?? 0), 0) : undefined,
    ...when,
  };
}

class Verdict {
  readonly trading: string[] = [];
  readonly unknown: string[] = [];
  readonly exceptions: string[] = [];
  readonly unheard: string[] = [];
  readonly clocks: Clocks;
  private readonly evidence: ProofEvidence;
  /** Those that the halt covers. */
  private readonly venues: readonly VenueState[];
  /** Every one of them refuses orders itself. */
  private readonly shut: boolean;

  constructor(evidence: ProofEvidence) {
    this.evidence = evidence;
    const { scope, since, first, now } = evidence;
    const { venues } = now;
    this.clocks = clocksOf(since, first, now);
    this.venues = (venues.ok ? venues.value : []).filter(({ venue }) => this.inScope(venue));
    this.shut =
      !scope.startsWith("strategy:") && this.venues.length > 0 && this.venues.every(({ halted }) => halted);
  }

  /** What each instance says, and whether all of them could be asked. */
  instances(): void {
    const { states, instances } = this.evidence.now;
    for (const looked of states) this.instance(looked);
    if (states.length === 0) this.doubt("no instance is configured, and none was discovered", this.unknown);
    for (const { name, state } of instances.stopped)
      this.doubt(
        `${name} is ${state}: it holds no halt that could be confirmed, and would trade once started`,
        this.unknown,
      );
    if (instances.unseen !== undefined)
      this.doubt(
        `cannot look for other instances, which may be trading: ${failureText(instances.unseen)}`,
        this.unknown,
      );
  }

  /** Open orders at each venue, by its own word, in both reads. */
  books(): readonly ProvenVenue[] {
    const { before, now } = this.evidence;
    if (!now.venues.ok) this.unknown.push(`cannot read open orders: ${failureText(now.venues.failure)}`);
    else if (this.venues.length === 0)
      this.unknown.push(
        `the venues' API names no venue that the halt covers; it has ${now.venues.value.map(({ venue }) => venue).join(", ") || "none"}`,
      );
    return this.venues.map(({ venue, market, halted }) => {
      const reads = [before.open.get(venue), now.open.get(venue)];
      const bad = reads.find((read) => read?.ok !== true);
      if (bad !== undefined || reads.includes(undefined)) {
        const why = bad?.ok === false ? failureText(bad.failure) : "it was not read twice";
        this.unknown.push(`cannot read open orders at ${venue}: ${why}`);
      }
      const [earlier, later] = reads.map((read) =>
        read?.ok === true ? read.value.filter((one) => this.mine(one)) : undefined,
      );
      const stays = (order: VenueOrder): boolean => market === "closed" && order.timeInForce === "GTC";
      for (const order of later ?? []) {
        if (stays(order))
          this.exceptions.push(`${orderText(venue, order)}: good till cancelled, and the market is closed`);
        else this.trading.push(orderText(venue, order));
      }
      if (later?.length === 0 && earlier?.some((order) => !stays(order)) === true)
        this.unknown.push(`${venue} had no open order in one of the two reads only`);
      return { venue, market, closed: halted, open: [earlier?.length, later?.length] };
    });
  }

  /** Fills since the halt; one that came between the two reads is trading. */
  fills(): readonly VenueFill[] {
    const { before, now, first, starts, asked } = this.evidence;
    // An instance goes on for the moment that the request is on its way: what it did then is before its halt.
    const halted = haltedAtVenues(starts, asked, first);
    return this.venues.flatMap(({ venue }) => {
      const [earlier, later] = [before.fills.get(venue), now.fills.get(venue)];
      if (later?.ok !== true || earlier?.ok !== true) {
        const why = later?.ok === false ? failureText(later.failure) : "one read is missing";
        if (now.open.get(venue)?.ok === true) this.unknown.push(`cannot read fills at ${venue}: ${why}`);
        return [];
      }
      const known = new Set(earlier.value.map(({ boot, sequence }) => `${boot} ${sequence}`));
      const own = later.value.filter((fill) => this.myFill(fill));
      for (const fill of own.filter(({ boot, sequence }) => !known.has(`${boot} ${sequence}`))) {
        const what = `${fill.side} ${fill.quantity} ${fill.symbol} (order ${fill.client})`;
        this.trading.push(`${venue} filled ${what} after the halt`);
      }
      return own.filter(({ at }) => at > halted);
    });
  }

  /** Orders accepted after the halt, by the table; what came before every venue was closed is over. */
  orders(): readonly AcceptedOrder[] {
    const { before, now, starts } = this.evidence;
    if (!now.offsets.ok) this.unheard.push(`the topics: ${failureText(now.offsets.failure)}`);
    if (!now.orders.ok) {
      this.unheard.push(`the orders table: ${failureText(now.orders.failure)}`);
      return [];
    }
    // For one whose name nobody tells: this machine's clock counts only where there is no other.
    const latest = starts.size === 0 ? this.evidence.asked : new Date(Math.max(...times(starts)));
    const accepted = now.orders.value.accepted
      .filter(({ instance, acceptedAt }) => acceptedAt > (starts.get(instance) ?? latest))
      .filter((one) => this.mine(one) && this.inScope(one.venue));
    const earlier = this.shut ? before.orders : undefined;
    const seen = new Set((earlier?.ok === true ? earlier.value.accepted : []).map(({ order }) => order));
    const counted = accepted.filter(({ order }) => !seen.has(order));
    const names = new Map(
      now.states.flatMap(({ instance, state }) =>
        state.ok ? [[state.value.instance, instanceName(instance)] as const] : [],
      ),
    );
    for (const id of new Set(counted.map(({ instance }) => instance))) {
      const own = counted.filter(({ instance }) => instance === id);
      const text = acceptedText(names.get(id) ?? id, own);
      if (earlier?.ok === false)
        this.unknown.push(
          `cannot tell whether this was before the venues were closed: the orders table could not be read then (${failureText(earlier.failure)}): ${text}`,
        );
      else this.trading.push(text);
    }
    const over = accepted.length - counted.length;
    if (over > 0)
      this.exceptions.push(
        `${over === 1 ? "1 order was" : `${over} orders were`} accepted between the halt and the closing of the venues`,
      );
    return accepted;
  }

  private instance({ instance, state }: Looked): void {
    const name = instanceName(instance);
    if (!state.ok) {
      this.doubt(`${name}: ${failureText(state.failure)}`, this.unknown);
      return;
    }
    const { halted, stage, covers, instance: own } = state.value;
    const { scope } = this.evidence;
    const back = this.clocks.back.get(own);
    if (back !== undefined)
      this.doubt(
        `cannot tell what ${name} has accepted since the halt: its clock was ${back} during the check; ask the venues`,
        this.unknown,
      );
    if (!halted) this.doubt(`${name} trades: it is not halted`, this.trading);
    else if (stage !== "halted")
      this.doubt(`${name} trades: it is being resumed, at stage ${stage}`, this.trading);
    else if (!coversScope(covers, scope))
      this.doubt(`${name} trades: its halt does not cover ${scope}`, this.trading);
  }

  /** Where every venue refuses, what an instance does or says makes no order. */
  private doubt(sentence: string, list: string[]): void {
    if (this.shut) this.exceptions.push(`${sentence}; every venue refuses orders itself`);
    else list.push(sentence);
  }

  private inScope(venue: string): boolean {
    const { scope } = this.evidence;
    return !scope.startsWith("venue:") || scope === `venue:${venue}`;
  }

  private mine({ strategy }: { readonly strategy: string }): boolean {
    const { scope } = this.evidence;
    return !scope.startsWith("strategy:") || scope === `strategy:${strategy}`;
  }

  /** A venue's fill does not say whose strategy it was: the orders table does, for what was accepted since. */
  private myFill({ client }: VenueFill): boolean {
    const { scope, now } = this.evidence;
    if (!scope.startsWith("strategy:")) return true;
    return now.orders.ok && now.orders.value.accepted.some((one) => one.order === client && this.mine(one));
  }
}

function times(starts: ReadonlyMap<string, Date>): readonly number[] {
  return [...starts.values()].map((at) => at.getTime());
}

function provenOf({ instance, state }: Looked, { orders }: Observed): ProvenInstance {
  const said = state.ok ? state.value : undefined;
  const id = said?.haltId;
  return {
    name: instanceName(instance),
    instance: said?.instance,
    halted: said?.halted,
    halt_id: id,
    since: said?.since,
    refused: orders.ok && id !== undefined ? (orders.value.refused.get(id) ?? 0) : undefined,
  };
}
