// The one exception to "record first, then the wire": on a disk that is full or cannot be written an alert goes out all
// the same, from this process, once, and says NOT RECORDED. Nothing follows it up, so who was not reached is named.
import { printable } from "../../base/printable.ts";
import type { IncidentData, IncidentRecord } from "../../events/incident-record.ts";
import { drillChannel } from "../../incident/messages.ts";
import type { Severity } from "../../platform/severity.ts";
import type { ChannelMessage, Sent } from "../../ports/channel.ts";
import type { World } from "../context/world.ts";
import type { Responders } from "./scene.ts";

type Queued = IncidentData<"message.queued">;

export interface UnrecordedAlert {
  /** The incident's number, where it has one. */
  readonly incident: string | undefined;
  readonly severity: Severity;
  readonly drill: boolean;
  /** The messages that would have been queued. */
  readonly records: readonly IncidentRecord[];
  /** People whom only a telephone reaches. */
  readonly call: readonly string[];
  /** What to say, to whoever has to be told by a person. */
  readonly say: string;
}

/** Milliseconds that each channel has. */
const deadline = 10_000;
/** What stands where the number and the chain's head would. */
const mark = "NOT RECORDED";

/** Sends what could not be recorded, to each channel side by side, and says who took it and whom to call. */
export async function sendUnrecorded(
  world: World,
  { plan, platform }: Responders,
  alert: UnrecordedAlert,
): Promise<void> {
  const queued = alert.records.flatMap(({ type, data }) => (type === "message.queued" ? [data] : []));
  const { createDirectory } = await import("../wiring/channel-directory.ts");
  const directory = createDirectory(world, plan, platform?.tls?.ca);
  const entries = await directory.entries();
  const sent = await Promise.all(
    queued.map(async (one) => {
      const entry = entries.get(alert.drill ? drillChannel(one.channel) : one.channel);
      if (entry?.channel === undefined) return { one, why: entry?.broken ?? "no such channel" };
      const to = one.person === undefined ? undefined : entry.reach(one.person);
      const message = { ...messageOf(alert, one), ...(to === undefined ? {} : { to }) };
      return { one, why: whyNot(await entry.channel.send(message, AbortSignal.timeout(deadline))) };
    }),
  );
  const lines = linesOf(alert, sent, (id) => plan.people[id] ?? { name: id });
  world.stderr.write(lines.map((line) => `${printable(directory.redact(line))}\n`).join(""));
}

function messageOf({ incident = mark, severity }: UnrecordedAlert, one: Queued): ChannelMessage {
  const now = new Date();
  return {
    key: one.key,
    incident,
    kind: one.kind,
    severity,
    tag: `[${incident} ${now.toISOString().slice(11, 16)}]`,
    text: `${mark}: ${one.body}`,
    head: mark,
    repeat: false,
    queued: now,
    // A pager notifies nobody of a key that is open, and no record says which are.
    event: `${incident} ${now.getTime()}/${one.level}`,
  };
}

/** Undefined where a provider took it. */
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
  sent: readonly { readonly one: Queued; readonly why: string | undefined }[],
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
