import type { Kind } from "./kind.ts";
import { ask } from "./ask.ts";
import { exec } from "./exec.ts";
import { execRead } from "./exec-read.ts";
import { httpDelete } from "./http-delete.ts";
import { httpGet } from "./http-get.ts";
import { httpHead } from "./http-head.ts";
import { httpPatch } from "./http-patch.ts";
import { httpPost } from "./http-post.ts";
import { httpPut } from "./http-put.ts";
import { kafkaConfigSet } from "./kafka-config-set.ts";
import { kafkaGroup } from "./kafka-group.ts";
import { kafkaLag } from "./kafka-lag.ts";
import { kafkaOffsetsSet } from "./kafka-offsets-set.ts";
import { kafkaPing } from "./kafka-ping.ts";
import { kafkaRecordsDelete } from "./kafka-records-delete.ts";
import { kafkaTopic } from "./kafka-topic.ts";
import { kafkaTopics } from "./kafka-topics.ts";
import { postgresActivity } from "./postgres-activity.ts";
import { postgresCancel } from "./postgres-cancel.ts";
import { postgresPing } from "./postgres-ping.ts";
import { postgresRoleLimit } from "./postgres-role-limit.ts";
import { postgresSetting } from "./postgres-setting.ts";
import { postgresTerminate } from "./postgres-terminate.ts";
import { redisDel } from "./redis-del.ts";
import { redisGet } from "./redis-get.ts";
import { redisInfo } from "./redis-info.ts";
import { redisPing } from "./redis-ping.ts";
import { redisRead } from "./redis-read.ts";
import { redisRestore } from "./redis-restore.ts";
import { redisSet } from "./redis-set.ts";
import { regimeHold } from "./regime-hold.ts";
import { riskClose } from "./risk-close.ts";
import { riskReduce } from "./risk-reduce.ts";
import { routingMode } from "./routing-mode.ts";
import { serviceInspect } from "./service-inspect.ts";
import { serviceLogs } from "./service-logs.ts";
import { serviceRecreate } from "./service-recreate.ts";
import { serviceRestart } from "./service-restart.ts";
import { serviceScale } from "./service-scale.ts";
import { shell } from "./shell.ts";
import { sqlExec } from "./sql-exec.ts";
import { sqlQuery } from "./sql-query.ts";
import { tradingHalt } from "./trading-halt.ts";
import { tradingProof } from "./trading-proof.ts";
import { tradingPositions } from "./trading-positions.ts";
import { tradingResume } from "./trading-resume.ts";
import { tradingStatus } from "./trading-status.ts";
import { venuesDisable } from "./venues-disable.ts";
import { venuesEnable } from "./venues-enable.ts";
import { snapshotTake } from "./snapshot-take.ts";
import { wait } from "./wait.ts";

/** Every kind of step there is. Adding one is adding its file and its line here. */
export const kinds: readonly Kind[] = [
  ask,
  exec,
  execRead,
  httpDelete,
  httpGet,
  httpHead,
  httpPatch,
  httpPost,
  httpPut,
  kafkaConfigSet,
  kafkaGroup,
  kafkaLag,
  kafkaOffsetsSet,
  kafkaPing,
  kafkaRecordsDelete,
  kafkaTopic,
  kafkaTopics,
  postgresActivity,
  postgresCancel,
  postgresPing,
  postgresRoleLimit,
  postgresSetting,
  postgresTerminate,
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
  shell,
  sqlExec,
  snapshotTake,
  sqlQuery,
  tradingHalt,
  tradingProof,
  tradingPositions,
  tradingResume,
  tradingStatus,
  venuesDisable,
  venuesEnable,
  wait,
];

export const kindsByName: ReadonlyMap<string, Kind> = new Map(kinds.map((kind) => [kind.name, kind]));
