// The one exception to "record first, then the wire": on a disk that is full or cannot be written an alert goes out all
// the same, from this process, once, and says NOT RECORDED. Nothing follows it up, so who was not reached is named.
import { printable } from "../../base/printable.ts";
import type { IncidentData, IncidentRecord } from "../../events/incident-record.ts";
import { drillChannel } from "../../incident/messages.ts";
import type { Severity } from "../../platform/severity.ts";
import type { ChannelMessage, Sent } from "../../ports/channel.ts";
import type { World } from "../context/world.ts";
import type { BlockRecord } from "./block.ts";
import type { Responders } from "./scene.ts";
import { resultOf, tagOf, unrecorded, unrecordedMark } from "./wire-values.ts";

type Queued = IncidentData<"message.queued">;
type Ended = Omit<IncidentData<"message.result">, "key">;

export interface UnrecordedAlert {
  /** The incident's number, where it has one. */
  readonly incident?: string;
  readonly severity: Severity;
  readonly drill: boolean;
  readonly security: boolean;
  /** The messages that would have been queued. */
  readonly records: readonly IncidentRecord[];
  /** People whom only a telephone reaches. */
  readonly call: readonly string[];
  /** What to say, to whoever has to be told by a person. */
  readonly say: string;
}

/** What became of an alert. */
export interface SentUnrecorded {
  /** Who took it, and whom to call. */
  readonly lines: readonly string[];
  /** Each message, its attempt and how that ended. */
  readonly records: readonly BlockRecord[];
}

/** Milliseconds that each channel has. */
const deadline = 10_000;

interface Outcome {
  readonly one: Queued;
  /** Undefined where a provider took it. */
  readonly why: string | undefined;
  readonly records: readonly BlockRecord[];
}

/**
 * Sends what could not be recorded, to each channel side by side.
 * @param name what it goes out as, in place of a number
 */
export async function sendUnrecorded(
  world: World,
  { plan, platform }: Responders,
  alert: UnrecordedAlert,
  name: string,
): Promise<SentUnrecorded> {
  const queued = alert.records.flatMap(({ type, data }) => (type === "message.queued" ? [data] : []));
  const { createDirectory } = await import("../wiring/channel-directory.ts");
  const directory = createDirectory(world, plan, platform?.tls?.ca);
  const entries = await directory.entries();
  const clean = (text: string): string => directory.redact(printable(text));
  const sent = await Promise.all(
    queued.map(async (data): Promise<Outcome> => {
      // What is said of an earlier message goes out under the name of that one.
      const as = data.kind === "notice" ? (data.sent_as ?? alert.incident ?? name) : name;
      const one = { ...data, sent_as: as };
      const entry = entries.get(alert.drill ? drillChannel(one.channel) : one.channel);
      const first = { time: now(), record: { type: "message.queued", data: one } } as const;
      if (entry?.channel === undefined) {
        const why = clean(entry?.broken ?? "no such channel");
        return { one, why, records: [first, ...ended(one.key, [{ n: 0, outcome: "failed", code: why }])] };
      }
      const to = one.person === undefined ? undefined : entry.reach(one.person);
      const message = { ...messageOf(as, alert, one), ...(to === undefined ? {} : { to }) };
      const attempt = {
        type: "message.attempt",
        data: { key: one.key, n: 1, claimed: "own", repeat: false },
      } as const;
      const begun = { time: now(), record: attempt };
      const outcome = await entry.channel.send(message, AbortSignal.timeout(deadline));
      const why = whyNot(outcome);
      return {
        one,
        why: why === undefined ? undefined : clean(why),
        records: [first, begun, ...ended(one.key, endsOf(outcome, clean))],
      };
    }),
  );
  const lines = linesOf(alert, sent, (id) => plan.people[id] ?? { name: id });
  return {
    lines: lines.map((line) => directory.redact(line)),
    records: sent.flatMap(({ records }) => records),
  };
}

function messageOf(name: string, { severity, security }: UnrecordedAlert, one: Queued): ChannelMessage {
  return unrecorded({
    key: one.key,
    incident: name,
    kind: one.kind,
    severity,
    security,
    tag: tagOf(name),
    text: one.body,
    head: unrecordedMark,
    repeat: false,
    queued: new Date(),
    // A pager notifies nobody of a key that is open, and no record says which are.
    event: `${name}/${one.level}`,
  });
}

/** It was tried once: what was not accepted is over, and what may have arrived is not sent again. */
function endsOf(sent: Sent, clean: (text: string) => string): readonly Ended[] {
  const { code, ...result } = resultOf(sent);
  const words = code === undefined ? {} : { code: clean(code) };
  switch (sent.outcome) {
    case "accepted":
    case "failed":
      return [{ n: 1, ...result, ...words }];
    case "refused":
      return [{ n: 1, outcome: "failed", code: clean(sent.message) }];
    case "unknown":
      return [
        { n: 1, ...result, ...words },
        { n: 1, outcome: "withdrawn" },
      ];
  }
}

function ended(key: string, ends: readonly Ended[]): readonly BlockRecord[] {
  return ends.map((data) => ({ time: now(), record: { type: "message.result", data: { key, ...data } } }));
}

function now(): string {
  return new Date().toISOString();
}

function whyNot(sent: Sent): string | undefined {
  switch (sent.outcome) {
    case "accepted":
      return undefined;
    case "failed":
    case "refused":
      return sent.message;
    case "unknown":
      return `${sent.message}; it may have arrived`;
  }
}

function linesOf(
  { call, say }: UnrecordedAlert,
  sent: readonly Outcome[],
  person: (id: string) => { readonly name: string; readonly phone?: string | undefined },
): readonly string[] {
  const taken = sent.flatMap(({ one, why }) => (why === undefined ? [wayOf(one)] : []));
  const missed = sent.flatMap(({ one, why }) => (why === undefined ? [] : [{ one, why }]));
  const rooms = missed.flatMap(({ one }) => (one.person === undefined ? [one.channel] : []));
  const people = new Set([...call, ...missed.flatMap(({ one }) => one.person ?? [])]);
  return [
    taken.length === 0
      ? `NOBODY WAS PAGED. Alert by hand: ${say}`
      : `Sent without a record, and not repeated: ${taken.join(", ")}`,
    ...(rooms.length === 0 ? [] : [`  post in ${rooms.join(", ")}`]),
    ...[...people].map((id) => {
      const { name, phone = "no number in the platform file" } = person(id);
      return `  call ${name}: ${phone}`;
    }),
    ...missed.map(({ one, why }) => `  ${wayOf(one)}: ${why}`),
  ];
}

function wayOf({ channel, person }: Queued): string {
  return person === undefined ? channel : `${channel} (${person})`;
}
