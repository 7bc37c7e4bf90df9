import { ok } from "../../base/result.ts";
import { shellLine } from "../../base/quote.ts";
import type { GroupLag, GroupPartitionLag } from "../../ports/kafka.ts";
import { defineKind, type Kind } from "../kind.ts";
import { list, object, optional, text } from "../../language/shape.ts";
import { shownList } from "../format.ts";

interface Args {
  readonly groups?: readonly string[];
}

interface Outputs {
  readonly total?: bigint;
  readonly max?: bigint;
  readonly unmeasured: number;
  readonly absent: readonly string[];
  readonly never_committed: number;
  readonly straddled: number;
  readonly groups: readonly unknown[];
}

export const kafkaLag: Kind = defineKind<Args, Outputs>({
  name: "kafka.lag",
  summary: "How far consumer groups are behind",
  doc: [
    "Lag is end offset minus committed offset, in 64-bit integers, of the named groups or of all. It joins no group and commits nothing.",
    "A partition on which a group never committed has no lag, and is counted in `never_committed`. A negative lag (the topic was truncated or recreated under the group) is counted in `straddled` and left out of `total` and `max`, never shown as zero.",
    "Each group lists the partitions to look at first, at most 20: offsets beyond the end, then the largest lag, then partitions that were never committed.",
    'What cannot be measured is not zero: a partition without a leader, of a topic that is gone or may not be read, is counted in `unmeasured`, and a named group that does not exist (its state is "Dead") is in `absent`. With either, `total` and `max` are missing, and a group\'s own `lag` and `max` with its own; each group tells why. So are they for a named group of which no partition has a lag.',
  ].join("\n\n"),
  effect: "read",
  args: object(
    { groups: optional(list(text(), { min: 1 }), "Names of groups; all of them when left out") },
    { primary: "groups" },
  ),
  outputs: {
    total: {
      type: "int",
      doc: "Sum of the lag of all partitions; missing where one was not measured",
      optional: true,
    },
    max: {
      type: "int",
      doc: "The largest lag of one partition; missing where one was not measured",
      optional: true,
    },
    unmeasured: { type: "int", doc: "Partitions whose lag nobody can say" },
    absent: { type: "list<string>", doc: "Named groups that do not exist" },
    never_committed: { type: "int", doc: "Partitions without a committed offset" },
    straddled: { type: "int", doc: "Partitions whose committed offset is beyond the end" },
    groups: {
      type: "list<dyn>",
      doc: "One a group: group, state, members, lag, max (both missing where a partition was not measured), never_committed, straddled, unmeasured (topic, partition, why), behind (topic, partition, committed, end, lag: of the 20 partitions that need looking at first)",
    },
  },
  store: "kafka",
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: ({ groups }, { kafka }) => {
    const names = shownList(groups);
    const which =
      names.length === 0 ? "all groups" : `group${names.length === 1 ? "" : "s"} ${names.join(", ")}`;
    return `kafka.lag: read the lag of ${which} from Kafka at ${kafka}`;
  },
  byHand: ({ groups }, { kafka }) => {
    const names = shownList(groups);
    const which = names.length === 0 ? ["--all-groups"] : names.flatMap((name) => ["--group", name]);
    return shellLine(["kafka-consumer-groups.sh", "--bootstrap-server", kafka, "--describe", ...which]);
  },
  execute: async ({ groups }, { ports, signal }) => {
    const lags = await ports.kafka.lag(groups ?? [], signal);
    if (!lags.ok) return lags;
    const isSure = (group: GroupLag): boolean => groups === undefined || hasLag(group);
    const each = lags.value.map((group) => groupSummary(group, isSure(group)));
    const measured = lags.value.flatMap(({ partitions }) => partitions);
    const unmeasured = lags.value.reduce((sum, group) => sum + group.unmeasured.length, 0);
    const absent = lags.value.flatMap(({ group, protocol }) => (protocol === "none" ? [group] : []));
    return ok({
      ...(unmeasured === 0 && absent.length === 0 && lags.value.every(isSure) ? totals(measured) : {}),
      unmeasured,
      absent,
      never_committed: each.reduce((sum, group) => sum + group.never_committed, 0),
      straddled: each.reduce((sum, group) => sum + group.straddled, 0),
      groups: each,
    });
  },
});

/** A group that never committed, or is beyond the end everywhere, is not 0 behind: whoever names it wants to know. */
function hasLag({ partitions }: GroupLag): boolean {
  return partitions.some(({ lag }) => lag !== undefined && lag >= 0n);
}

/** Every partition of every group would be megabytes in the journal of each run. */
const shownAtMost = 20;

/** What is beyond the end first, then the largest lag, then what never committed. */
function urgency(lag: bigint | undefined): bigint {
  if (lag === undefined) return 0n;
  return lag < 0n ? 2n ** 64n - lag : lag;
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function totals(partitions: readonly GroupPartitionLag[]): { readonly total: bigint; readonly max: bigint } {
  const known = partitions.flatMap(({ lag }) => (lag !== undefined && lag >= 0n ? [lag] : []));
  return {
    total: known.reduce((sum, lag) => sum + lag, 0n),
    max: known.reduce((most, lag) => (lag > most ? lag : most), 0n),
  };
}

function groupSummary(
  { group, state, members, partitions, unmeasured, protocol }: GroupLag,
  isSure: boolean,
): {
  readonly never_committed: number;
  readonly straddled: number;
} & Readonly<Record<string, unknown>> {
  const { total: lag, max } = totals(partitions);
  return {
    group,
    state,
    members,
    ...(unmeasured.length === 0 && protocol !== "none" && isSure ? { lag, max } : {}),
    unmeasured: unmeasured.slice(0, shownAtMost),
    never_committed: partitions.filter(({ lag }) => lag === undefined).length,
    straddled: partitions.filter(({ lag }) => lag !== undefined && lag < 0n).length,
    behind: partitions
      .filter(({ lag }) => lag !== 0n)
      .toSorted((a, b) => compare(urgency(b.lag), urgency(a.lag)))
      .slice(0, shownAtMost)
      .map(({ lag, ...rest }) => ({ ...rest, lag: lag ?? null })),
  };
}
