// The messages of an incident up to a record of its one chain, packed for the cache of `status`: none of their texts,
// and in columns, since a list of numbers is read ten times faster than as many objects. Whoever unpacks them can fold
// what comes behind, but send nothing.
import type { Json } from "../base/json.ts";
import type { Ref } from "../events/incident-record.ts";
import type {
  ChannelUse,
  MessageFold,
  MessagesSoFar,
  MessageState,
  Open,
  Queued,
  Result,
  Statement,
} from "./messages.ts";
import type { Placed } from "./order.ts";

export interface Checkpoint extends MessagesSoFar {
  /** The number of the last record that it knows. */
  readonly seq: number;
}

/** What many messages have in common: all but their keys, numbers and times. */
interface Likeness {
  readonly data: Omit<Queued, "key" | "body" | "head" | "number">;
  readonly own: Pick<MessageFold, "channel" | "severity" | "unwanted" | "exposed" | "closed">;
  readonly counts: Pick<MessageFold, "attempts" | "unknowns" | "refusals">;
  readonly state: Omit<MessageState, "since" | "providerId">;
  readonly queued: Bits;
  readonly accepted?: Bits & { readonly outcome: Result["outcome"] };
}
type Bits = Pick<Statement<unknown>, "withdrawn" | "corrected">;

interface Packed extends Omit<Checkpoint, "messages" | "channels"> {
  readonly desk: string;
  readonly channels: readonly (readonly [string, number | null, number | null])[];
  readonly likenesses: readonly Likeness[];
  readonly keys: readonly string[];
  readonly numbers: readonly string[];
  /** Of each message: which likeness, record and time of `queued`, since when its state is, record and time of `accepted`. */
  readonly figures: readonly number[];
}

/** Figures of one message. */
const columns = 6;

/** @param seq the number of the last record in it */
export function packed({ messages, channels, ...rest }: MessagesSoFar, desk: string, seq: number): Json {
  const likenesses = new Map<string, number>();
  const figures: number[] = [];
  for (const { queued, state, accepted, ...message } of messages.values()) {
    const like = JSON.stringify(likenessOf({ queued, state, accepted, ...message } as MessageFold));
    const which = likenesses.get(like) ?? likenesses.size;
    likenesses.set(like, which);
    const taken = accepted === undefined ? [0, 0] : [accepted.by.record.seq, accepted.at];
    figures.push(which, queued.by.record.seq, queued.at, state.since, ...taken);
  }
  const own: Packed = {
    ...rest,
    seq,
    desk,
    channels: [...channels].map(([name, { attempted, rests }]) => [name, finite(attempted), finite(rests)]),
    likenesses: [...likenesses.keys()].map((like) => JSON.parse(like) as Likeness),
    keys: [...messages.keys()],
    numbers: [...messages.values()].map(({ number }) => number),
    figures,
  };
  return own as unknown as Json;
}

/** Whether its columns are whole, so that nothing in it is read as what it is not. */
export function isPacked(text: Json): boolean {
  const { likenesses, keys, numbers, figures, channels, updates, raises } =
    text as unknown as Partial<Packed>;
  const lists = [likenesses, keys, numbers, figures, channels, updates, raises];
  if (!lists.every((list) => Array.isArray(list)) || keys === undefined || figures === undefined)
    return false;
  return (
    numbers?.length === keys.length &&
    figures.length === keys.length * columns &&
    figures.every(
      (figure, at) => Number.isFinite(figure) && (at % columns > 0 || figure in (likenesses ?? [])),
    )
  );
}

/** @param text what `packed` made, by the same version */
export function unpacked(text: Json): Checkpoint {
  const { desk, channels, likenesses, keys, numbers, figures, ...rest } = text as unknown as Packed;
  const alike = likenesses.map((one) => sharedOf(one, desk));
  const messages = new Map<string, Open>();
  for (const [index, key] of keys.entries()) {
    const at = index * columns;
    const figure = (column: number): number => figures[at + column] ?? 0;
    const like = alike[figure(0)];
    if (like === undefined) continue;
    const { own, counts, data, taken } = like;
    // Each of one shape, and what can be shared is: there are tens of thousands of them.
    const message: Open = {
      key,
      queued: new Kept(data, figure(2), desk, figure(1), like.queued),
      channel: own.channel,
      number: numbers[index] ?? "",
      severity: own.severity,
      state: stateSince(like.state, figure(3)),
      attempts: counts.attempts,
      unknowns: counts.unknowns,
      refusals: counts.refusals,
      exposed: own.exposed,
      closed: own.closed,
    };
    if (taken !== undefined) message.accepted = new Kept(taken, figure(5), desk, figure(4), like.accepted);
    if (own.unwanted !== undefined) message.unwanted = own.unwanted;
    messages.set(key, message);
  }
  const used = channels.map(([name, attempted, rests]): [string, ChannelUse] => [
    name,
    { attempted: attempted ?? -Infinity, rests: rests ?? -Infinity },
  ]);
  return { ...rest, messages, channels: new Map(used) };
}

interface Shared extends Omit<Likeness, "data" | "accepted"> {
  readonly accepted: Bits;
  readonly data: Queued;
  readonly taken: Result | undefined;
}

/** Whose key it is says the message itself: one statement's data is that of many. */
function sharedOf({ data, accepted, ...like }: Likeness, desk: string): Shared {
  return {
    ...like,
    data: { ...data, key: "", body: "", head: { desk, seq: 0, sum: "" } },
    taken: accepted === undefined ? undefined : { key: "", n: 1, outcome: accepted.outcome },
    accepted: accepted ?? like.queued,
  };
}

function stateSince(state: Likeness["state"], since: number): MessageState {
  const { state: name } = state;
  return name === "accepted" || name === "delivered"
    ? { state: name, since }
    : ({ ...state, since } as MessageState);
}

function likenessOf(message: MessageFold): Likeness {
  const { queued, accepted, channel, severity, unwanted, exposed, closed } = message;
  const { key: _key, body: _body, head: _head, number: _number, ...data } = queued.data;
  const { since: _since, ...state } = message.state;
  if ("providerId" in state) delete state.providerId;
  const { attempts, unknowns, refusals } = message;
  return {
    data,
    own: { channel, severity, ...(unwanted === undefined ? {} : { unwanted }), exposed, closed },
    counts: { attempts, unknowns, refusals },
    state,
    queued: bitsOf(queued),
    ...(accepted === undefined ? {} : { accepted: { ...bitsOf(accepted), outcome: accepted.data.outcome } }),
  };
}

function bitsOf({ withdrawn, corrected }: Statement<unknown>): Bits {
  return { withdrawn, corrected };
}

/** A statement of a record that is not there; of that is known which it was. */
class Kept<T> implements Statement<T> {
  readonly data: T;
  readonly at: number;
  readonly withdrawn: boolean;
  readonly corrected: boolean;
  private readonly desk: string;
  private readonly seq: number;

  constructor(data: T, at: number, desk: string, seq: number, { withdrawn, corrected }: Bits) {
    this.data = data;
    this.at = at;
    this.withdrawn = withdrawn;
    this.corrected = corrected;
    this.desk = desk;
    this.seq = seq;
  }

  get by(): Placed {
    const { desk, seq, at } = this;
    const ref: Ref = `${desk}-${seq}`;
    const record = { desk, seq, time: "", actor: "", type: "", data: {} };
    return { record, ref, at, knew: new Map(), read: undefined };
  }
}

function finite(at: number): number | null {
  return Number.isFinite(at) ? at : null;
}
