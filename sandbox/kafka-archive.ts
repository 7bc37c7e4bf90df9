import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { kafkaLibs, startKafka, type KafkaVersion } from "./kafka.ts";
import { classesFile } from "./kafka-java.ts";
import { kafkaClient } from "./kafka-client.ts";

/** For Java to write the classes down when it ends; in milliseconds. */
const writing = 120_000;

/**
 * Keeps the classes that a broker loads until it has served a client. Without them everything works as well,
 * slower: a Java that writes none down is no error.
 * @param root folder that holds `.cache`
 */
export async function archiveClasses(version: KafkaVersion, root: string): Promise<void> {
  const libs = await kafkaLibs(version, root);
  const file = classesFile(libs);
  const folder = await mkdtemp(join(dirname(libs), "classes-"));
  const written = join(folder, "classes.jsa");
  try {
    const java = [`-XX:ArchiveClassesAtExit=${written}`];
    const kafka = await startKafka({ version, root, folder, java });
    try {
      const client = await kafkaClient(kafka.brokers);
      await client.topic("classes");
      await client.send("classes", 0, ["one"]);
      const member = await client.member("classes", "classes");
      await member.leave();
      await client.stop();
      await Promise.all(kafka.nodes.map(async (node) => await node.end(writing)));
    } finally {
      await kafka.stop();
    }
    if (existsSync(written)) await rename(written, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
