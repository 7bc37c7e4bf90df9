import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { chosen } from "../sandbox/chosen.ts";
import { askEngine } from "../sandbox/docker.ts";
import { answeringEngine } from "../sandbox/engine.ts";
import { postgresPrograms } from "../sandbox/postgres.ts";
import { redisProgram } from "../sandbox/redis.ts";
import { cacheFolder } from "./places.ts";
import { whereIs } from "./programs.ts";

/** One line: what the real tests run on. */
export async function versionsLine(): Promise<string> {
  const { kafka, compose } = chosen();
  const engine = await answeringEngine();
  return [
    `Node ${process.versions.node}`,
    engine === undefined
      ? `Docker ${numberOf(whereIs("dockerd") ?? "dockerd", "--version")} (an engine of our own)`
      : `Docker ${await engineVersion(engine.host)} (${engine.own ? "an engine of our own" : engine.host})`,
    `Compose ${compose === 1 ? "1.29" : "2"}`,
    `PostgreSQL ${numberOf(join(postgresPrograms(), "postgres"), "--version")}`,
    `Redis ${numberOf(redisProgram(), "--version")}`,
    `Kafka ${kafkaVersion(kafka)}`,
  ].join(", ");
}

async function engineVersion(host: string): Promise<string> {
  const reply = await askEngine(host, { path: "/version" }).catch(() => undefined);
  const { Version } = JSON.parse(reply?.text ?? "{}") as { Version?: string };
  return Version ?? "of an unknown version";
}

/** The library's own name has it: the broker is not asked, which takes a second. */
function kafkaVersion(line: string): string {
  const names = readdirSync(cacheFolder("kafka", line, "libs"));
  const jar = names.flatMap((name) => /^kafka-clients-([\d.]+)\.jar$/.exec(name)?.[1] ?? []);
  return jar[0] ?? line;
}

function numberOf(program: string, option: string): string {
  const { stdout } = spawnSync(program, [option], { encoding: "utf8" });
  return /\d+(?:\.\d+)+/.exec(stdout ?? "")?.[0] ?? "of an unknown version";
}
