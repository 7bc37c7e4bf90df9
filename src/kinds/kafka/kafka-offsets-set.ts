import type { Failure } from "../../base/failure.ts";
import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import type { GroupLag, TopicOffsets } from "../../ports/kafka.ts";
import { byHandAround, live, running, withoutConsumers } from "./kafka-consumers.ts";
import { moveLines, movesOf, sum, type Moving } from "./kafka-moves.ts";
import { protect, protection } from "./kafka-protected.ts";
import { recordedOffsets, sameOffsets, writtenOffsets } from "./kafka-recorded.ts";
import { targetsOf, type Where as To, whereTo } from "./kafka-targets.ts";
import { defineKind, type Kind, type KindContext, type DisplayArgs } from "../kind.ts";
import {
  duration,
  list,
  integer,
  map,
  object,
  oneOf,
  optional,
  required,
  text,
} from "../../language/shape.ts";
import { counted, shown, shownList } from "../format.ts";

interface Args extends To {
  readonly group: string;
  readonly topic: string;
  readonly partitions?: readonly number[];
  readonly protect?: readonly string[];
  readonly service?: string;
}

interface Outputs {
  readonly skipped: bigint;
  readonly replayed: bigint;
  readonly partitions: readonly unknown[];
}

const offset = text({
  pattern: { test: /^(-1|\d{1,19})$/, says: "an offset in quotes, or -1 for never committed" },
});

export const kafkaOffsetsSet: Kind = defineKind<Args, Outputs>({
  name: "kafka.offsets.set",
  summary: "Set what a group without members reads next",
  doc: [
    "Commits explicit offsets for a group of either protocol, and reads them back. Messages that are skipped stay in the topic, and this group never reads them; messages that are gone back over are read again.",
    "Refused while the group has members: a live consumer keeps its own position and would overwrite what is set. With `service`, its instances are stopped once that is agreed to, and as many are started again when the offsets are set, or could not be. Refused as well for topics of orders and fills, compacted ones and Kafka's own.",
    "The offsets it replaces are recorded, and its undo sets them again, with the same `service`; -1 makes a partition one that was never committed.",
  ].join("\n\n"),
  effect: "destructive",
  args: object({
    group: required(text(), "The group's name"),
    topic: required(text(), "The topic's name"),
    to: optional(
      oneOf("latest", "earliest"),
      "latest skips everything unread, earliest reads all that is kept again",
    ),
    time: optional(text(), "The first message of this time or later: `2026-03-01T12:00:00Z`"),
    ago: optional(duration({ min: 0 }), "The first message that is at most this old"),
    offsets: optional(map(offset), 'By partition, in quotes: `"0": "1200"`'),
    partitions: optional(list(integer({ min: 0 }), { min: 1 }), "Only these; all of them when left out"),
    protect,
    service: optional(
      text({ refers: "instances" }),
      "The service that reads for the group: stopped first, and as many instances started again at the end",
    ),
  }),
  outputs: {
    skipped: { type: "int", doc: "Messages that the group will not read" },
    replayed: { type: "int", doc: "Messages that the group will read again" },
    partitions: { type: "list<dyn>", doc: "One a partition: partition, before, after" },
  },
  store: "kafka",
  did: ({ skipped, replayed, partitions }) =>
    `${counted(partitions.length, "partition")}: ${counted(skipped, "message")} skipped, ${replayed} to be read again`,
  unreachable: "unknown",
  undo: {
    how: "steps",
    steps: ({ group, topic, service }, before) => {
      const old = recordedOffsets(before, "offsets");
      if (old.size === 0) return undefined;
      const consumers = service === undefined ? {} : { service };
      return [{ "kafka.offsets.set": { group, topic, offsets: writtenOffsets(old), ...consumers } }];
    },
  },
  plan: (args, { kafka }) => {
    const only = shownList(args["partitions"]);
    const which = only.length === 0 ? "" : `, only partition ${only.join(", ")},`;
    const stopped = args["service"] === undefined ? "" : `, with ${shown(args["service"])} stopped for it`;
    return `kafka.offsets.set: set group ${shown(args["group"])} on topic ${shown(args["topic"])}${which} to ${whereTo(args)} on Kafka at ${kafka}${stopped}`;
  },
  byHand: (args, where) => {
    const command = commandFor(args, where.kafka);
    const { service } = args;
    return service === undefined ? command : byHandAround(shown(service), command, where);
  },
  evidence: ({ service }) => [
    { type: "kafka" },
    ...(service === undefined ? [] : [{ type: "service", service } as const]),
  ],
  capture: async (args, context) => {
    const { service } = args;
    const found = await consider(args, context, service !== undefined);
    if (!found.ok) return found;
    const { before, targets } = found.value;
    const offsets = { offsets: writtenOffsets(before), targets: writtenOffsets(targets) };
    if (service === undefined) return ok(offsets);
    const ran = await running(service, context);
    return ran.ok ? ok({ ...offsets, running: ran.value.length }) : ran;
  },
  preview: async (args, context) => {
    const { group, topic, service } = args;
    const found = await consider(args, context, service !== undefined);
    if (!found.ok) return found;
    const moves = movesOf(found.value);
    const counters = { skipped: sum(moves, "skipped"), replayed: sum(moves, "replayed") };
    const lines = moveLines(group, topic, found.value);
    const partitions = [...found.value.targets.keys()].toSorted((a, b) => a - b);
    const binding = { group, topic, partitions };
    if (service === undefined) return ok({ lines, binding, counters, confirm: group });
    const ran = await running(service, context);
    if (!ran.ok) return ran;
    const stops = `stops ${counted(ran.value.length, "instance")} of ${context.ports.services.describe(service)} first, and starts as many again afterwards`;
    const containers = ran.value.map(({ id }) => id);
    return ok({ lines: [...lines, stops], binding: { ...binding, containers }, counters, confirm: group });
  },
  happened: async (args, before, _since, context) => {
    const { ports, signal } = context;
    if (args.service !== undefined) {
      const ran = await running(args.service, context);
      // Stopped and not started again: neither done nor undone.
      if (!ran.ok || ran.value.length !== ranBefore(before)) return "unknown";
    }
    const found = await ports.kafka.lag([args.group], signal);
    const [group] = found.ok ? found.value : [];
    // With members it has gone on since, and where it was is not to be seen any more.
    if (group === undefined || group.members > 0) return "unknown";
    const now = committedOn(args.topic, group);
    const old = recordedOffsets(before, "offsets");
    const targets = recordedOffsets(before, "targets");
    if (targets.size === 0) return "unknown";
    if (sameOffsets(targets, now)) return "yes";
    if (sameOffsets(old, now)) return "no";
    // New messages came between what was recorded and what was done, and nobody else commits for an empty group.
    const beyond = [...targets].every(([partition, target]) => (now.get(partition) ?? -1n) >= target);
    return args.offsets === undefined && beyond ? "yes" : "unknown";
  },
  execute: async (args, context) => {
    const { service } = args;
    if (service === undefined) return await set(args, context);
    // What would be refused is refused before anything is stopped.
    const found = await consider(args, context, true);
    if (!found.ok) return fail({ ...found.failure, effect: "none" });
    return await withoutConsumers(service, args.group, context, async () => await set(args, context));
  },
});

async function consider(args: Args, { ports, signal }: KindContext, alive: boolean): Promise<Result<Moving>> {
  const settings = await ports.kafka.settings(args.topic, signal);
  if (!settings.ok) return settings;
  const refused = protection(args.topic, args.protect ?? [], settings.value);
  if (refused !== undefined) return fail(refused);
  const found = await ports.kafka.lag([args.group], signal);
  if (!found.ok) return found;
  const [group] = found.value;
  if (group === undefined || group.protocol === "none") {
    const message = `no group ${args.group}`;
    return fail({ type: "missing", target: `group ${args.group}`, message, effect: "none" });
  }
  if (!alive && (group.members > 0 || group.state !== "Empty")) return fail(live(group));
  const state = await ports.kafka.topic(args.topic, signal);
  if (!state.ok) return state;
  const targets = await targetsOf(args, state.value, ports, signal);
  if (!targets.ok) return targets;
  const now = committedOn(args.topic, group);
  const before = new Map(
    [...targets.value.keys()].map((partition) => [partition, now.get(partition) ?? -1n]),
  );
  return ok({ partitions: state.value.partitions, before, targets: targets.value });
}

/** For an empty group. */
async function set(args: Args, context: KindContext): Promise<Result<Outputs>> {
  const { ports, signal } = context;
  const found = await consider(args, context, false);
  if (!found.ok) return fail({ ...found.failure, effect: "none" });
  const { before, targets } = found.value;
  const done = await ports.kafka.commit(args.group, args.topic, targets, signal);
  if (!done.ok) return fail(joined(args.group, done.failure));
  const after = await ports.kafka.lag([args.group], signal);
  if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
  const now = after.value.reduce<TopicOffsets>((_, group) => committedOn(args.topic, group), new Map());
  const wrong = [...targets].find(([partition, target]) => (now.get(partition) ?? -1n) !== target);
  if (wrong !== undefined) {
    const [partition, target] = wrong;
    const message = `offset ${target} was committed for partition ${partition}, but reads back as ${now.get(partition) ?? "nothing"}`;
    return fail({
      type: "rejected",
      target: `group ${args.group}`,
      message,
      code: "NOT_APPLIED",
      effect: "unknown",
    });
  }
  const moves = movesOf(found.value);
  return ok({
    skipped: sum(moves, "skipped"),
    replayed: sum(moves, "replayed"),
    partitions: [...targets].map(([partition, target]) => ({
      partition,
      before: before.get(partition) ?? -1n,
      after: target,
    })),
  });
}

/** A member came between the look and the commit: Kafka's own word for it is about somebody else. */
function joined(group: string, failure: Failure): Failure {
  if (failure.type !== "rejected" || failure.code !== "UNKNOWN_MEMBER_ID") return failure;
  return { ...failure, target: `group ${group}`, message: "it has members again; nothing was set" };
}

function committedOn(topic: string, group: GroupLag): TopicOffsets {
  const mine = group.partitions.filter((one) => one.topic === topic);
  return new Map(mine.map(({ partition, committed }) => [partition, committed]));
}

function ranBefore(before: Json): number | undefined {
  if (typeof before !== "object" || before === null || !("running" in before)) return undefined;
  return Number(before.running);
}

function commandFor(args: DisplayArgs, kafka: string): string {
  const group = ["kafka-consumer-groups.sh", "--bootstrap-server", kafka, "--group", shown(args["group"])];
  const topic = shown(args["topic"]);
  const only = shownList(args["partitions"]);
  const reset = (on: string, to: readonly string[]): string =>
    shellLine([...group, "--topic", on, "--reset-offsets", ...to, "--execute"]);
  const { to, time, ago, offsets } = args;
  if (typeof offsets === "object" && offsets !== null) {
    return Object.entries(offsets)
      .map(([partition, at]) =>
        at === "-1"
          ? shellLine([...group, "--delete-offsets", "--topic", `${topic}:${partition}`])
          : reset(`${topic}:${partition}`, ["--to-offset", shown(at)]),
      )
      .join(" && ");
  }
  const on = only.length === 0 ? topic : `${topic}:${only.join(",")}`;
  if (offsets !== undefined) return reset(on, ["--to-offset", shown(offsets)]);
  if (time !== undefined) return reset(on, ["--to-datetime", shown(time)]);
  if (ago !== undefined)
    return reset(on, ["--by-duration", typeof ago === "number" ? `PT${ago / 1000}S` : shown(ago)]);
  return reset(on, [`--to-${shown(to)}`]);
}
