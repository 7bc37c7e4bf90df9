import { archiveClasses } from "../sandbox/kafka-archive.ts";
import { classesFile } from "../sandbox/kafka-java.ts";
import { kafkaLibs, type KafkaVersion } from "../sandbox/kafka.ts";
import { canInstall, installPackages, policyLeft } from "./apt.ts";
import { fetchCompose2, findCompose2 } from "./compose2.ts";
import { cacheFolder, root } from "./places.ts";
import { engineNeeds, needs, type Need } from "./programs.ts";
import { answeringEngine } from "../sandbox/engine.ts";
import { waiting, type Log } from "./wait.ts";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What is to run here. */
export interface Purpose {
  /** The tests: whatever they need beside a platform. */
  readonly tests: boolean;
  /** Flavours of Compose. */
  readonly compose: readonly (1 | 2)[];
  readonly kafka: readonly KafkaVersion[];
}

/**
 * Makes sure that everything the real services need is on this machine; does nothing when it is.
 * @returns what is missing and how to get it, when it cannot be installed here
 */
export async function prepareMachine(purpose: Purpose, log: Log): Promise<string | undefined> {
  const missing = await missingNeeds(purpose);
  // Its apt-get may still be at work: ours waits for it before the policy goes.
  if (missing.length === 0 && canInstall() && policyLeft()) await installPackages([], log);
  if (missing.length > 0) {
    if (!canInstall()) return explain(missing);
    await installPackages([...new Set(missing.map((need) => need.package))], log);
    const still = await missingNeeds(purpose);
    if (still.length > 0) return explain(still);
  }
  if (purpose.compose.includes(2) && (await findCompose2()) === undefined) {
    if (!canInstall()) return explain([compose2]);
    await waiting(log, "fetching Compose 2", fetchCompose2);
  }
  for (const version of purpose.kafka) {
    const libs = join(cacheFolder("kafka", version), "libs");
    if (!existsSync(libs))
      await waiting(log, `fetching Kafka ${version}`, async () => await kafkaLibs(version, root));
    // For a single broker it takes longer than it saves.
    if (purpose.tests && !existsSync(classesFile(libs)))
      await waiting(
        log,
        `keeping Kafka ${version}'s classes`,
        async () => await archiveClasses(version, root),
      );
  }
  return undefined;
}

const compose2: Need = {
  name: "Compose 2",
  package: "docker-compose-v2, docker-compose-plugin or, from Debian 13 on, docker-compose",
  otherwise: "put its docker-compose on the PATH or under .cache/compose2",
  here: () => false,
};

async function missingNeeds({ tests, compose }: Purpose): Promise<Need[]> {
  const wanted = needs.filter(({ only }) => {
    return only === undefined || (only === "tests" ? tests : compose.includes(1));
  });
  const missing = wanted.filter((need) => !need.here());
  const engine = engineNeeds.filter((need) => !need.here());
  if (engine.length > 0 && (await answeringEngine()) === undefined) missing.push(...engine);
  return missing;
}

function explain(missing: readonly Need[]): string {
  const list = missing.map((need) => `  ${need.name}: install ${need.package}, or ${need.otherwise}`);
  const why =
    process.getuid?.() === 0
      ? "this machine has no apt-get to bring it"
      : "only root can install it (on Debian: run the same command as root)";
  return `The real services need what is not here, and ${why}:\n${list.join("\n")}`;
}
