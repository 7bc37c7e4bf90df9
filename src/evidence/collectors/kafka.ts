import { ok } from "../../base/result.ts";
import type {
  KafkaSurvey,
  SurveyGroup,
  SurveySettings,
  SurveyTopic,
  Topology,
} from "../../ports/evidence.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { tellMissing, writeJson, writeRows } from "./written.ts";

const deadline = 15_000;
const cap = 32 * 1_048_576;
/** Bars of a chart that still can be read. */
const mostBars = 20;

/** Brokers, topics, their offsets and settings: the last say how many replicas are too few. */
export function kafkaCluster(survey: KafkaSurvey): Collector {
  return {
    id: "kafka.cluster",
    target: survey.target,
    summary: "brokers, topics with leaders, replicas and offsets, settings without sensitive ones",
    volatile: true,
    order: 1,
    deadline,
    cap,
    collect: async (context) => {
      const [read, settings] = await Promise.all([
        survey.topology(context.signal),
        survey.settings(context.signal),
      ]);
      if (!read.ok) return read;
      const { brokers, controller, clusterId, topics, missing, calls } = read.value;
      writeJson(context, "cluster.json", { cluster_id: clusterId, controller, brokers, calls });
      writeRows(context, "topics.jsonl", topics);
      if (settings.ok) writeRows(context, "settings.jsonl", settings.value.all);
      else tellMissing(context, "settings of brokers and topics", settings.failure);
      for (const { what, why } of [...missing, ...(settings.ok ? settings.value.missing : [])]) {
        context.tell({ type: "missing", what, why });
      }
      const trouble = troubleOf(topics, settings.ok ? leastReplicas(settings.value.all) : new Map());
      writeJson(context, "partitions-in-trouble.json", trouble);
      findings(context, read.value, trouble);
      return ok({});
    },
  };
}

/** Groups, their members, and how far behind they are. */
export function kafkaGroups(survey: KafkaSurvey): Collector {
  return {
    id: "kafka.groups",
    target: survey.target,
    summary: "groups, states, members, committed offsets, lag",
    volatile: true,
    order: 1,
    deadline,
    cap,
    collect: async (context) => {
      const { signal, tell, until } = context;
      const read = await survey.groups(signal);
      if (!read.ok) return read;
      const { groups, missing, calls } = read.value;
      writeRows(context, "groups.jsonl", groups);
      writeRows(context, "group-calls.jsonl", calls);
      for (const { what, why } of missing) tell({ type: "missing", what, why });
      const lags = groups.map((group) => ({ group, lag: lagOf(group) }));
      writeJson(context, "lag.json", Object.fromEntries(lags.map(({ group, lag }) => [group.group, lag])));
      const most = lags.toSorted((a, b) => Number(b.lag - a.lag)).slice(0, mostBars);
      for (const { group, lag } of most) {
        tell({
          type: "measure",
          chart: "lag",
          name: group.group,
          value: Number(lag),
          unit: "messages",
          at: until,
        });
      }
      for (const { group, lag } of lags) {
        if (group.members === 0 && lag > 0n)
          tell({ type: "finding", text: `group ${group.group} has no member and is ${lag} messages behind` });
      }
      return ok({});
    },
  };
}

interface Trouble {
  readonly offline: readonly string[];
  readonly under_replicated: readonly string[];
  /** Fewer than min.insync.replicas: what is produced with acks=all is refused. */
  readonly under_min_isr: readonly string[];
}

function leastReplicas(settings: readonly SurveySettings[]): ReadonlyMap<string, number> {
  return new Map(
    settings.flatMap(({ of, name, settings: all }) => {
      const least = all.find((one) => one.name === "min.insync.replicas");
      return of === "topic" && least !== undefined ? [[name, Number(least.value)] as const] : [];
    }),
  );
}

function troubleOf(topics: readonly SurveyTopic[], least: ReadonlyMap<string, number>): Trouble {
  const all = topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ ...partition, name, at: `${name}/${partition.partition}` })),
  );
  return {
    offline: all.filter(({ leader }) => leader < 0).map(({ at }) => at),
    under_replicated: all.filter(({ isr, replicas }) => isr.length < replicas.length).map(({ at }) => at),
    under_min_isr: all.filter(({ isr, name }) => isr.length < (least.get(name) ?? 0)).map(({ at }) => at),
  };
}

function findings({ tell }: CollectContext, { controller }: Topology, trouble: Trouble): void {
  const some = (list: readonly string[]): string =>
    `${list.slice(0, 5).join(", ")}${list.length > 5 ? `, and ${list.length - 5} more` : ""}`;
  if (controller === undefined) tell({ type: "finding", text: "Kafka has no controller" });
  const { offline, under_replicated: under, under_min_isr: few } = trouble;
  if (offline.length > 0) tell({ type: "finding", text: `Kafka: no leader: ${some(offline)}` });
  if (under.length > 0) tell({ type: "finding", text: `Kafka: replicas missing of ${some(under)}` });
  if (few.length > 0) tell({ type: "finding", text: `Kafka: below min.insync.replicas: ${some(few)}` });
}

function lagOf({ partitions }: SurveyGroup): bigint {
  return partitions.reduce((sum, { lag }) => sum + (lag === undefined || lag < 0n ? 0n : lag), 0n);
}
