import { driftText, type Drift } from "../../base/drift.ts";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { engineEnv, type EngineAt } from "../docker/at.ts";
import { Engine } from "../docker/engine.ts";
import { complaint, notRun, withoutValues } from "./complaint.ts";
import { idOf, isOneOff, toInstance, volumesOf } from "./instance.ts";
import { labelsOf } from "./labels.ts";
import { readLogs } from "../docker/logs.ts";
import { restart, stopOrStart } from "./in-place.ts";
import type { Definition } from "./definition.ts";
import { driftOf, madeOf, type Made } from "./made.ts";
import { composeCommand, configCommand, type ProgramSettings } from "./program.ts";
import { longestDefinition, resolveDefinition } from "./resolve.ts";
import type { Instance, Processes, ServiceAction, Services } from "../../ports/ports.ts";

/** Of what a program that acts says, and of its definition. */
const longestOutput = 65_536;
const noNames = { added: [], changed: [], removed: [] };
const noDrift: Drift = { environment: noNames, mounts: noNames };

interface Found {
  readonly instance: Instance;
  readonly inspected: unknown;
}

export interface ComposeSettings extends ProgramSettings {
  readonly engine: EngineAt;
  /** The platform's name of a service → Compose's. */
  readonly services: Readonly<Record<string, string>>;
  /** What the compose files interpolate; the program sees nothing else of the operator's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Services of a Compose project. Reads, restarts, stops and starts go to the Docker Engine; the Compose program is
 * asked only to recreate and to scale. What either says of its success is not believed: containers are
 * looked at before and after. Nothing here removes a volume.
 */
export function createCompose(settings: ComposeSettings, processes: Processes): Services {
  const engine = new Engine(settings.engine);
  const named = (service: string): string | undefined =>
    Object.hasOwn(settings.services, service) ? settings.services[service] : undefined;
  const describe = (service: string): string =>
    `service ${named(service) ?? service} of Compose project ${settings.project}`;
  const byHand = (action: ServiceAction): readonly string[] =>
    composeCommand(settings, action, named(action.service) ?? action.service);

  const found = async (service: string, signal: AbortSignal): Promise<Result<readonly Found[]>> => {
    const name = named(service);
    if (name === undefined) {
      // Known only now, or lint had refused it. The name is wrong, and nothing is known of any service.
      const message = `no service named ${service}; the platform file has ${Object.keys(settings.services).join(", ")}`;
      return fail({ type: "argument", target: `service ${service}`, message, effect: "none" });
    }
    const filters = encodeURIComponent(JSON.stringify({ label: labelsOf(settings.project, name) }));
    const listed = await engine.json("GET", `/containers/json?all=1&filters=${filters}`, signal);
    // An engine always has a list, if an empty one: what has none is something else behind its address.
    if (!listed.ok) return listed.failure.type === "missing" ? noEngine(listed.failure.message) : listed;
    if (!Array.isArray(listed.value)) return noEngine("its list of containers is no list");
    const instances = listed.value.filter((item) => !isOneOff(item));
    const inspected = await Promise.all(
      instances.map((item) => engine.json("GET", `/containers/${idOf(item)}/json`, signal)),
    );
    const result: Found[] = [];
    for (const one of inspected) {
      // Removed between the list and the look: it is not there, as asked.
      if (!one.ok && one.failure.type === "missing") continue;
      if (!one.ok) return one;
      const container = toInstance(one.value);
      if (container === undefined) return noEngine("it describes a container that has no id");
      result.push({ instance: container, inspected: one.value });
    }
    return ok(result.toSorted((a, b) => a.instance.number - b.instance.number));
  };

  const containers = async (service: string, signal: AbortSignal): Promise<Result<readonly Instance[]>> => {
    const all = await found(service, signal);
    return all.ok ? ok(all.value.map(({ instance }) => instance)) : all;
  };

  const noEngine = (message: string): Result<never> =>
    fail({ type: "unreadable", target: `Docker Engine at ${settings.engine.host}`, message });

  const gone = (service: string, what: string): Failure => ({
    type: "missing",
    target: describe(service),
    message: `${describe(service)} has no container${what}`,
  });

  const runProgram = async (
    command: readonly string[],
    signal: AbortSignal,
    {
      more = {},
      maxBytes = longestOutput,
    }: { more?: Readonly<Record<string, string>>; maxBytes?: number } = {},
  ): ReturnType<Processes["run"]> =>
    await processes.run({
      command,
      env: { ...settings.env, ...more, ...engineEnv(settings.engine) },
      ...(settings.directory === undefined ? {} : { cwd: settings.directory }),
      maxBytes,
      signal,
    });

  /** What Compose makes of the service now, and with what the containers there are were made. */
  const resolve = async (
    service: string,
    before: readonly Found[],
    signal: AbortSignal,
  ): Promise<Result<{ definition: Definition; made: readonly Made[] }>> => {
    const made = await Promise.all(before.map(({ inspected }) => madeOf(inspected, engine, signal)));
    const asking = {
      program: settings.program,
      project: settings.project,
      target: describe(service),
      service: named(service) ?? service,
      envFiles: settings.envFiles ?? [],
      version: async () => await runProgram([...settings.program, "version", "--short"], signal),
      config: async (words: readonly string[], marked: Readonly<Record<string, string>> = {}) => {
        // A service whose profile is off is not in the definition, and comes up all the same when it is named.
        const more = { ...marked, COMPOSE_PROFILES: "*" };
        const ran = await runProgram(configCommand(settings, words), signal, {
          more,
          maxBytes: longestDefinition,
        });
        return ran.ok ? ran : fail(notRun(settings.program, ran.failure));
      },
    };
    const definition = await resolveDefinition(asking, made);
    return definition.ok ? ok({ definition: definition.value, made }) : definition;
  };

  /** What is new and is not as it was to be made, in words; undefined when all of it is. */
  const madeOtherwise = async (
    definition: Definition,
    before: readonly Found[],
    after: readonly Found[],
    signal: AbortSignal,
  ): Promise<string | undefined> => {
    const fresh = after.filter(({ instance }) => !before.some((old) => old.instance.id === instance.id));
    const made = await Promise.all(fresh.map(({ inspected }) => madeOf(inspected, engine, signal)));
    const [wrong] = made.flatMap((one) => {
      const lines = driftText(driftOf(definition, [one]), "is not as defined");
      return lines.length === 0 ? [] : [`${one.name} does not match its definition: ${lines.join("; ")}`];
    });
    return wrong;
  };

  /** Runs Compose for an action, then lets `holds` judge what there is: undefined when it is as wanted. */
  const compose = async (
    service: string,
    actionOn: (before: readonly Instance[]) => ServiceAction,
    signal: AbortSignal,
    holds: (before: readonly Instance[], after: readonly Instance[]) => string | undefined,
  ): Promise<Result<void>> => {
    const there = await found(service, signal);
    if (!there.ok) return fail({ ...there.failure, effect: "none" });
    const before = there.value.map(({ instance }) => instance);
    const action = actionOn(before);
    const resolved = makesNew(action, before) ? await resolve(service, there.value, signal) : undefined;
    if (resolved?.ok === false) return fail({ ...resolved.failure, effect: "none" });
    for (const { id } of leftOver(before)) {
      // Its volumes are those of the container beside it, and stay.
      const removed = await engine.json("DELETE", `/containers/${id}`, signal);
      if (!removed.ok && removed.failure.type !== "missing") return removed;
    }
    const ran = await runProgram(byHand(action), signal);
    // One that was ended has asked the engine for who knows what, which the engine may still be doing.
    if (!ran.ok) return fail(notRun(settings.program, ran.failure));
    const left = await found(service, signal);
    const { exitCode } = ran.value;
    if (!left.ok) return fail({ ...left.failure, effect: "unknown" });
    const after = left.value.map(({ instance }) => instance);
    const untouched = sameInstances(before, after);
    const effect = untouched && exitCode !== null ? "none" : "unknown";
    if (exitCode !== 0) {
      const stderr = withoutValues(ran.value.stderr, resolved?.value.definition.environment);
      return fail({ effect, ...complaint(settings.program, { ...ran.value, stderr }) });
    }
    const otherwise =
      resolved === undefined
        ? undefined
        : await madeOtherwise(resolved.value.definition, there.value, left.value, signal);
    const wrong = holds(before, after) ?? otherwise;
    if (wrong === undefined) return ok(undefined);
    return fail({ type: "rejected", target: describe(service), message: wrong, effect });
  };

  const runner = { engine, containers, describe };
  return {
    describe,
    byHand,
    inspect: containers,
    logs: async (service, options, signal) => {
      const all = await containers(service, signal);
      if (!all.ok) return all;
      if (all.value.length === 0) return fail(gone(service, ", so there is no log"));
      return await readLogs(engine, all.value, options, signal);
    },
    volumes: async (_service, signal) => {
      const listed = await engine.json("GET", "/volumes", signal);
      return listed.ok ? ok(volumesOf(listed.value, settings.project)) : listed;
    },
    restart: async (service, signal) => await restart(service, runner, signal),
    stop: async (choice, signal) => await stopOrStart("stop", choice, runner, signal),
    start: async (choice, signal) => await stopOrStart("start", choice, runner, signal),
    drift: async (action, signal) => {
      const there = await found(action.service, signal);
      if (!there.ok) return there;
      const instances = there.value.map(({ instance }) => instance);
      if (!makesNew(action, instances)) return ok(noDrift);
      const resolved = await resolve(action.service, there.value, signal);
      return resolved.ok ? ok(driftOf(resolved.value.definition, resolved.value.made)) : resolved;
    },
    recreate: (service, signal) =>
      compose(
        service,
        (before) => recreation(service, before),
        signal,
        (before, after) => {
          if (after.length === 0) return "no container is left after the change";
          const left = after.find(({ id }) => before.some((one) => one.id === id));
          if (left !== undefined) return `${left.name} was not replaced`;
          const count = numbersOf(before);
          return before.length === 0 || after.length === count
            ? undefined
            : `${after.length} containers after the change, ${count} before`;
        },
      ),
    scale: (service, replicas, signal) =>
      compose(
        service,
        () => ({ do: "scale", service, replicas }),
        signal,
        (_, after) => {
          const running = after.filter(({ state }) => state === "running").length;
          if (running === replicas) return undefined;
          const [down] = after.filter(({ state }) => state !== "running");
          const why = down === undefined ? "" : `; ${down.name} is ${down.state}`;
          return `${running} of ${replicas} instances run${why}`;
        },
      ),
  };
}

/** Whether Compose makes a container for it: one that is only started or removed keeps what it has. */
function makesNew(action: ServiceAction, before: readonly Instance[]): boolean {
  switch (action.do) {
    case "recreate":
      return true;
    case "scale":
      return !(Number(action.replicas) <= before.length);
    case "inspect":
    case "restart":
    case "stop":
    case "start":
    case "logs":
      return false;
  }
}

/** The number that was there stays; where none was, the definition's own comes up. */
function recreation(service: string, before: readonly Instance[]): ServiceAction {
  return { do: "recreate", service, ...(before.length === 0 ? {} : { replicas: numbersOf(before) }) };
}

/** How many instances there are: a recreation that was ended in the middle leaves two of one number. */
function numbersOf(instances: readonly Instance[]): number {
  return new Set(instances.map(({ number }) => number)).size;
}

/**
 * What such a recreation left beside the container it was to replace, never started, under a name of its
 * own. Compose 2 would want that name again, and refuse for ever.
 */
function leftOver(instances: readonly Instance[]): readonly Instance[] {
  return instances.filter(
    ({ id, name, number, state }) =>
      state === "created" &&
      /^[0-9a-f]{12}_/.test(name) &&
      instances.some((other) => other.id !== id && other.number === number),
  );
}

function sameInstances(before: readonly Instance[], after: readonly Instance[]): boolean {
  const mark = ({ id, state, startedAt }: Instance): string => `${id} ${state} ${startedAt?.getTime()}`;
  return before.map(mark).toSorted().join() === after.map(mark).toSorted().join();
}
