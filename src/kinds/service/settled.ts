import { fail, type Result } from "../../base/result.ts";
import type { Instance } from "../../ports/ports.ts";
import type { KindContext } from "../kind.ts";
import { instanceSentence } from "./instances.ts";

/** How long what was started is looked at before it counts as up, and between two looks; milliseconds. */
const settling = 1500;
const pause = 250;

/**
 * The instances of a service, once those that were started run on, and are healthy where that is checked; a failure
 * once one does not.
 * @param done what was done, for the sentence: "scaled".
 * @param isStarted whether an instance was started: one that ran before is as it was, nothing was asked of it.
 */
export async function settled(
  service: string,
  done: string,
  isStarted: (instance: Instance) => boolean,
  { ports, signal }: Pick<KindContext, "ports" | "signal">,
): Promise<Result<readonly Instance[]>> {
  const target = ports.services.describe(service);
  const begun = ports.clock.monotonic();
  let first: readonly Instance[] | undefined;
  for (;;) {
    const found = await ports.services.inspect(service, signal);
    if (!found.ok) return fail({ ...found.failure, effect: "unknown" });
    first ??= found.value;
    const then = first;
    const started = found.value.filter(isStarted);
    const [wrong] = started.flatMap((one) => wrongWith(one, then) ?? []);
    if (wrong !== undefined) {
      const message = `${done}, but ${wrong}`;
      return fail({ type: "rejected", target, code: "NOT_RUNNING", message, effect: "unknown" });
    }
    const starting = started.find(({ health }) => health === "starting");
    const long = ports.clock.monotonic() - begun >= settling;
    if (started.length === 0 || (long && starting === undefined)) return found;
    if (signal.aborted) {
      const message = `${done}, but ${starting?.name ?? "an instance"} did not become healthy before the step's deadline`;
      return fail({ type: "rejected", target, code: "NOT_HEALTHY", message, effect: "unknown" });
    }
    await ports.clock.sleep(pause, signal);
  }
}

function wrongWith(instance: Instance, first: readonly Instance[]): string | undefined {
  const { id, name, state, health, restarts } = instance;
  if (state !== "running") return instanceSentence(instance);
  if (health === "unhealthy") return `${name} is unhealthy`;
  const then = first.find((one) => one.id === id)?.restarts ?? 0;
  return restarts > then ? `${name} ended, and the engine started it again` : undefined;
}
