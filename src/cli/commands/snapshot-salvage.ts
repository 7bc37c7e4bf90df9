import { rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { readStage } from "../../evidence/bundle/salvage.ts";
import { lockOf } from "../../evidence/capture/snapshot.ts";
import { holderText, takeLock } from "../../store/lock.ts";
import { unknownPlatform } from "../../platform/unknown.ts";
import { takeAndTell } from "../../app/snapshot/take.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { loadPlatformIfAny } from "../../app/context/platform.ts";
import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";

/** `lav-ir snapshot salvage`: seals what a killed capture left, as partial, and removes what it left. */
export async function salvage(
  world: World,
  options: GlobalOptions,
  folder: string,
  own: { readonly out?: string },
): Promise<number> {
  const stage = resolve(world.cwd, folder);
  const left = readStage(stage);
  if (!left.ok) return refuse(world, options, refusal(left.failure).failure);
  const found = await loadPlatformIfAny(world, options, { command: "snapshot salvage", untrusted: "warn" });
  if (!found.ok) return refuse(world, options, found.failure);
  const lock = await takeLock(lockOf(stage), 0).catch(() => undefined);
  if (lock !== undefined && "heldBy" in lock) {
    const message = `${stage} is still being written: ${holderText(lock.heldBy)}`;
    return refuse(world, options, refusal(message, "state").failure);
  }
  try {
    const { name, incident, custody, planned, collectors } = left.value;
    const exitCode = await takeAndTell(world, options, {
      platform: found.value.type === "platform" ? found.value.platform : unknownPlatform,
      collectors,
      leftOut: [],
      window: 0,
      incident,
      out: own.out === undefined ? dirname(stage) : resolve(world.cwd, own.out),
      salvaged: { name, custody, planned },
    });
    if (exitCode !== 4) rmSync(stage, { recursive: true, force: true });
    return exitCode;
  } finally {
    await lock?.release();
  }
}
