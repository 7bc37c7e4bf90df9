import { resolve } from "node:path";
import { formatDuration, parseDuration } from "../../base/duration.ts";
import { createRedactor } from "../../secrets/redactor.ts";
import { ok, type Result } from "../../base/result.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { Collector } from "../../evidence/capture/collector.ts";
import type { Platform } from "../../platform/platform.ts";
import { knownSecrets } from "../../app/wiring/secrets.ts";
import { bytesText } from "../../output/bytes.ts";
import { allCollectors } from "../../app/snapshot/sources.ts";
import { takeAndTell } from "../../app/snapshot/take.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { loadPlatform } from "../../app/context/platform.ts";
import { chooseIncident } from "../../app/context/incident.ts";
import { refusal, type Refusal } from "../../app/context/refusal.ts";
import { show } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";

export interface SnapshotOptions {
  readonly plan?: boolean;
  readonly since?: string;
  readonly only?: string;
  readonly out?: string;
}

/** `lav-ir snapshot`. @returns 0 complete, 1 sealed and partial, 4 not sealed. */
export async function snapshot(world: World, options: GlobalOptions, own: SnapshotOptions): Promise<number> {
  const since = parseDuration(own.since ?? "30m");
  if (since === undefined) {
    return refuse(
      world,
      options,
      refusal(`--since needs a duration such as 30m or 2h, not ${own.since}`).failure,
    );
  }
  const platform = await loadPlatform(world, options, {
    command: "snapshot",
    untrusted: own.plan === true ? "warn" : "refuse",
  });
  if (!platform.ok) return refuse(world, options, platform.failure);
  const incident = await chooseIncident(world, options);
  if (!incident.ok) return refuse(world, options, incident.failure);
  const all = allCollectors(world, options, platform.value, incident.value);
  const chosen = choose(all, own.only);
  if (!chosen.ok) return refuse(world, options, chosen.failure);
  if (own.plan === true) return printPlan(world, options, platform.value, chosen.value);
  const leftOut = all.filter((one) => !chosen.value.includes(one)).map(({ id }) => id);
  return await takeAndTell(world, options, {
    platform: platform.value,
    collectors: chosen.value,
    leftOut,
    window: since,
    incident: incident.value,
    out: resolve(world.cwd, own.out ?? "snapshots"),
  });
}

/** Those named by --only: by their id, or by their set. */
function choose(all: readonly Collector[], only: string | undefined): Result<readonly Collector[], Refusal> {
  if (only === undefined) return ok(all);
  const wanted = only.split(",").map((name) => name.trim());
  const names = new Set(all.flatMap(({ id }) => [id, id.split(".")[0] ?? id]));
  const unknown = wanted.find((name) => !names.has(name));
  if (unknown !== undefined) {
    return refusal(
      `--only: unknown collector ${unknown || "''"}${didYouMean(unknown, names)}; --plan lists them`,
    );
  }
  return ok(all.filter(({ id }) => wanted.some((name) => id === name || id.startsWith(`${name}.`))));
}

function printPlan(
  world: World,
  options: GlobalOptions,
  platform: Platform,
  collectors: readonly Collector[],
): number {
  const redactor = createRedactor(knownSecrets(world, {}));
  const rows = collectors
    .toSorted((a, b) => a.order - b.order)
    .map(({ id, target, summary, volatile, deadline, cap }) => ({
      type: "snapshot.plan" as const,
      ...redactor.value({
        collector: id,
        target,
        summary,
        volatile: volatile === true,
        deadline_ms: deadline,
        cap_bytes: cap,
      }),
    }));
  const width = Math.max(...rows.map(({ collector }) => collector.length));
  show(world, options, rows, () => [
    `snapshot of ${platform.name}: ${rows.length} collectors, side by side`,
    ...rows.map(({ collector, target, summary, deadline_ms, cap_bytes }) => {
      const limits = `at most ${formatDuration(deadline_ms)}, ${bytesText(cap_bytes)}`;
      return `  ${collector.padEnd(width)}  ${summary} of ${target} (${limits})`;
    }),
  ]);
  return 0;
}
