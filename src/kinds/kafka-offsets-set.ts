import type { Failure } from "../base/failure.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { shellLine } from "../base/quote.ts";
import type { GroupLag, TopicOffsets, TopicPartition } from "../drivers/ports.ts";
import { protect, protection } from "./kafka-protected.ts";
import { recordedOffsets, sameOffsets, writtenOffsets } from "./kafka-recorded.ts";
import { targetsOf, type Where as To, whereTo } from "./kafka-targets.ts";
import { larger } from "./kafka-unread.ts";
import { defineKind, type Kind, type KindContext } from "./kind.ts";
import { duration, list, integer, map, object, oneOf, optional, required, text } from "./shape.ts";
import { counted, shown, shownList } from "./shown.ts";

interface Args extends To {
  readonly group: string;
  readonly topic: string;
  readonly partitions?: readonly number[];
  readonly protect?: readonly string[];
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
    "Refused while the group has members: stop its service first, and start it again afterwards. A live consumer keeps its own position and would overwrite what is set. Refused as well for topics of orders and fills, compacted ones and Kafka's own.",
    "The offsets it replaces are recorded, and its undo sets them again; -1 makes a partition one that was never committed.",
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
  }),
  outputs: {
    skipped: { type: "int", doc: "Messages that the group will not read" },
    replayed: { type: "int", doc: "Messages that the group will read again" },
    partitions: { type: "list<dyn>", doc: "One a partition: partition, before, after" },
  },
  unreachable: "unknown",
  undo: {
    how: "steps",
    steps: ({ group, topic }, before) => {
      const old = recordedOffsets(before, "offsets");
      if (old.size === 0) return undefined;
      return [{ "kafka.offsets.set": { group, topic, offsets: writtenOffsets(old) } }];
    },
  },
  plan: (args, { kafka }) => {
    const only = shownList(args["partitions"]);
    const which = only.length === 0 ? "" : `, only partition ${only.join(", ")},`;
    return `kafka.offsets.set: set group ${shown(args["group"])} on topic ${shown(args["topic"])}${which} to ${whereTo(args)} on Kafka at ${kafka}`;
  },
  byHand: (args, { kafka }) => {
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
  },
  evidence: () => [{ type: "kafka" }],
  capture: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const { before, targets } = found.value;
    return ok({ offsets: writtenOffsets(before), targets: writtenOffsets(targets) });
  },
  preview: async (args, context) => {
    const found = await consider(args, context);
    if (!found.ok) return found;
    const { group, topic } = args;
    const { targets } = found.value;
    const moves = movesOf(found.value);
    const skipping = moves.filter(({ skipped }) => skipped > 0n).length;
    const replaying = moves.filter(({ replayed }) => replayed > 0n).length;
    const counters = { skipped: sum(moves, "skipped"), replayed: sum(moves, "replayed") };
    const lines = [
      ...(counters.skipped > 0n
        ? [
            `group ${group} skips ${counted(counters.skipped, "unread message")} on ${counted(skipping, "partition")}`,
          ]
        : []),
      ...(counters.replayed > 0n
        ? [
            `group ${group} reads ${counted(counters.replayed, "message")} on ${counted(replaying, "partition")} again`,
          ]
        : []),
      ...(counters.skipped + counters.replayed === 0n
        ? [`group ${group} skips no message of topic ${topic} and reads none again`]
        : []),
      ...outside(found.value),
    ];
    const binding = { group, topic, partitions: [...targets.keys()].toSorted((a, b) => a - b) };
    return ok({ lines, binding, counters, confirm: group });
  },
  happened: async (args, before, _since, { ports, signal }) => {
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
    const { ports, signal } = context;
    const found = await consider(args, context);
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
      const message = `partition ${partition} was committed as ${target} and reads ${now.get(partition) ?? "nothing"}`;
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
  },
});

interface Considered {
  readonly partitions: readonly TopicPartition[];
  /** Committed now, and then; -1n for never. */
  readonly before: TopicOffsets;
  readonly targets: TopicOffsets;
}

async function consider(args: Args, { ports, signal }: KindContext): Promise<Result<Considered>> {
  const settings = await ports.kafka.settings(args.topic, signal);
  if (!settings.ok) return settings;
  const refused = protection(args.topic, args.protect ?? [], settings.value);
  if (refused !== undefined) return fail(refused);
  const found = await ports.kafka.lag([args.group], signal);
  if (!found.ok) return found;
  const [group] = found.value;
  if (group === undefined || group.protocol === "none") {
    const message = `there is no group ${args.group}`;
    return fail({ type: "missing", target: `group ${args.group}`, message, effect: "none" });
  }
  if (group.members > 0 || group.state !== "Empty") return fail(live(group));
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

function live(group: GroupLag): Failure {
  const shownMembers = group.clients
    .slice(0, 5)
    .map(({ client, host }) => `${client} on ${host.replace(/^\//, "")}`)
    .join(", ");
  const more = group.clients.length > 5 ? ` and ${group.clients.length - 5} more` : "";
  const message =
    group.members === 0
      ? `it is ${group.state}, not Empty`
      : `it has ${counted(group.members, "member")} (${shownMembers}${more}); stop them first`;
  return { type: "rejected", target: `group ${group.group}`, message, code: "GROUP_ACTIVE", effect: "none" };
}

/** A member came between the look and the commit: Kafka's own word for it is about somebody else. */
function joined(group: string, failure: Failure): Failure {
  if (failure.type !== "rejected" || failure.code !== "UNKNOWN_MEMBER_ID") return failure;
  return { ...failure, target: `group ${group}`, message: "it has members again, and nothing was set" };
}

function committedOn(topic: string, group: GroupLag): TopicOffsets {
  const mine = group.partitions.filter((one) => one.topic === topic);
  return new Map(mine.map(({ partition, committed }) => [partition, committed]));
}

interface Move {
  readonly skipped: bigint;
  readonly replayed: bigint;
}

/** A group that never committed begins, by most settings, at the first message: that is what it is compared with. */
function movesOf({ partitions, before, targets }: Considered): readonly Move[] {
  return partitions.flatMap(({ partition, start, end }) => {
    const target = targets.get(partition);
    if (target === undefined) return [];
    const place = (committed: bigint): bigint =>
      committed < start ? start : committed > end ? end : committed;
    const [from, to] = [place(before.get(partition) ?? -1n), place(target)];
    return [{ skipped: larger(to - from, 0n), replayed: larger(from - to, 0n) }];
  });
}

function sum(moves: readonly Move[], what: keyof Move): bigint {
  return moves.reduce((total, move) => total + move[what], 0n);
}

/** Offsets that are not in the topic: the consumer's own `auto.offset.reset` decides there. */
function outside({ partitions, targets }: Considered): readonly string[] {
  return partitions.flatMap(({ partition, start, end }) => {
    const target = targets.get(partition) ?? start;
    if (target >= start && target <= end) return [];
    const what =
      target < 0n ? "is never committed then" : `offset ${target} is not kept (${start} to ${end} is)`;
    return [`partition ${partition}: ${what}, so the group begins where its auto.offset.reset says`];
  });
}
