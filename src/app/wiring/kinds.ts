import type { Kind, Kinds } from "../../kinds/kind.ts";
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

/**
 * Every kind of step there is, by its name. Adding one is adding its file and its line here. Behind a function, because
 * a command line asks for few of them: the build loads a family's files when one of its kinds is first named.
 */
const table = new Map<string, () => Kind>([
  ["ask", () => ask],
  ["checklist", () => checklist],
  ["dns.lookup", () => dnsLookup],
  ["exec", () => exec],
  ["exec.read", () => execRead],
  ["file.read", () => fileRead],
  ["file.search", () => fileSearch],
  ["http.delete", () => httpDelete],
  ["http.get", () => httpGet],
  ["http.head", () => httpHead],
  ["http.patch", () => httpPatch],
  ["http.post", () => httpPost],
  ["http.put", () => httpPut],
  ["incident.fact", () => incidentFact],
  ["incident.note", () => incidentNote],
  ["incident.role", () => incidentRole],
  ["incident.severity", () => incidentSeverity],
  ["incident.status", () => incidentStatus],
  ["kafka.config.set", () => kafkaConfigSet],
  ["kafka.group", () => kafkaGroup],
  ["kafka.lag", () => kafkaLag],
  ["kafka.offsets.set", () => kafkaOffsetsSet],
  ["kafka.ping", () => kafkaPing],
  ["kafka.read", () => kafkaRead],
  ["kafka.records.delete", () => kafkaRecordsDelete],
  ["kafka.topic", () => kafkaTopic],
  ["kafka.topics", () => kafkaTopics],
  ["metrics.scrape", () => metricsScrape],
  ["page", () => page],
  ["postgres.activity", () => postgresActivity],
  ["postgres.cancel", () => postgresCancel],
  ["postgres.ping", () => postgresPing],
  ["postgres.role_limit", () => postgresRoleLimit],
  ["postgres.setting", () => postgresSetting],
  ["postgres.terminate", () => postgresTerminate],
  ["prometheus.alerts", () => prometheusAlerts],
  ["prometheus.query", () => prometheusQuery],
  ["redis.del", () => redisDel],
  ["redis.get", () => redisGet],
  ["redis.info", () => redisInfo],
  ["redis.ping", () => redisPing],
  ["redis.read", () => redisRead],
  ["redis.restore", () => redisRestore],
  ["redis.set", () => redisSet],
  ["regime.hold", () => regimeHold],
  ["risk.close", () => riskClose],
  ["risk.reduce", () => riskReduce],
  ["routing.mode", () => routingMode],
  ["service.inspect", () => serviceInspect],
  ["service.logs", () => serviceLogs],
  ["service.recreate", () => serviceRecreate],
  ["service.restart", () => serviceRestart],
  ["service.scale", () => serviceScale],
  ["service.start", () => serviceStart],
  ["service.stop", () => serviceStop],
  ["shell", () => shell],
  ["sql.exec", () => sqlExec],
  ["snapshot.take", () => snapshotTake],
  ["sql.query", () => sqlQuery],
  ["tcp.connect", () => tcpConnect],
  ["tls.certificate", () => tlsCertificate],
  ["trading.halt", () => tradingHalt],
  ["trading.proof", () => tradingProof],
  ["trading.positions", () => tradingPositions],
  ["trading.resume", () => tradingResume],
  ["trading.status", () => tradingStatus],
  ["update", () => update],
  ["venues.disable", () => venuesDisable],
  ["venues.enable", () => venuesEnable],
  ["wait", () => wait],
]);

export const kindsByName: Kinds = {
  has: (name) => table.has(name),
  get: (name) => table.get(name)?.(),
  keys: () => table.keys(),
};
