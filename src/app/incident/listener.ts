import { printable } from "../../base/printable.ts";
import { bounded } from "../../base/bounded.ts";
import type { IncidentData, IncidentRecord } from "../../events/incident-record.ts";
import { heardIn, idOf, meaningOf, namedIn, personOf } from "../../incident/answers.ts";
import type { MessageFold } from "../../incident/messages.ts";
import type { Message } from "../../incident/outbox.ts";
import type { IncidentPlan } from "../../platform/incident-plan.ts";
import type { Heard } from "../../ports/channel.ts";
import type { OpenJournal } from "../../store/journal.ts";
import type { Directory, DirectoryEntry } from "../wiring/channel-directory.ts";
import type { FollowedIncident } from "./outboxes.ts";
import { channelMessage } from "./wire-values.ts";

export interface ListenerSettings {
  readonly plan: IncidentPlan;
  readonly directory: Directory;
  /** Milliseconds since 1970, by the sender's own time. */
  readonly now: () => number;
  readonly journal: (incident: string) => Promise<OpenJournal>;
  /** A sentence for a person. */
  readonly tell: (text: string) => void;
}

/** Milliseconds that one reading may take. */
const readDeadline = 10_000;
/** Milliseconds from one reading of a page's answers to the next, by how old the page is. */
const rhythm = [
  { until: 600_000, every: 5000 },
  { until: 3_600_000, every: 15_000 },
  { until: 86_400_000, every: 60_000 },
];
/** Characters of an answer that go on record. */
const longestAnswer = 500;

/** A page that a provider took, in its incident. */
interface Page {
  readonly followed: FollowedIncident;
  readonly fold: MessageFold;
  readonly message: Message;
  /** When, by the provider's clock where it told the time. */
  readonly taken: number;
}

/** Reads what people answered to the pages of open incidents, and puts it on record: each answer once. */
export class Listener {
  private readonly settings: ListenerSettings;
  private readonly read = new Map<string, number>();
  private readonly rests = new Map<string, number>();
  private readonly reading = new Map<string, Promise<void>>();
  /** What is on its way to the record. */
  private readonly heard = new Set<string>();

  constructor(settings: ListenerSettings) {
    this.settings = settings;
  }

  /** Begins the readings that are due. */
  listen(
    followed: readonly FollowedIncident[],
    entries: ReadonlyMap<string, DirectoryEntry>,
    changed: () => void,
  ): void {
    const pages = followed.flatMap(pagesOf);
    for (const page of pages) {
      const { id, channel } = page.message;
      const entry = entries.get(channel);
      if (entry?.deaf !== undefined)
        this.settings.tell(`channel ${channel}: answers are not read: ${entry.deaf}`);
      if (page.followed.outbox.ended !== undefined || entry?.channel?.listen === undefined) continue;
      if (this.reading.has(id) || this.settings.now() < this.nextOf(page)) continue;
      this.read.set(id, this.settings.now());
      const work = this.hear(page, pages, entry)
        .then((recorded) => void (recorded && changed()))
        .catch((error: unknown) => {
          const why = error instanceof Error ? error.message : String(error);
          this.settings.tell(`${page.followed.incident}: ${why}`);
        })
        .finally(() => void this.reading.delete(id));
      this.reading.set(id, work);
    }
  }

  /** Resolves once no reading is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.reading.values());
  }

  private nextOf({ message, fold }: Page): number {
    const age = this.settings.now() - fold.queued.at;
    const every = rhythm.find(({ until }) => age < until)?.every ?? Infinity;
    const last = this.read.get(message.id);
    const next = last === undefined ? -Infinity : last + every;
    return Math.max(next, this.rests.get(message.channel) ?? -Infinity);
  }

  private async hear(page: Page, pages: readonly Page[], entry: DirectoryEntry): Promise<boolean> {
    const { message, fold, taken, followed } = page;
    const { state } = fold;
    const id = "providerId" in state ? state.providerId : fold.accepted?.data.provider_id;
    const asked = {
      ...channelMessage(message, entry, false),
      ...(id === undefined ? {} : { providerId: id }),
      taken: new Date(taken),
    };
    const signal = bounded(new AbortController().signal, readDeadline);
    const { heard, problem, retryAfter } = (await entry.channel?.listen?.(asked, signal)) ?? { heard: [] };
    if (retryAfter !== undefined) this.rests.set(message.channel, this.settings.now() + retryAfter * 1000);
    if (problem !== undefined)
      this.settings.tell(`channel ${message.channel}: answers cannot be read: ${problem}`);
    const known = heardIn(followed.fold);
    let recorded = false;
    for (const one of heard) recorded = (await this.take(one, page, pages, known)) || recorded;
    return recorded;
  }

  private async take(
    heard: Heard,
    page: Page,
    pages: readonly Page[],
    known: ReadonlySet<string>,
  ): Promise<boolean> {
    const { incident } = page.followed;
    const meaning = meaningOf(heard, incident);
    if (meaning === undefined || !isFor(heard, page, pages)) return false;
    const record = meaning === "stop" ? this.stopped(heard, page) : this.answer(heard, page);
    if (record === undefined) return false;
    const id = `${incident} ${record.type === "incident.answer" ? idOf(record.data) : heard.id}`;
    const before = record.type === "incident.answer" && known.has(idOf(record.data));
    if (before || this.heard.has(id)) return false;
    this.heard.add(id);
    try {
      await (await this.settings.journal(incident)).append(record, { sync: true });
    } catch (error) {
      this.heard.delete(id);
      throw error;
    }
    return true;
  }

  private answer(heard: Heard, { message, fold }: Page): IncidentRecord | undefined {
    const { people, channels } = this.settings.plan;
    const { channel } = fold.queued.data;
    const by = answeredBy(channels[channel]?.provider.type);
    if (by === undefined) return undefined;
    const person = heard.who === undefined || by === "sms" ? message.person : personOf(people, by, heard.who);
    if (person === undefined) return undefined;
    const text = heard.what.did === "wrote" ? this.cleaned(heard.what.text) : undefined;
    // No answer is older than its page, or of the future: two clocks are apart.
    const at = Math.min(Math.max(heard.at.getTime(), fold.queued.at), this.settings.now());
    const data: IncidentData<"incident.answer"> = {
      person,
      by,
      page: message.key,
      ...(text === undefined ? {} : { text }),
      provider: { id: heard.id, at: new Date(at).toISOString() },
    };
    return { type: "incident.answer", data };
  }

  /** It is told once, whichever sender hears of it. */
  private stopped(heard: Heard, { message, followed }: Page): IncidentRecord | undefined {
    const at = heard.at.toISOString().slice(0, 19).replace("T", " ");
    const text = `${message.person ?? ""} opted out of SMS at ${at} UTC: no SMS reaches them; call`;
    if (followed.fold.notes.some(({ data }) => data.text === text)) return undefined;
    this.settings.tell(`${followed.incident}: ${text}`);
    return { type: "incident.note", data: { text } };
  }

  private cleaned(text: string): string {
    return printable(this.settings.directory.redact(text.replaceAll(/\s+/g, " ").trim())).slice(
      0,
      longestAnswer,
    );
  }
}

function pagesOf(followed: FollowedIncident): readonly Page[] {
  return followed.outbox.messages.flatMap((message) => {
    const fold = followed.fold.messages.get(message.key);
    if (message.kind !== "page" || fold?.accepted === undefined) return [];
    const taken = Date.parse(fold.accepted.data.at ?? "");
    return [{ followed, fold, message, taken: Number.isNaN(taken) ? fold.queued.at : taken }];
  });
}

/**
 * An SMS says of no page that it answers it: it is for the incident that it names, else for the last page that the
 * person was sent before.
 */
function isFor(heard: Heard, page: Page, pages: readonly Page[]): boolean {
  if (heard.who !== undefined) return true;
  const { channel, person } = page.message;
  const theirs = pages.filter(({ message }) => message.channel === channel && message.person === person);
  const named = namedIn(heard, [...new Set(theirs.map(({ followed }) => followed.incident))]);
  const second = Math.floor(heard.at.getTime() / 1000) * 1000 + 999;
  const asked = theirs.filter(
    ({ followed, taken }) => taken <= second && (named.length === 0 || named.includes(followed.incident)),
  );
  const last = asked.toSorted((a, b) => a.taken - b.taken || a.fold.queued.at - b.fold.queued.at).at(-1);
  return last?.message.id === page.message.id;
}

function answeredBy(provider: string | undefined): "slack" | "pagerduty" | "sms" | undefined {
  if (provider === "twilio") return "sms";
  return provider === "slack" || provider === "pagerduty" ? provider : undefined;
}
