import { formatDuration } from "../../base/duration.ts";
import type { Failure } from "../../base/failure.ts";
import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import type { Kafka, TopicOffsets, TopicPartition, TopicSetting } from "../../ports/kafka.ts";
import { protect, protection } from "./kafka-protected.ts";
import { changesOf, loses, sameValue, stands, type Change } from "./kafka-settings.ts";
import { messagesBefore, readersOf, unreadBefore, unreadLines } from "./kafka-unread.ts";
import { defineKind, type Kind, type KindContext, type Preview } from "../kind.ts";
import { list, map, object, optional, required, text } from "../../language/shape.ts";
import { counted, shown, shownList } from "../format.ts";

interface Args {
  readonly topic: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
  readonly protect?: readonly string[];
}

interface Outputs {
  readonly settings: Readonly<Record<string, string>>;
  readonly before: Readonly<Record<string, string>>;
}

/** Brokers hear of a setting a moment after the one that was asked; milliseconds. */
const spreads = 5000;

export const kafkaConfigSet: Kind = defineKind<Args, Outputs>({
  name: "kafka.config.set",
  summary: "Change settings of a topic, and only these",
  doc: [
    "Sets a topic's own values, or takes them away so that the cluster's hold again. Every other setting of the topic stays as it is. The settings are read back before it is done.",
    "A change that keeps fewer messages (a lower `retention.ms` or `retention.bytes`, another `cleanup.policy`) deletes some for good: it is then destructive, and its preview says how many, and which groups have not read them. Undoing it puts the setting back, never the messages. Kafka deletes whole segments, so the numbers are what may go at most.",
    "Topics of orders and fills, compacted ones and Kafka's own never lose messages by this.",
  ].join("\n\n"),
  effect: "change",
  args: object({
    topic: required(text(), "The topic's name"),
    set: optional(map(text()), 'Settings and their values, in quotes: `retention.ms: "3600000"`'),
    remove: optional(list(text(), { min: 1 }), "Settings whose own value is taken away"),
    protect,
  }),
  outputs: {
    settings: { type: "map<string, string>", doc: "The topic's own settings now" },
    before: { type: "map<string, string>", doc: "The topic's own settings before" },
  },
  store: "kafka",
  did: ({ settings }) =>
    `settings of its own now: ${Object.keys(settings).length === 0 ? "none" : shown(settings)}`,
  unreachable: "unknown",
  retrySafe: "it says what the settings shall be, not how they change",
  undo: {
    how: "steps",
    steps: ({ topic, set, remove }, before) => {
      const old = recorded(before);
      const back = Object.entries(old).filter(([name, value]) => value !== (set?.[name] ?? null));
      const values = back.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
      const gone = back.flatMap(([name, value]) => (value === null ? [name] : []));
      if (back.length === 0 || (set === undefined && remove === undefined)) return undefined;
      const again = {
        topic,
        ...(values.length === 0 ? {} : { set: Object.fromEntries(values) }),
        ...(gone.length === 0 ? {} : { remove: gone }),
      };
      return [{ "kafka.config.set": again }];
    },
  },
  plan: ({ topic, set, remove }, { kafka }) => {
    const gone = shownList(remove).map((name) => `no own ${name}`);
    return `kafka.config.set: set ${[...pairs(set), ...gone].join(", ")} of topic ${shown(topic)} on Kafka at ${kafka}`;
  },
  byHand: ({ topic, set, remove }, { kafka }) => {
    const values = pairs(set).map((pair) => {
      const [name = "", ...value] = pair.split("=");
      return value.join("=").includes(",") ? `${name}=[${value.join("=")}]` : pair;
    });
    const gone = shownList(remove);
    return shellLine([
      "kafka-configs.sh",
      "--bootstrap-server",
      kafka,
      "--alter",
      "--topic",
      shown(topic),
      ...(values.length === 0 ? [] : ["--add-config", values.join(",")]),
      ...(gone.length === 0 ? [] : ["--delete-config", gone.join(",")]),
    ]);
  },
  evidence: () => [{ type: "kafka" }],
  capture: async (args, { ports, signal }) => {
    const settings = await ports.kafka.settings(args.topic, signal);
    if (!settings.ok) return settings;
    const changes = changesOf(args, settings.value);
    if (!changes.ok) return changes;
    return ok(Object.fromEntries(changes.value.map(({ name, own }) => [name, own])));
  },
  preview: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const { changes, losing } = found.value;
    const lines = changes.map((change) => `${change.name}: ${sentence(change)}`);
    const binding = changes.map(({ name, own, next }) => ({ name, own, next }));
    const head = {
      lines,
      binding: { changes: binding, destructive: losing.length > 0 },
      confirm: args.topic,
    };
    if (losing.length === 0) return ok({ ...head, counters: {} });
    const lost = await wouldLose(args.topic, losing, context);
    if (!lost.ok) return lost;
    return ok({ ...head, ...lost.value, lines: [...lines, ...lost.value.lines], destructive: true });
  },
  happened: async (args, before, _since, { ports, signal }) => {
    const settings = await ports.kafka.settings(args.topic, signal);
    if (!settings.ok) return "unknown";
    const changes = changesOf(args, settings.value);
    if (!changes.ok) return "unknown";
    if (changes.value.every(stands)) return "yes";
    const old = recorded(before);
    return changes.value.every(({ name, own }) => sameValue(own, old[name] ?? null)) ? "no" : "unknown";
  },
  execute: async (args, context) => {
    const { kafka } = context.ports;
    const found = await consider(args, context);
    if (!found.ok) return fail({ ...found.failure, effect: "none" });
    const { changes, settings } = found.value;
    const asked = new Map(changes.map(({ name, next }) => [name, next]));
    const altered = await kafka.alterSettings(args.topic, asked, context.signal);
    if (!altered.ok) return altered;
    const after = await readBack(args, context);
    return after.ok ? ok({ settings: own(after.value), before: own(settings) }) : after;
  },
});

interface Considered {
  readonly settings: readonly TopicSetting[];
  readonly changes: readonly Change[];
  /** Those after which fewer messages are kept. */
  readonly losing: readonly Change[];
}

async function consider(args: Args, { ports, signal }: KindContext): Promise<Result<Considered>> {
  const settings = await ports.kafka.settings(args.topic, signal);
  if (!settings.ok) return settings;
  const changes = changesOf(args, settings.value);
  if (!changes.ok) return changes;
  const losing = changes.value.filter(loses);
  const refused =
    losing.length === 0 ? undefined : protection(args.topic, args.protect ?? [], settings.value);
  if (refused !== undefined) return fail(refused);
  return ok({ settings: settings.value, changes: changes.value, losing });
}

/** Until every setting reads as it was asked for, for as long as brokers need to hear of it. */
async function readBack(
  args: Args,
  { ports, signal }: KindContext,
): Promise<Result<readonly TopicSetting[]>> {
  const until = ports.clock.monotonic() + spreads;
  for (;;) {
    const settings = await ports.kafka.settings(args.topic, signal);
    if (!settings.ok) return fail({ ...settings.failure, effect: "unknown" });
    const changes = changesOf(args, settings.value);
    if (!changes.ok) return fail({ ...changes.failure, effect: "unknown" });
    const wrong = changes.value.find((change) => !stands(change));
    if (wrong === undefined) return settings;
    if (signal.aborted || ports.clock.monotonic() > until) return fail(notApplied(args.topic, wrong));
    await ports.clock.sleep(100, signal);
  }
}

function notApplied(topic: string, { name, own: now, next }: Change): Failure {
  const message = `${name} = ${next ?? "not set"} was accepted, but reads back as ${now ?? "not set"}`;
  return { type: "rejected", target: `topic ${topic}`, message, code: "NOT_APPLIED", effect: "unknown" };
}

async function wouldLose(
  topic: string,
  losing: readonly Change[],
  { ports, signal }: KindContext,
): Promise<Result<Pick<Preview, "lines" | "counters">>> {
  const state = await ports.kafka.topic(topic, signal);
  if (!state.ok) return state;
  const cut = await cutOf(topic, losing, state.value.partitions, ports.kafka, ports.clock.now(), signal);
  if (!cut.ok) return cut;
  const groups = await ports.kafka.lag([], signal);
  if (!groups.ok) return groups;
  const messages = messagesBefore(state.value.partitions, cut.value);
  const unread = unreadBefore(readersOf(topic, groups.value), state.value.partitions, cut.value);
  return ok({
    lines: [
      `deletes up to ${counted(messages, "message")} of topic ${topic}, for good`,
      ...unreadLines(unread),
    ],
    counters: { messages, unread: unread.reduce((sum, one) => sum + one.unread, 0n) },
  });
}

/** Where it may delete up to: by age exactly, by size or policy nobody can say, so everything. */
async function cutOf(
  topic: string,
  losing: readonly Change[],
  partitions: readonly TopicPartition[],
  kafka: Kafka,
  now: Date,
  signal: AbortSignal,
): Promise<Result<TopicOffsets>> {
  const [only] = losing;
  const age = losing.length === 1 && only?.name === "retention.ms" ? Number(only.effective) : Number.NaN;
  if (Number.isFinite(age)) {
    return await kafka.offsets(topic, new Date(Math.max(0, now.getTime() - age)), signal);
  }
  return ok(new Map(partitions.map(({ partition, end }) => [partition, end])));
}

function sentence({ name, value, own: now, next, effective }: Change): string {
  const ms = (amount: string): string =>
    name.endsWith(".ms") && Number(amount) >= 0 ? `${amount} (${formatDuration(Number(amount))})` : amount;
  const cluster = (amount: string | undefined): string =>
    amount === undefined
      ? "what the cluster says, which Kafka does not tell"
      : `${ms(amount)} of the cluster`;
  return `${now === null ? cluster(value) : ms(now)} → ${next === null ? cluster(effective) : ms(next)}`;
}

function pairs(set: unknown): readonly string[] {
  if (typeof set !== "object" || set === null) return set === undefined ? [] : [shown(set)];
  return Object.entries(set).map(([name, value]) => `${name}=${shown(value)}`);
}

function own(settings: readonly TopicSetting[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    settings.flatMap(({ name, value, overridden }) => (overridden ? [[name, value ?? ""]] : [])),
  );
}

function recorded(before: Json): Readonly<Record<string, string | null>> {
  if (typeof before !== "object" || before === null || Array.isArray(before)) return {};
  return Object.fromEntries(
    Object.entries(before).map(([name, value]) => [name, value === null ? null : shown(value)]),
  );
}
