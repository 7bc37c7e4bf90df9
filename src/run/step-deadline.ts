import { createHash } from "node:crypto";
import { fail, ok, type Result } from "../base/result.ts";
import type { KindContext } from "../kinds/kind.ts";
import { portsAt } from "../kinds/store.ts";
import type { Names } from "../language/value.ts";
import { storeOf, whereOf } from "../plan/plan.ts";
import type { Ports } from "../ports/ports.ts";
import { withDeadline } from "./deadline.ts";
import { LiveOutput } from "./live-output.ts";
import { placeOf } from "./place.ts";
import type { Running, StepInstance } from "./step-types.ts";

/** Runs one call of the kind under the step's deadline. */
export async function within<T>(
  running: Running,
  doing: string,
  call: (context: KindContext) => Promise<Result<T>>,
  instance: Pick<StepInstance, "key" | "names">,
): Promise<Result<T>> {
  const { session, step, over } = running;
  const chosen = portsOf(running, instance.names);
  if (!chosen.ok) return fail({ type: "argument", target: step.id, message: chosen.failure, effect: "none" });
  const ports = chosen.value;
  const inTime = over === undefined || step.effect !== "read" ? [] : [over];
  const stop = step.kind.idle === true ? [session.stop] : [];
  const more = [...inTime, ...stop];
  const ends = more.length === 0 ? session.kill : AbortSignal.any([session.kill, ...more]);
  const deadline = { within: step.timeout, target: step.id, doing, signal: ends };
  const live = running.live === undefined ? undefined : new LiveOutput(running.live, session.redactor);
  const ran = await withDeadline(deadline, (signal) =>
    call({
      ports,
      where: whereOf(step, running.plan, instance.names),
      signal,
      timeout: step.timeout,
      idempotencyKey: idempotencyKey(session.run, instance.key),
      ...(running.ticks === undefined ? {} : { ticks: running.ticks.of(instance.key, placeOf(running)) }),
      ...(live === undefined ? {} : { live: live.hear }),
    }),
  );
  live?.end();
  return ran;
}

/** The ports of one run of a step: the store that it names stands where the main one does. */
function portsOf({ session, step, prompt }: Running, names: Names): Result<Ports, string> {
  const ports = { ...session.ports, prompt };
  const at = storeOf(step, names);
  if (!at.ok) return at;
  return at.value === undefined || step.kind.store === undefined
    ? ok(ports)
    : portsAt(ports, step.kind.store, at.value);
}

export function idempotencyKey(run: string, key: string): string {
  return `${run}-${createHash("sha256").update(key).digest("hex").slice(0, 16)}`;
}
