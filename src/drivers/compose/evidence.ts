import { engineEnv } from "../docker/at.ts";
import type { ContainerRunner } from "../../ports/evidence.ts";
import type { ComposeSettings } from "./compose.ts";
import { labelsOf, serviceOf } from "./labels.ts";
import { configCommand } from "./program.ts";

/** A Compose project, as a snapshot takes it. Its definition is asked for without the operator's variables. */
export function composeEvidence({
  engine,
  services,
  project,
  files,
  program,
}: Pick<ComposeSettings, "engine" | "services" | "project" | "files" | "program">): ContainerRunner {
  return {
    target: `project ${project}`,
    labels: labelsOf(project),
    isOf: (asked, labels) => asked.some((service) => services[service] === serviceOf(labels)),
    definition: {
      id: "docker.compose",
      file: "compose.yaml",
      command: configCommand({ program, project, files }, []),
      env: engineEnv(engine),
    },
  };
}
