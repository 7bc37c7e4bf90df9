import { stat } from "node:fs/promises";
import { ok, type Result } from "../../base/result.ts";
import { findEngine, type ReadText } from "../../drivers/docker/find.ts";
import { errorCode } from "../../drivers/network.ts";
import { readSource, type Source } from "../../language/source.ts";
import { platformProblem } from "../../platform/load.ts";
import type { Platform } from "../../platform/platform.ts";
import { hasContainers } from "../../platform/runs.ts";
import { refusal, refusalFor, type Refusal } from "./refusal.ts";
import type { GlobalOptions, World } from "./world.ts";

const variables = ["DOCKER_HOST", "DOCKER_CONTEXT"] as const;

/** The platform with the engine that is meant. Docker's own settings are read only where containers are to be found. */
export async function withEngine(
  { env }: World,
  options: GlobalOptions,
  source: Source,
  platform: Platform,
): Promise<Result<Platform, Refusal>> {
  const { docker } = platform;
  const named = variables.some((name) => (env[name] ?? "").trim() !== "") || Object.keys(docker).length > 0;
  if (!named && !hasContainers(platform)) return ok(platform);
  const found = await findEngine(env, docker, readText);
  if (found.ok) return ok({ ...platform, engine: found.value });
  const { variable, key, why } = found.failure;
  if (key === undefined)
    return refusal(variable === undefined ? why : `${variable}: ${why}`, "configuration");
  return refusalFor(platformProblem(source, options.env, ["docker", key], why), "configuration");
}

/** A file's text; undefined where there is none. */
export const readText: ReadText = async (path) => {
  const missing = await stat(path).then(
    () => false,
    (error: unknown) => ["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? ""),
  );
  if (missing) return ok(undefined);
  const read = await readSource(path);
  return read.ok ? ok(read.value.text) : read;
};
