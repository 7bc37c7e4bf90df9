import { ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import type { GroupLag } from "../../ports/kafka.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Outputs {
  readonly state: string;
  readonly protocol: string;
  readonly members: number;
  readonly clients: readonly unknown[];
  readonly idle: number;
  readonly unassigned: number;
  readonly lag?: bigint;
  readonly unmeasured: number;
  readonly never_committed: number;
}

export const kafkaGroup: Kind = defineKind<{ group: string }, Outputs>({
  name: "kafka.group",
  summary: "A consumer group: its state, its members and what each of them reads",
  doc: [
    "Reads a group of either protocol, the classic one and that of KIP-848. It joins nothing and commits nothing.",
    'A group that does not exist has the state "Dead". A member without partitions is idle: more instances than partitions help nobody.',
  ].join("\n\n"),
  effect: "read",
  args: object({ group: required(text(), "The group's name") }, { primary: "group" }),
  outputs: {
    state: {
      type: "string",
      doc: "The state that Kafka reports",
      values: [
        "Stable",
        "Empty",
        "Dead",
        "PreparingRebalance",
        "CompletingRebalance",
        "Assigning",
        "Reconciling",
      ],
    },
    protocol: {
      type: "string",
      doc: "How its members share partitions, consumer by KIP-848, none without such a group",
      values: ["classic", "consumer", "none"],
    },
    members: { type: "int", doc: "Members that are in the group now" },
    clients: {
      type: "list<dyn>",
      doc: "One a member: member, client, host, partitions (how many), assigned (topic, partitions)",
    },
    idle: { type: "int", doc: "Members that read no partition" },
    unassigned: { type: "int", doc: "Partitions of its topics that no member reads" },
    lag: {
      type: "int",
      doc: "Sum of the lag of all its partitions; missing where one was not measured, or there is no such group",
      optional: true,
    },
    unmeasured: {
      type: "int",
      doc: "Partitions whose lag nobody can say: no leader, gone, or not to be read",
    },
    never_committed: { type: "int", doc: "Partitions without a committed offset, which have no lag" },
  },
  store: "kafka",
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: ({ group }, { kafka }) =>
    `kafka.group: read group ${shown(group)} and its members from Kafka at ${kafka}`,
  byHand: ({ group }, { kafka }) => {
    const describe = ["kafka-consumer-groups.sh", "--bootstrap-server", kafka, "--describe"];
    const of = ["--group", shown(group)];
    return [
      shellLine([...describe, "--state", ...of]),
      shellLine([...describe, "--members", "--verbose", ...of]),
      shellLine([...describe, ...of]),
    ].join(" && ");
  },
  execute: async ({ group }, { ports, signal }) => {
    const found = await ports.kafka.lag([group], signal);
    if (!found.ok) return found;
    const [only] = found.value;
    return ok(summary(only ?? absent(group)));
  },
});

function absent(group: string): GroupLag {
  return { group, protocol: "none", state: "Dead", members: 0, clients: [], partitions: [], unmeasured: [] };
}

function summary({ state, protocol, members, clients, partitions, unmeasured }: GroupLag): Outputs {
  const read = new Set(
    clients.flatMap(({ assigned }) =>
      assigned.flatMap(({ topic, partitions: mine }) => mine.map((partition) => `${topic}/${partition}`)),
    ),
  );
  const each = clients.map(({ member, client, host, assigned }) => ({
    member,
    client,
    host: host.replace(/^\//, ""),
    partitions: assigned.reduce((sum, one) => sum + one.partitions.length, 0),
    assigned,
  }));
  return {
    state,
    protocol,
    members,
    clients: each,
    idle: each.filter(({ partitions: mine }) => mine === 0).length,
    unassigned: [...partitions, ...unmeasured].filter(
      ({ topic, partition }) => !read.has(`${topic}/${partition}`),
    ).length,
    ...(unmeasured.length === 0 && protocol !== "none"
      ? { lag: partitions.reduce((sum, { lag }) => sum + (lag === undefined || lag < 0n ? 0n : lag), 0n) }
      : {}),
    unmeasured: unmeasured.length,
    never_committed: partitions.filter(({ lag }) => lag === undefined).length,
  };
}
