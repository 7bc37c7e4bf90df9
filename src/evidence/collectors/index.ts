import type { Records, Sources } from "../../ports/evidence.ts";
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
  { sql, kafka, engine, containers, machine: host }: Sources,
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
