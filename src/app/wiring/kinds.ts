import type { Kind } from "../../kinds/kind.ts";
import { checklist } from "../../kinds/basic/checklist.ts";
import { ask } from "../../kinds/basic/ask.ts";
import { dnsLookup } from "../../kinds/network/dns-lookup.ts";
import { exec } from "../../kinds/program/exec.ts";
import { execRead } from "../../kinds/program/exec-read.ts";
import { fileRead } from "../../kinds/file/file-read.ts";
import { fileSearch } from "../../kinds/file/file-search.ts";
import { httpDelete } from "../../kinds/http/http-delete.ts";
import { httpGet } from "../../kinds/http/http-get.ts";
import { httpHead } from "../../kinds/http/http-head.ts";
import { httpPatch } from "../../kinds/http/http-patch.ts";
import { httpPost } from "../../kinds/http/http-post.ts";
import { httpPut } from "../../kinds/http/http-put.ts";
import { incidentFact } from "../../kinds/incident/incident-fact.ts";
import { incidentNote } from "../../kinds/incident/incident-note.ts";
import { incidentRole } from "../../kinds/incident/incident-role.ts";
import { incidentSeverity } from "../../kinds/incident/incident-severity.ts";
import { incidentStatus } from "../../kinds/incident/incident-status.ts";
import { metricsScrape } from "../../kinds/metrics/metrics-scrape.ts";
import { page } from "../../kinds/incident/page.ts";
import { update } from "../../kinds/incident/update.ts";
import { kafkaConfigSet } from "../../kinds/kafka/kafka-config-set.ts";
import { kafkaGroup } from "../../kinds/kafka/kafka-group.ts";
import { kafkaLag } from "../../kinds/kafka/kafka-lag.ts";
import { kafkaOffsetsSet } from "../../kinds/kafka/kafka-offsets-set.ts";
import { kafkaPing } from "../../kinds/kafka/kafka-ping.ts";
import { kafkaRead } from "../../kinds/kafka/kafka-read.ts";
import { kafkaRecordsDelete } from "../../kinds/kafka/kafka-records-delete.ts";
import { kafkaTopic } from "../../kinds/kafka/kafka-topic.ts";
import { kafkaTopics } from "../../kinds/kafka/kafka-topics.ts";
import { postgresActivity } from "../../kinds/postgres/postgres-activity.ts";
import { postgresCancel } from "../../kinds/postgres/postgres-cancel.ts";
import { postgresPing } from "../../kinds/postgres/postgres-ping.ts";
import { postgresRoleLimit } from "../../kinds/postgres/postgres-role-limit.ts";
import { postgresSetting } from "../../kinds/postgres/postgres-setting.ts";
import { postgresTerminate } from "../../kinds/postgres/postgres-terminate.ts";
import { prometheusAlerts } from "../../kinds/prometheus/prometheus-alerts.ts";
import { prometheusQuery } from "../../kinds/prometheus/prometheus-query.ts";
import { redisDel } from "../../kinds/redis/redis-del.ts";
import { redisGet } from "../../kinds/redis/redis-get.ts";
import { redisInfo } from "../../kinds/redis/redis-info.ts";
import { redisPing } from "../../kinds/redis/redis-ping.ts";
import { redisRead } from "../../kinds/redis/redis-read.ts";
import { redisRestore } from "../../kinds/redis/redis-restore.ts";
import { redisSet } from "../../kinds/redis/redis-set.ts";
import { regimeHold } from "../../trading/kinds/regime-hold.ts";
import { riskClose } from "../../trading/kinds/risk-close.ts";
import { riskReduce } from "../../trading/kinds/risk-reduce.ts";
import { routingMode } from "../../trading/kinds/routing-mode.ts";
import { serviceInspect } from "../../kinds/service/service-inspect.ts";
import { serviceLogs } from "../../kinds/service/service-logs.ts";
import { serviceRecreate } from "../../kinds/service/service-recreate.ts";
import { serviceRestart } from "../../kinds/service/service-restart.ts";
import { serviceScale } from "../../kinds/service/service-scale.ts";
import { serviceStart } from "../../kinds/service/service-start.ts";
import { serviceStop } from "../../kinds/service/service-stop.ts";
import { shell } from "../../kinds/program/shell.ts";
import { sqlExec } from "../../kinds/postgres/sql-exec.ts";
import { sqlQuery } from "../../kinds/postgres/sql-query.ts";
import { tcpConnect } from "../../kinds/network/tcp-connect.ts";
import { tlsCertificate } from "../../kinds/network/tls-certificate.ts";
import { tradingHalt } from "../../trading/kinds/trading-halt.ts";
import { tradingProof } from "../../trading/kinds/trading-proof.ts";
import { tradingPositions } from "../../trading/kinds/trading-positions.ts";
import { tradingResume } from "../../trading/kinds/trading-resume.ts";
import { tradingStatus } from "../../trading/kinds/trading-status.ts";
import { venuesDisable } from "../../trading/kinds/venues-disable.ts";
import { venuesEnable } from "../../trading/kinds/venues-enable.ts";
import { snapshotTake } from "../../kinds/basic/snapshot-take.ts";
import { wait } from "../../kinds/basic/wait.ts";

/** Every kind of step there is. Adding one is adding its file and its line here. */
export const kinds: readonly Kind[] = [
  ask,
  checklist,
  dnsLookup,
  exec,
  execRead,
  fileRead,
  fileSearch,
  httpDelete,
  httpGet,
  httpHead,
  httpPatch,
  httpPost,
  httpPut,
  incidentFact,
  incidentNote,
  incidentRole,
  incidentSeverity,
  incidentStatus,
  kafkaConfigSet,
  kafkaGroup,
  kafkaLag,
  kafkaOffsetsSet,
  kafkaPing,
  kafkaRead,
  kafkaRecordsDelete,
  kafkaTopic,
  kafkaTopics,
  metricsScrape,
  page,
  postgresActivity,
  postgresCancel,
  postgresPing,
  postgresRoleLimit,
  postgresSetting,
  postgresTerminate,
  prometheusAlerts,
  prometheusQuery,
  redisDel,
  redisGet,
  redisInfo,
  redisPing,
  redisRead,
  redisRestore,
  redisSet,
  regimeHold,
  riskClose,
  riskReduce,
  routingMode,
  serviceInspect,
  serviceLogs,
  serviceRecreate,
  serviceRestart,
  serviceScale,
  serviceStart,
  serviceStop,
  shell,
  sqlExec,
  snapshotTake,
  sqlQuery,
  tcpConnect,
  tlsCertificate,
  tradingHalt,
  tradingProof,
  tradingPositions,
  tradingResume,
  tradingStatus,
  update,
  venuesDisable,
  venuesEnable,
  wait,
];

export const kindsByName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.name, kind]));
