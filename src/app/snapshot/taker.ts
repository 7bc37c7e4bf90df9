import { runnerEnvironment } from "../wiring/runner-inputs.ts";
import { createRedactor } from "../../secrets/redactor.ts";
import type { Ports } from "../../ports/ports.ts";
import type { SnapshotRequest } from "../../evidence/capture/snapshot.ts";
import { takeLock } from "../../store/lock.ts";
import type { Platform } from "../../platform/platform.ts";
import { knownSecrets, passwordsOf } from "../wiring/secrets.ts";
import { signer } from "../wiring/signing.ts";
import { tokenKey } from "../../store/redaction-key.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { stateFolder } from "../context/state-folder.ts";

/** What a snapshot says of who takes it, and hides and signs with, whether a person or a run asks for it. */
export type Taker = Pick<
  SnapshotRequest,
  "actor" | "host" | "version" | "zone" | "ports" | "redactor" | "secrets" | "sign" | "lock" | "uncaught"
>;

/** @param own values of a run's own secrets, by name */
export function takerOf(
  world: World,
  options: GlobalOptions,
  ports: Ports,
  platform: Platform,
  incident: string | undefined,
  own: Readonly<Record<string, string>>,
): Taker {
  const secrets = [
    ...knownSecrets(world, own),
    ...passwordsOf(platform, world.env),
    ...Object.values(runnerEnvironment(world, platform)),
  ];
  return {
    actor: world.user,
    host: world.host,
    version: world.version,
    zone: world.env["TZ"] ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    ports,
    redactor: createRedactor(secrets, tokenKey(stateFolder(world, options), incident)),
    secrets,
    sign: signer(world, options, ports),
    lock: (path) => takeLock(path, 0),
    ...(world.uncaught === undefined ? {} : { uncaught: world.uncaught }),
  };
}
