import { failureText } from "../base/failure.ts";
import type { Ports } from "../drivers/ports.ts";
import {
  coversScope,
  type AcceptedOrder,
  type HaltReply,
  type HaltScope,
  type VenueFill,
  type VenueOrder,
} from "../drivers/trading-ports.ts";
import { nameOf, type Looked } from "./trading-look.ts";
import { observe, type Observed } from "./trading-observe.ts";

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
  readonly instances: readonly ProvenInstance[];
  readonly venues: readonly ProvenVenue[];
  /** Fills after the halt, whatever they are of. */
  readonly fills: readonly VenueFill[];
  /** Orders accepted after the halt of the instance that accepted them. */
  readonly accepted: readonly AcceptedOrder[];
  /** Orders that came while it was looked, and orders that were refused because of the halts. */
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

export interface ProofRequest {
  readonly scope: HaltScope;
  /** When halting began, by this machine's clock: for what no instance tells a time for. */
  readonly since: Date;
  /** Milliseconds to look at most, and between two reads. */
  readonly window: number;
  readonly every: number;
  /** What the instances answered, where they have just been told to halt. */
  readonly replies?: readonly HaltReply[];
}

/**
 * Looks until two reads in a row show the same quiet, or until the window has passed. Nothing is changed, and
 * the word of an instance alone proves nothing: open orders and fills come from the venues themselves.
 */
export async function prove(
  ports: Pick<Ports, "trading" | "clock">,
  request: ProofRequest,
  signal: AbortSignal,
): Promise<Proof> {
  const { clock } = ports;
  const begun = clock.monotonic();
  const starting = await observe(ports, request.since, signal);
  const starts = startsOf(starting, request);
  const earliest = new Date(
    Math.min(request.since.getTime(), ...[...starts.values()].map((at) => at.getTime())),
  );
  let before = earliest < request.since ? await observe(ports, earliest, signal) : starting;
  for (let read = clock.monotonic(); ;) {
    await clock.sleep(request.every, signal);
    const now = await observe(ports, earliest, signal);
    const at = clock.now();
    const spacing = Math.round(clock.monotonic() - read);
    read = clock.monotonic();
    const proof = judge(request, starts, starting, before, now, { spacing, at });
    const over = signal.aborted || read - begun > request.window;
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
function startsOf(first: Observed, { since: asked, replies = [] }: ProofRequest): ReadonlyMap<string, Date> {
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
      return [[instance, age > 20_000 && answeredAt !== undefined ? answeredAt : since]];
    }),
  );
  return new Map([...said, ...anew]);
}

function judge(
  { scope, since }: ProofRequest,
  starts: ReadonlyMap<string, Date>,
  first: Observed,
  before: Observed,
  now: Observed,
  when: Pick<Proof, "spacing" | "at">,
): Proof {
  const trading: string[] = [];
  const unknown: string[] = [];
  const exceptions: string[] = [];
  const unheard: string[] = [];
  const inScope = (venue: string): boolean => !scope.startsWith("venue:") || scope === `venue:${venue}`;
  const mine = ({ strategy }: { readonly strategy: string }): boolean =>
    !scope.startsWith("strategy:") || scope === `strategy:${strategy}`;
  const venues = (now.venues.ok ? now.venues.value : []).filter(({ venue }) => inScope(venue));
  const shut = !scope.startsWith("strategy:") && venues.length > 0 && venues.every(({ halted }) => halted);

  // Where every venue refuses, what an instance does or says makes no order.
  const doubt = (sentence: string, list: string[]): void => {
    if (shut) exceptions.push(`${sentence}; every venue refuses orders itself`);
    else list.push(sentence);
  };
  for (const looked of now.states)
    judgeInstance(
      looked,
      scope,
      (text) => doubt(text, trading),
      (text) => doubt(text, unknown),
    );
  if (now.states.length === 0) doubt("no instance is configured, and none was found", unknown);
  for (const { name, state } of now.instances.stopped)
    doubt(
      `${name} is ${state}: it holds no halt that could be confirmed, and would trade once started`,
      unknown,
    );
  if (now.instances.unseen !== undefined)
    doubt(`whether there are other instances is not known: ${failureText(now.instances.unseen)}`, unknown);

  if (!now.venues.ok) unknown.push(`open orders are not known: ${failureText(now.venues.failure)}`);
  else if (venues.length === 0) unknown.push("the venues' API names no venue that the halt covers");
  const proven = venues.map(({ venue, market, halted }): ProvenVenue => {
    const reads = [before.open.get(venue), now.open.get(venue)] as const;
    for (const read of reads) {
      if (read?.ok === true) continue;
      unknown.push(
        `open orders at ${venue} are not known: ${read === undefined ? "it was not read" : failureText(read.failure)}`,
      );
      break;
    }
    const open = reads.map((read) => (read?.ok === true ? read.value.filter(mine) : undefined));
    for (const order of open[1] ?? []) {
      const stays = market === "closed" && order.timeInForce === "GTC";
      if (stays) exceptions.push(`${orderText(venue, order)}: good till cancelled, and the market is closed`);
      else trading.push(orderText(venue, order));
    }
    const gone = (open[0] ?? []).filter((order) => !(market === "closed" && order.timeInForce === "GTC"));
    if (gone.length > 0 && (open[1] ?? []).length === 0)
      unknown.push(`${venue} has no open order in one read only`);
    return { venue, market, closed: halted, open: [open[0]?.length, open[1]?.length] };
  });

  const fills: VenueFill[] = [];
  for (const { venue } of venues) {
    const [earlier, later] = [before.fills.get(venue), now.fills.get(venue)];
    if (later?.ok !== true || earlier?.ok !== true) {
      if (now.open.get(venue)?.ok === true)
        unknown.push(
          `fills at ${venue} are not known: ${later?.ok === false ? failureText(later.failure) : "one read is missing"}`,
        );
      continue;
    }
    fills.push(...later.value);
    const known = new Set(earlier.value.map(({ boot, sequence }) => `${boot} ${sequence}`));
    for (const fill of later.value.filter(({ boot, sequence }) => !known.has(`${boot} ${sequence}`)))
      trading.push(
        `${venue} filled ${fill.side} ${fill.quantity} ${fill.symbol} (order ${fill.client}) while it was looked`,
      );
  }

  const accepted = now.orders.ok
    ? acceptedAfter(now.orders.value.accepted, starts, since).filter((one) => mine(one) && inScope(one.venue))
    : [];
  const seen = new Set((before.orders.ok ? before.orders.value.accepted : []).map(({ order }) => order));
  const counted = shut ? accepted.filter(({ order }) => !seen.has(order)) : accepted;
  for (const name of new Set(counted.map(({ instance }) => instance)))
    trading.push(
      acceptedText(
        name,
        counted.filter(({ instance }) => instance === name),
      ),
    );
  if (shut && accepted.length > counted.length)
    exceptions.push(
      `${accepted.length - counted.length} orders were accepted between the halt and the closing of the venues`,
    );
  if (!now.orders.ok) unheard.push(`the orders table: ${failureText(now.orders.failure)}`);
  if (!now.offsets.ok) unheard.push(`the topics: ${failureText(now.offsets.failure)}`);

  const refusedOf = (id: string | undefined): number | undefined =>
    now.orders.ok && id !== undefined ? (now.orders.value.refused.get(id) ?? 0) : undefined;
  const instances = now.states.map(({ instance, state }): ProvenInstance => {
    const said = state.ok ? state.value : undefined;
    const { haltId } = said ?? {};
    return {
      name: nameOf(instance),
      instance: said?.instance,
      halted: said?.halted,
      halt_id: haltId,
      since: said?.since,
      refused: refusedOf(haltId),
    };
  });
  return {
    outcome: trading.length > 0 ? "PARTIAL" : unknown.length > 0 ? "UNKNOWN" : "PROVEN",
    scope,
    halts: [...new Set(instances.flatMap(({ halt_id: id }) => id ?? []))],
    trading,
    unknown,
    exceptions,
    unheard,
    instances,
    venues: proven,
    fills,
    accepted,
    asked:
      now.offsets.ok && first.offsets.ok
        ? Number(now.offsets.value.orders - first.offsets.value.orders)
        : undefined,
    refused: now.orders.ok ? instances.reduce((sum, { refused }) => sum + (refused ?? 0), 0) : undefined,
    ...when,
  };
}

function judgeInstance(
  { instance, state }: Looked,
  scope: HaltScope,
  trades: (sentence: string) => void,
  unsure: (sentence: string) => void,
): void {
  const name = nameOf(instance);
  if (!state.ok) {
    unsure(`${name}: ${failureText(state.failure)}`);
    return;
  }
  const { halted, stage, covers } = state.value;
  if (!halted) trades(`${name} trades: it is not halted`);
  else if (stage !== "halted") trades(`${name} trades: it is being resumed and stands at ${stage}`);
  else if (!coversScope(covers, scope)) trades(`${name} trades: its halt does not cover ${scope}`);
}

/** Orders accepted after the halt of their own instance, by that instance's own clock. */
function acceptedAfter(
  orders: readonly AcceptedOrder[],
  starts: ReadonlyMap<string, Date>,
  asked: Date,
): readonly AcceptedOrder[] {
  const latest = new Date(Math.max(asked.getTime(), ...[...starts.values()].map((at) => at.getTime())));
  return orders.filter(({ instance, acceptedAt }) => acceptedAt > (starts.get(instance) ?? latest));
}

function orderText(venue: string, { client, side, quantity, symbol, strategy }: VenueOrder): string {
  return `${venue} holds order ${client} open: ${side} ${quantity} ${symbol}, ${strategy}`;
}

function acceptedText(instance: string, orders: readonly AcceptedOrder[]): string {
  const [newest] = orders;
  const venues = [...new Set(orders.map(({ venue }) => venue))].join(", ");
  const count = orders.length === 1 ? "1 order" : `${orders.length} orders`;
  return `${instance} accepted ${count} after the halt (${venues}), the last ${newest?.order ?? "?"} at ${newest?.acceptedAt.toISOString() ?? "?"}`;
}
