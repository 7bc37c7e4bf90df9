import { bounded } from "../../base/bounded.ts";
import { printable } from "../../base/printable.ts";
import type { IncidentData, IncidentRecord } from "../../events/incident-record.ts";
import type { Step } from "../../incident/dispatch.ts";
import { lookedCode } from "../../incident/messages.ts";
import type { Message } from "../../incident/outbox.ts";
import type { Channel } from "../../ports/channel.ts";
import type { OpenJournal } from "../../store/journal.ts";
import type { Directory, DirectoryEntry } from "../wiring/channel-directory.ts";
import type { Unwritten } from "./unwritten.ts";
import { channelMessage, resultOf, stamp, unrecorded } from "./wire-values.ts";

export interface CourierSettings {
  readonly directory: Pick<Directory, "redact">;
  /** Milliseconds since 1970, by the sender's own time. */
  readonly now: () => number;
  readonly journal: (incident: string) => Promise<OpenJournal>;
  readonly unwritten: Unwritten;
}

/** Milliseconds that one request to a provider may take. */
const requestDeadline = 10_000;

/** Carries out what was decided of one message: the attempt on the disk, the request, the result on the disk. */
export class Courier {
  /** How often each accepted message was asked after, and when last. */
  readonly asked = new Map<string, { readonly times: number; readonly at: number }>();
  /** Channels whose secret was refused, with which one that was. */
  readonly refused = new Map<string, { readonly secrets: string; readonly code: string }>();
  private readonly settings: CourierSettings;

  constructor(settings: CourierSettings) {
    this.settings = settings;
  }

  /** @throws why it is not on record, and then not sent either. */
  async carryOut(step: Step, entry: DirectoryEntry | undefined): Promise<void> {
    const { message } = step;
    if (step.do === "record") {
      const { n, outcome, code } = step;
      await this.record(message, { n, outcome, ...(code === undefined ? {} : { code }) });
      return;
    }
    const channel = entry?.channel;
    if (entry === undefined || channel === undefined) return;
    if (step.do === "send") await this.send(step, entry, channel);
    else if (step.do === "look") await this.look(message, entry, channel);
    else await this.ask(message, step.providerId, channel);
  }

  private async send(
    { message, n, repeat }: Extract<Step, { do: "send" }>,
    entry: DirectoryEntry,
    channel: Channel,
  ): Promise<void> {
    const { key } = message;
    const attempt: IncidentRecord = {
      type: "message.attempt",
      data: { key, n, claimed: "own", repeat },
    };
    const recorded = await this.intend(message, attempt);
    const text = channelMessage(message, entry, repeat);
    const sent = await channel.send(recorded ? text : unrecorded(text), deadline());
    if (sent.outcome === "refused" && sent.secret === true)
      this.refused.set(message.channel, { secrets: entry.secrets, code: sent.code ?? sent.message });
    const { code, ...rest } = resultOf(sent);
    const words = code === undefined ? {} : { code: this.settings.directory.redact(printable(code)) };
    await this.record(message, { n, ...rest, ...words });
  }

  private async look(message: Message, entry: DirectoryEntry, channel: Channel): Promise<void> {
    const sought = channelMessage(message, entry, false);
    const looked = (await channel.look?.(sought, deadline())) ?? { found: "unknown", message: "" };
    const n = message.attempts;
    if (looked.found === "no") await this.record(message, { n, outcome: "refused", code: lookedCode.none });
    else if (looked.found === "unknown")
      await this.record(message, { n, outcome: "unknown", code: lookedCode.impossible });
    else {
      const { providerId, at } = looked;
      await this.record(message, { n, outcome: "accepted", ...stamp(providerId, at) });
    }
  }

  private async ask(message: Message, providerId: string, channel: Channel): Promise<void> {
    const delivery = await channel.delivery?.(providerId, deadline());
    const times = (this.asked.get(message.id)?.times ?? 0) + 1;
    this.asked.set(message.id, { times, at: this.settings.now() });
    if (delivery === undefined || delivery.state === "waiting") return;
    const n = message.attempts;
    if (delivery.state === "failed")
      await this.record(message, { n, outcome: "failed", code: delivery.code });
    else await this.record(message, { n, outcome: "delivered", ...stamp(undefined, delivery.at) });
  }

  private async record(message: Message, data: Omit<IncidentData<"message.result">, "key">): Promise<void> {
    const result = { type: "message.result", data: { key: message.key, ...data } } as const;
    await this.settings.unwritten.put(message.incident, [result]);
  }

  /** An alert goes out though its attempt is on no record; anything else waits for the disk. @returns whether it is */
  private async intend({ incident, kind }: Message, attempt: IncidentRecord): Promise<boolean> {
    const { unwritten, journal } = this.settings;
    if (kind === "page" || kind === "reminder") return await unwritten.put(incident, [attempt]);
    if (unwritten.of(incident).length > 0) throw new Error("earlier records wait for the disk");
    await (await journal(incident)).append(attempt, { sync: true });
    return true;
  }
}

/** Whoever ends the sender waits for a request's end: cut off, its fate would be unknown. */
function deadline(): AbortSignal {
  return bounded(new AbortController().signal, requestDeadline);
}
