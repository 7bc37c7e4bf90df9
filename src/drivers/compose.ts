import type { Failure } from "../base/failure.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { Engine } from "./compose/engine.ts";
import { hasTerminal, idOf, isOneOff, toInstance, volumeNames } from "./compose/instance.ts";
import { LogReader } from "./compose/log-frames.ts";
import { composeCommand, type ProgramSettings } from "./compose/program.ts";
import type { Instance, LogLine, Processes, ServiceAction, Services } from "./ports.ts";

export interface ComposeSettings extends ProgramSettings {
  /** `unix:///var/run/docker.sock` or `tcp://host:port`. */
  readonly dockerHost: string;
  /** The platform's name of a service → Compose's. */
  readonly services: Readonly<Record<string, string>>;
  /** What the compose files interpolate; the program sees nothing else of the operator's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Services of a Compose project. Reads and restarts go to the Docker Engine; the Compose program is
 * asked only to recreate and to scale. What either says of its success is not believed: containers are
 * looked at before and after. Nothing here removes a volume.
 */
export function createCompose(settings: ComposeSettings, processes: Processes): Services {
  const engine = new Engine(settings.dockerHost);
  const describe = (service: string): string =>
    `service ${settings.services[service] ?? service} of Compose project ${settings.project}`;
  const byHand = (action: ServiceAction): readonly string[] =>
    composeCommand(settings, action, settings.services[action.service] ?? action.service);

  const containers = async (service: string, signal: AbortSignal): Promise<Result<readonly Instance[]>> => {
    const name = settings.services[service];
    if (name === undefined) {
      const message = `no service named ${service}; the platform file has ${Object.keys(settings.services).join(", ")}`;
      return fail({ type: "missing", target: `service ${service}`, message });
    }
    const labels = [`com.docker.compose.project=${settings.project}`, `com.docker.compose.service=${name}`];
    const filters = encodeURIComponent(JSON.stringify({ label: labels }));
    const listed = await engine.json("GET", `/containers/json?all=1&filters=${filters}`, signal);
    if (!listed.ok) return listed;
    const found = (Array.isArray(listed.value) ? listed.value : []).filter((item) => !isOneOff(item));
    const inspected = await Promise.all(
      found.map((item) => engine.json("GET", `/containers/${idOf(item)}/json`, signal)),
    );
    const result: Instance[] = [];
    for (const one of inspected) {
      // Removed between the list and the look: it is not there, as asked.
      if (!one.ok && one.failure.type === "missing") continue;
      if (!one.ok) return one;
      const container = toInstance(one.value);
      if (container !== undefined) result.push(container);
    }
    return ok(result.toSorted((a, b) => a.number - b.number));
  };

  const gone = (service: string): Failure => ({
    type: "missing",
    target: describe(service),
    message: `${describe(service)} has no container`,
  });

  /** Runs Compose for an action, then lets `holds` judge what there is: undefined when it is as wanted. */
  const compose = async (
    action: ServiceAction,
    signal: AbortSignal,
    holds: (before: readonly Instance[], after: readonly Instance[]) => string | undefined,
  ): Promise<Result<void>> => {
    const before = await containers(action.service, signal);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    const ran = await processes.run({
      command: byHand(action),
      env: { ...settings.env, DOCKER_HOST: settings.dockerHost },
      ...(settings.directory === undefined ? {} : { cwd: settings.directory }),
      maxBytes: 65_536,
      signal,
    });
    if (!ran.ok) return ran;
    const after = await containers(action.service, signal);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    const untouched = sameInstances(before.value, after.value);
    const effect = untouched ? "none" : "unknown";
    const { exitCode, signal: killedBy, stderr } = ran.value;
    if (exitCode !== 0) {
      const target = settings.program.join(" ");
      return fail({ type: "exit", target, code: exitCode, signal: killedBy, stderr, effect });
    }
    const wrong = holds(before.value, after.value);
    if (wrong === undefined) return ok(undefined);
    return fail({ type: "rejected", target: describe(action.service), message: wrong, effect });
  };

  return {
    describe,
    byHand,
    inspect: containers,
    logs: async (service, { tail, since, maxBytes }, signal) => {
      const found = await containers(service, signal);
      if (!found.ok) return found;
      if (found.value.length === 0) return fail(gone(service));
      const lines: LogLine[] = [];
      let truncated = false;
      for (const { id, name } of found.value) {
        const inspected = await engine.json("GET", `/containers/${id}/json`, signal);
        if (!inspected.ok) return inspected;
        const kept = new Newest(Math.floor(maxBytes / found.value.length));
        const reader = new LogReader(!hasTerminal(inspected.value), (line) =>
          kept.push({ instance: name, ...line }),
        );
        const from = since === undefined ? "" : `&since=${since.getTime() / 1000}`;
        const query = `stdout=1&stderr=1&timestamps=1&tail=${tail}${from}`;
        const read = await engine.stream("GET", `/containers/${id}/logs?${query}`, signal, (chunk) => {
          reader.push(chunk);
        });
        if (!read.ok) return read;
        reader.end();
        truncated ||= kept.dropped || reader.cut;
        lines.push(...kept.lines);
      }
      lines.sort((a, b) => (a.time?.getTime() ?? 0) - (b.time?.getTime() ?? 0));
      return ok({ lines, truncated });
    },
    volumes: async (signal) => {
      const listed = await engine.json("GET", "/volumes", signal);
      return listed.ok ? ok(volumeNames(listed.value)) : listed;
    },
    restart: async (service, signal) => {
      const before = await containers(service, signal);
      if (!before.ok) return fail({ ...before.failure, effect: "none" });
      if (before.value.length === 0) return fail(gone(service));
      const asked = await Promise.all(
        before.value.map(({ id }) => engine.json("POST", `/containers/${id}/restart`, signal)),
      );
      const after = await containers(service, signal);
      const refused = asked.find((one) => !one.ok);
      if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
      const effect = sameInstances(before.value, after.value) ? "none" : "unknown";
      if (refused !== undefined && !refused.ok) return fail({ ...refused.failure, effect });
      const old = before.value.find((one) => !startedAnew(one, after.value));
      if (old === undefined) return ok(undefined);
      const message = `${old.name} still has the start time it had before`;
      return fail({ type: "rejected", target: describe(service), message, effect });
    },
    recreate: (service, signal) =>
      compose({ do: "recreate", service }, signal, (before, after) => {
        if (after.length === 0) return "there is no container afterwards";
        const left = after.find(({ id }) => before.some((one) => one.id === id));
        return left === undefined ? undefined : `${left.name} is still the container it was before`;
      }),
    scale: (service, replicas, signal) =>
      compose({ do: "scale", service, replicas }, signal, (_, after) => {
        const running = after.filter(({ state }) => state === "running").length;
        return running === replicas ? undefined : `${running} of ${replicas} instances run`;
      }),
  };
}

function startedAnew(before: Instance, after: readonly Instance[]): boolean {
  const now = after.find(({ id }) => id === before.id);
  return now?.startedAt !== undefined && now.startedAt.getTime() !== before.startedAt?.getTime();
}

function sameInstances(before: readonly Instance[], after: readonly Instance[]): boolean {
  const mark = ({ id, state, startedAt }: Instance): string => `${id} ${state} ${startedAt?.getTime()}`;
  return before.map(mark).toSorted().join() === after.map(mark).toSorted().join();
}

/** The newest lines that fit into a number of bytes. */
class Newest {
  readonly lines: LogLine[] = [];
  readonly #limit: number;
  #size = 0;
  dropped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(line: LogLine): void {
    this.lines.push(line);
    this.#size += line.text.length;
    while (this.#size > this.#limit && this.lines.length > 1) {
      this.#size -= this.lines.shift()?.text.length ?? 0;
      this.dropped = true;
    }
  }
}
