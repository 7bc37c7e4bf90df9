import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { kafkaLibs, type KafkaVersion } from "./kafka.ts";
import { javaOptions } from "./kafka-java.ts";

/** Kafka's own command-line tools, by the names its distribution gives them. */
const tools: Readonly<Record<string, string>> = {
  "kafka-broker-api-versions.sh": "org.apache.kafka.tools.BrokerApiVersionsCommand",
  "kafka-configs.sh": "kafka.admin.ConfigCommand",
  "kafka-console-consumer.sh": "org.apache.kafka.tools.consumer.ConsoleConsumer",
  "kafka-consumer-groups.sh": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
  "kafka-delete-records.sh": "org.apache.kafka.tools.DeleteRecordsCommand",
  "kafka-get-offsets.sh": "org.apache.kafka.tools.GetOffsetShell",
  "kafka-topics.sh": "org.apache.kafka.tools.TopicCommand",
};

/** Where 3.9 keeps what 4.1 has moved. */
const before4: Readonly<Record<string, string>> = {
  "kafka-broker-api-versions.sh": "kafka.admin.BrokerApiVersionsCommand",
};

/** A folder of programs for a PATH: what an operator types by hand, run from Maven's jars. */
export async function kafkaPrograms(version: KafkaVersion, root: string = process.cwd()): Promise<string> {
  const libs = await kafkaLibs(version, root);
  const folder = resolve(root, ".cache", "kafka", version, "bin");
  await mkdir(folder, { recursive: true });
  for (const [name, tool] of Object.entries(tools)) {
    const main = version === "3.9" ? (before4[name] ?? tool) : tool;
    const command = ["exec", "java", ...javaOptions, "-cp", `'${join(libs, "*")}'`, main, '"$@"'];
    const path = join(folder, name);
    await writeFile(path, `#!/bin/sh\n${command.join(" ")}\n`);
    await chmod(path, 0o755);
  }
  return folder;
}
