// What each channel would get, before anything is recorded. The records that a command would write are laid behind
// those that are there, and read as the sender reads them: so number, tag, cut and escapes are not foretold but made
// by the same code, and what is shown is what is sent. The texts quote the head of the chain that they were made from,
// which is why no later record changes them; a message that somebody else queues meanwhile changes their number.
import { outboxOf } from "../../incident/outbox.ts";
import type { Rendered } from "../../ports/channel.ts";
import type { ProviderName } from "../../platform/channels.ts";
import { renderedBy } from "../wiring/rendered.ts";
import { foreseenRefs, foreseenScene } from "./foreseen-scene.ts";
import type { Scene } from "./scene.ts";
import type { Statement } from "./statements.ts";
import { channelMessage } from "./wire-values.ts";

/** One message as its channel would get it. */
export interface Previewed extends Rendered {
  readonly channel: string;
  readonly person?: string;
  readonly provider: ProviderName;
}

/** The text that a statement's messages have in common, before their channels have made theirs of it. */
export function bodyOf(scene: Scene, { records, quoting }: Pick<Statement, "records" | "quoting">) {
  const queued = quoting?.(foreseenRefs(scene, records), scene.head, []) ?? [];
  return queued.flatMap(({ type, data }) => (type === "message.queued" ? [data.body] : []))[0];
}

/** Every message of a statement, as it would be sent now. */
export function previewed(
  scene: Scene,
  { records, quoting }: Pick<Statement, "records" | "quoting">,
): readonly Previewed[] {
  const { fold, plan, head, place } = scene;
  const messages = quoting?.(foreseenRefs(scene, records), head, []) ?? [];
  const after = foreseenScene(scene, [...records, ...messages]);
  const isPrivate = (name: string): boolean => plan.channels[name]?.private === true;
  const outbox = outboxOf(after.fold, { incident: place.incident, isPrivate });
  return outbox.messages.flatMap((message): readonly Previewed[] => {
    const { key, channel, person } = message;
    const provider = plan.channels[channel.replace(/^drill:/, "")]?.provider;
    if (fold.messages.has(key) || provider === undefined) return [];
    const made = renderedBy(provider, channelMessage(message, { reach: () => undefined }, false));
    const whom = person === undefined ? {} : { person };
    return [{ channel, ...whom, provider: provider.type, ...made }];
  });
}

const names: Readonly<Record<ProviderName, string>> = {
  slack: "Slack",
  pagerduty: "PagerDuty",
  twilio: "SMS",
  email: "e-mail",
  webhook: "webhook",
  call: "telephone",
};

/** For a person: each message with its channel, and every line of it behind a bar. */
export function previewLines(all: readonly Previewed[]): readonly string[] {
  return all.flatMap(({ channel, person, provider, texts, notes }) => [
    `${wayText(channel, person)}: ${[names[provider], ...notes].join("; ")}`,
    ...texts.flatMap(({ name, text }) => [
      `  ${name}, ${text.length} characters`,
      ...text.split("\n").map((line) => `  | ${line}`),
    ]),
  ]);
}

/** Where a question has little room: the text once, which all channels have, and what each one's size does to it. */
export function briefPreview(all: readonly Previewed[], body: string | undefined): readonly string[] {
  const sized = all.filter(({ notes }) => notes.length > 0);
  return [
    ...(body?.split("\n").map((line) => `| ${line}`) ?? []),
    ...sized.map(({ channel, person, notes }) => `${wayText(channel, person)}: ${notes.join("; ")}`),
  ];
}

function wayText(channel: string, person: string | undefined): string {
  return person === undefined ? channel : `${channel} (${person})`;
}

/** The same as lines of `--json`. */
export function previewRows(incident: string, all: readonly Previewed[]) {
  return all.map((one) => ({ type: "message.preview" as const, incident, ...one }));
}
