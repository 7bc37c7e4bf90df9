import { createHash } from "node:crypto";
import type { Result } from "../base/result.ts";
import type { KindContext } from "../kinds/kind.ts";
import { withDeadline } from "./deadline.ts";
import { placeOf } from "./place.ts";
import type { Running } from "./step-types.ts";

/** Runs one call of the kind under the step's deadline. */
export async function within<T>(
  running: Running,
  doing: string,
  call: (context: KindContext) => Promise<Result<T>>,
  key: string,
): Promise<Result<T>> {
  const { session, step, over } = running;
  const ports = { ...session.ports, prompt: running.prompt };
  const inTime = over === undefined || step.effect !== "read" ? [] : [over];
  const stop = step.kind.idle === true ? [session.stop] : [];
  const more = [...inTime, ...stop];
  const ends = more.length === 0 ? session.kill : AbortSignal.any([session.kill, ...more]);
  const deadline = { within: step.timeout, target: step.id, doing, signal: ends };
  return await withDeadline(deadline, (signal) =>
    call({
      ports,
      where: running.plan.where,
      signal,
      timeout: step.timeout,
      idempotencyKey: idempotencyKey(session.run, key),
      ...(running.ticks === undefined ? {} : { ticks: running.ticks.of(key, placeOf(running)) }),
    }),
  );
}

export function idempotencyKey(run: string, key: string): string {
  return `${run}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
}
