import { fail } from "../../base/result.ts";
import type { Records, Sources } from "../../ports/evidence.ts";
import { portsAt } from "../../kinds/store.ts";
import type { StoreKind } from "../../ports/ports.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Collector } from "../capture/collector.ts";
import { dockerContainers, dockerEngine, dockerEvents, dockerStats, serviceDefinition } from "./docker.ts";
import { postgresSchema, postgresTables } from "./dumps.ts";
import { hostClock, hostDisks, hostKernel, hostState } from "./host.ts";
import { halts } from "./halts.ts";
import { httpService } from "./http.ts";
import { kafkaCluster, kafkaGroups } from "./kafka.ts";
import { containerLogs } from "./logs.ts";
import { machine } from "./machine.ts";
import { platformFile } from "./platform-file.ts";
import { postgresState } from "./postgres.ts";
import { hostProcesses, hostSockets } from "./processes.ts";
import { journals, runs } from "./records.ts";
import { redisState } from "./redis.ts";

/** Everything a snapshot of a platform takes. Nothing is connected to before a collector runs. */
export function collectorsFor(
  platform: Platform,
  { sql, kafka, others, engine, containers, machine: host }: Sources,
  records: Records,
  haltRecords: Records,
  redisTarget: string,
): readonly Collector[] {
  return [
    hostClock(host),
    hostState(host),
    machine(),
    platformFile(platform),
    hostProcesses(host),
    hostSockets(host),
    hostDisks(host),
    hostKernel(host),
    postgresState(sql),
    kafkaCluster(kafka),
    kafkaGroups(kafka),
    redisState(redisTarget, platform.evidence.streams),
    ...ofOthers(others),
    ...Object.values(platform.services)
      .filter(({ api }) => api)
      .map(httpService),
    ...(containers === undefined
      ? []
      : [dockerContainers(engine), dockerStats(engine), containerLogs(engine, containers)]),
    postgresSchema(sql),
    postgresTables(sql, platform.evidence),
    ...(containers === undefined
      ? []
      : [dockerEngine(engine), dockerEvents(engine), serviceDefinition(containers)]),
    journals(records),
    runs(records),
    halts(haltRecords),
  ];
}

/** The state of the stores beside the main ones. */
function ofOthers({ postgres, kafka, redis }: Sources["others"]): readonly Collector[] {
  return [
    ...Object.entries(postgres).map(([name, reader]) => ofStore(postgresState(reader), "postgres", name)),
    ...Object.entries(kafka).flatMap(([name, survey]) =>
      [kafkaCluster(survey), kafkaGroups(survey)].map((collector) => ofStore(collector, "kafka", name)),
    ),
    ...Object.entries(redis).map(([name, target]) => ofStore(redisState(target, []), "redis", name)),
  ];
}

/** A collector of another store than the main one: a set, and so a folder, of its own. */
function ofStore(collector: Collector, kind: StoreKind, name: string): Collector {
  const id = collector.id.replace(kind, storeSet(kind, name));
  return {
    ...collector,
    id,
    collect: async (context) => {
      const ports = portsAt(context.ports, kind, name);
      if (ports.ok) return await collector.collect({ ...context, ports: ports.value });
      return fail({ type: "argument", target: id, message: ports.failure, effect: "none" });
    },
  };
}

/** The set of the collectors of a store that is not the main one. */
export function storeSet(kind: StoreKind, name: string): string {
  return `${kind}-${name}`;
}
