import { createHash } from "node:crypto";
import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { whereIs } from "../tools/programs.ts";

/** What keeps a broker small and quick to start, at the cost of its top speed. */
export const javaOptions: readonly string[] = [
  "-Xmx512m",
  "-Xss512k",
  "-XX:+UseSerialGC",
  "-XX:TieredStopAtLevel=1",
  "-Xshare:auto",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
  "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
];

/**
 * Where a broker's classes are kept as Java has them in memory (kafka-archive.ts makes it): with it a broker
 * starts in half the time. Of one Java and one place of the jars; another Java goes on without it.
 * @param libs folder of Kafka's jars
 */
export function classesFile(libs: string): string {
  const java = realpathSync(whereIs("java") ?? "java");
  const { mtimeMs } = statSync(java);
  const key = createHash("sha256").update(`${java} ${mtimeMs} ${libs}`).digest("hex").slice(0, 12);
  return join(dirname(libs), `classes-${key}.jsa`);
}

/** `javaOptions`, and the kept classes where they are there. */
export function brokerOptions(libs: string): readonly string[] {
  const file = classesFile(libs);
  return existsSync(file) ? [...javaOptions, `-XX:SharedArchiveFile=${file}`] : javaOptions;
}
