import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Instance, ServiceChoice } from "../../ports/ports.ts";
import type { Engine } from "../docker/engine.ts";

// What the engine does to the containers there are: none is made or removed. Its word is not believed; they are
// looked at afterwards.

/** What this needs of the driver: the containers there are, and their engine. */
export interface Runner {
  readonly engine: Engine;
  readonly containers: (service: string, signal: AbortSignal) => Promise<Result<readonly Instance[]>>;
  readonly describe: (service: string) => string;
}

type Verb = "restart" | "stop" | "start";

/** Restarts every container; each then has a new start. */
export async function restart(service: string, runner: Runner, signal: AbortSignal): Promise<Result<void>> {
  const target = runner.describe(service);
  const before = await runner.containers(service, signal);
  if (!before.ok) return fail({ ...before.failure, effect: "none" });
  if (before.value.length === 0) {
    const message = `${target} has no container to restart; service.recreate makes one`;
    return fail({ type: "missing", target, message });
  }
  const refused = await askFor("restart", before.value, runner, signal);
  const after = await runner.containers(service, signal);
  if (!after.ok) return fail({ ...(refused ?? after.failure), effect: "unknown" });
  if (refused !== undefined) return fail(refused);
  const old = before.value.find((one) => !startedAnew(one, after.value));
  if (old === undefined) return ok(undefined);
  const message = after.value.some(({ id }) => id === old.id)
    ? `${old.name} did not restart: its start time is unchanged`
    : `somebody else removed ${old.name} during the change`;
  return fail({ type: "rejected", target, message, effect: "unknown" });
}

/** Stops or starts the containers that are meant; what is so already is not touched. */
export async function stopOrStart(
  verb: "stop" | "start",
  { service, only }: ServiceChoice,
  runner: Runner,
  signal: AbortSignal,
): Promise<Result<void>> {
  const before = await runner.containers(service, signal);
  if (!before.ok) return fail({ ...before.failure, effect: "none" });
  const meant = before.value.filter(({ name }) => only?.includes(name) ?? true);
  const todo = meant.filter(({ state }) => (verb === "start" ? state !== "running" : isUp(state)));
  const refused = await askFor(verb, todo, runner, signal);
  if (refused !== undefined) return fail(refused);
  if (verb === "start") return ok(undefined);
  const after = await runner.containers(service, signal);
  if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
  const left = after.value.find(({ id, state }) => isUp(state) && todo.some((one) => one.id === id));
  if (left === undefined) return ok(undefined);
  const message = `${left.name} is ${left.state} although the engine stopped it`;
  return fail({ type: "rejected", target: runner.describe(service), message, effect: "unknown" });
}

/** One that the engine starts over and over is not stopped between two starts. */
function isUp(state: Instance["state"]): boolean {
  return state === "running" || state === "restarting" || state === "paused";
}

/** Asks the engine for each, side by side. @returns what became of the worst, where one was not done. */
async function askFor(
  verb: Verb,
  instances: readonly Instance[],
  { engine }: Runner,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const asked = await Promise.all(
    instances.map(async ({ id, name }) => {
      const reply = await engine.json("POST", `/containers/${id}/${verb}`, signal);
      return reply.ok ? [] : [refusalFor(name, reply.failure)];
    }),
  );
  const [worst] = asked.flat().toSorted((a, b) => Number(isAnswer(a)) - Number(isAnswer(b)));
  // What was answered is over, and the findings judge what it left. The rest may still be under way.
  return worst === undefined ? undefined : { ...worst, effect: isAnswer(worst) ? "none" : "unknown" };
}

function refusalFor(name: string, failure: Failure): Failure {
  if (failure.type === "missing") {
    return { ...failure, message: `${name} was removed during the change; service.recreate makes a new one` };
  }
  return failure.type === "rejected" ? { ...failure, message: `${name}: ${failure.message}` } : failure;
}

/** The engine said no in so many words: nothing of what was asked is still under way. */
function isAnswer({ type }: Failure): boolean {
  return type === "rejected" || type === "missing" || type === "denied";
}

function startedAnew(before: Instance, after: readonly Instance[]): boolean {
  const now = after.find(({ id }) => id === before.id);
  return now?.startedAt !== undefined && now.startedAt.getTime() !== before.startedAt?.getTime();
}
