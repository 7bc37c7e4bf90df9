import { patient } from "../../base/bounded.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { ContainerRunner, EngineReader, Moment } from "../../ports/evidence.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { withoutDefinitionValues, withoutEnvironment } from "./environment.ts";
import {
  fieldsOf,
  inTurns,
  listOf,
  tellMissing,
  writtenText,
  writeJson,
  writeText,
  type TextFields,
} from "./written.ts";

const megabyte = 1_048_576;
/** Questions to the engine at the same time. */
const atOnce = 8;
/** Moments that the timeline takes of the engine's events. */
const mostMoments = 200;

/** What the engine is, and what it keeps besides containers. */
export function dockerEngine(engine: EngineReader): Collector {
  const parts = {
    version: "/version",
    info: "/info",
    networks: "/networks",
    volumes: "/volumes",
    images: "/images/json",
  };
  return {
    id: "docker.engine",
    target: engine.target,
    summary: "version, info, networks, volumes, images",
    volatile: false,
    order: 2,
    deadline: 10_000,
    cap: 16 * megabyte,
    collect: async (context) => {
      const { ports, tell } = context;
      const asked = ports.clock.now().getTime();
      const info = await engine.json("/info", patient(context.signal, 5000));
      if (!info.ok) return info;
      const said = Date.parse(writtenText(fieldsOf(info.value)["SystemTime"]));
      const took = ports.clock.now().getTime() - asked;
      if (!Number.isNaN(said))
        tell({
          type: "clock",
          source: "Docker Engine",
          ahead: Math.round(said - asked - took / 2),
          uncertainty: Math.ceil(took / 2),
        });
      writeJson(context, "info.json", info.value);
      await inTurns(
        Object.entries(parts).filter(([name]) => name !== "info"),
        4,
        async ([name, path]) => {
          const read = await engine.json(path, patient(context.signal, 5000));
          if (read.ok) writeJson(context, `${name}.json`, read.value);
          else tellMissing(context, name, read.failure);
        },
      );
      return ok({});
    },
  };
}

/** Every container of the machine: another platform's may be what takes the memory. */
export function dockerContainers(engine: EngineReader): Collector {
  return {
    id: "docker.containers",
    target: engine.target,
    summary: "all containers, inspected, their environment without values",
    volatile: true,
    order: 1,
    deadline: 10_000,
    cap: 32 * megabyte,
    collect: async (context) => {
      const listed = await containersIn(context, engine);
      if (!listed.ok) return listed;
      writeJson(context, "containers.json", listed.value);
      await inTurns(listed.value, atOnce, async (container) => {
        const name = containerName(container);
        const read = await engine.json(
          `/containers/${containerId(container)}/json`,
          patient(context.signal, 6000),
        );
        if (read.ok) {
          writeJson(context, `inspect/${name}.json`, withoutEnvironment(read.value));
          stateFindings(context, name, fieldsOf(fieldsOf(read.value)["State"]));
        } else if (read.failure.type !== "missing") tellMissing(context, `container ${name}`, read.failure);
      });
      return ok({});
    },
  };
}

/** Once, of what runs. */
export function dockerStats(engine: EngineReader): Collector {
  return {
    id: "docker.stats",
    target: engine.target,
    summary: "processor, memory, network and disk of every running container, once",
    volatile: true,
    order: 1,
    deadline: 10_000,
    cap: 8 * megabyte,
    collect: async (context) => {
      const listed = await containersIn(context, engine);
      if (!listed.ok) return listed;
      const running = listed.value.filter((container) => container["State"] === "running");
      await inTurns(running, atOnce, async (container) => {
        const path = `/containers/${containerId(container)}/stats?stream=false&one-shot=true`;
        const read = await engine.json(path, patient(context.signal, 6000));
        if (read.ok) writeJson(context, `stats/${containerName(container)}.json`, read.value);
        else if (read.failure.type !== "missing")
          tellMissing(context, `stats of ${containerName(container)}`, read.failure);
      });
      return running.length === 0 ? ok({ skipped: "no container runs" }) : ok({});
    },
  };
}

/** What the engine tells of the window. */
export function dockerEvents(engine: EngineReader): Collector {
  return {
    id: "docker.events",
    target: engine.target,
    summary: "what the engine did, in the window",
    volatile: false,
    order: 2,
    deadline: 10_000,
    cap: 8 * megabyte,
    collect: async (context) => {
      const { since, until, signal, file } = context;
      const sink = file("events.jsonl", { kind: "text", keep: "newest" });
      const moments = new Moments();
      const seconds = (time: Date): string => (time.getTime() / 1000).toFixed(3);
      const path = `/events?since=${seconds(since)}&until=${seconds(until)}`;
      const read = await engine.stream(path, signal, (chunk) => {
        sink.write(chunk);
        moments.push(chunk);
      });
      sink.end();
      for (const moment of moments.newest) context.tell({ type: "event", source: "docker", ...moment });
      return read.ok ? ok({}) : read;
    },
  };
}

/** What the services are made from, as their runner itself resolves it. */
export function serviceDefinition({ target: project, definition }: ContainerRunner): Collector {
  const { id, file, command, env } = definition;
  return {
    id,
    target: project,
    summary: "the services' definition as it is resolved, environments without values",
    volatile: false,
    order: 2,
    deadline: 15_000,
    cap: 2 * megabyte,
    collect: async (context) => {
      const { ports, signal } = context;
      const target = command.join(" ");
      const ran = await ports.process.run({ command, env, maxBytes: 4 * megabyte, signal });
      if (!ran.ok) return ran;
      const { exitCode, stdout, stderr, stdoutBytes, signal: killed } = ran.value;
      if (exitCode !== 0) return fail({ type: "exit", target, code: exitCode, signal: killed, stderr });
      if (stdoutBytes > 4 * megabyte)
        return fail({ type: "overflow", target, limit: 4 * megabyte, message: "it is longer than 4 MB" });
      const { parse, stringify } = await import("yaml");
      let tree: unknown;
      try {
        tree = parse(stdout);
      } catch {
        // What cannot be read as a tree cannot be freed of its values.
        return fail({ type: "unreadable", target, message: "this is not YAML" });
      }
      writeText(context, file, stringify(withoutDefinitionValues(tree)));
      return ok({});
    },
  };
}

/** Every container, whether it runs or not. */
export async function containersIn(
  { signal }: CollectContext,
  engine: EngineReader,
  labels: readonly string[] = [],
): Promise<Result<readonly TextFields[]>> {
  const filters =
    labels.length === 0 ? "" : `&filters=${encodeURIComponent(JSON.stringify({ label: labels }))}`;
  const listed = await engine.json(`/containers/json?all=1${filters}`, patient(signal, 5000));
  return listed.ok ? ok(listOf(listed.value).map(fieldsOf)) : listed;
}

export function containerId(container: TextFields): string {
  return encodeURIComponent(String(container["Id"]));
}

export function containerName(container: TextFields): string {
  const [name] = listOf(container["Names"]);
  return String(name ?? container["Id"]).replace(/^\//, "");
}

function stateFindings({ tell }: CollectContext, name: string, state: TextFields): void {
  const status = String(state["Status"]);
  if (state["OOMKilled"] === true) tell({ type: "finding", text: `container ${name} was OOM-killed` });
  if (status === "restarting" || status === "dead" || status === "paused")
    tell({ type: "finding", text: `container ${name} is ${status}` });
  if (status === "exited")
    tell({ type: "finding", text: `container ${name} exited with code ${String(state["ExitCode"])}` });
  if (fieldsOf(state["Health"])["Status"] === "unhealthy")
    tell({ type: "finding", text: `container ${name} is unhealthy` });
  const started = new Date(String(state["StartedAt"]));
  // Docker's "never" is the year 1.
  if (started.getTime() > 0)
    tell({ type: "event", time: started, source: "docker", text: `container ${name} started` });
}

/** What of the engine's events a person wants on a timeline, from lines that come in pieces. */
class Moments {
  readonly newest: Moment[] = [];
  private rest = "";

  push(chunk: Uint8Array): void {
    const lines = `${this.rest}${Buffer.from(chunk).toString("utf8")}`.split("\n");
    // A line without end is nobody's event.
    this.rest = (lines.pop() ?? "").slice(-65_536);
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    let event: TextFields;
    try {
      event = fieldsOf(JSON.parse(line));
    } catch {
      return;
    }
    const action = String(event["Action"]);
    if (
      event["Type"] !== "container" ||
      !/^(?:start|die|oom|kill|destroy|health_status: unhealthy)/.test(action)
    )
      return;
    const { name, exitCode } = fieldsOf(fieldsOf(event["Actor"])["Attributes"]);
    const code = typeof exitCode === "string" ? ` (${exitCode})` : "";
    const time = new Date(Number(event["timeNano"]) / 1e6);
    if (Number.isNaN(time.getTime())) return;
    const severity = gravity(action, exitCode);
    const text = `container ${String(name)}: ${action}${code}`;
    this.newest.push({ time, text, ...(severity === undefined ? {} : { severity }) });
    if (this.newest.length > mostMoments) this.newest.shift();
  }
}

function gravity(action: string, exitCode: unknown): Moment["severity"] {
  if (action === "start") return undefined;
  const failed = action === "die" && exitCode !== "0";
  return failed || action === "oom" || action.startsWith("health_status") ? "error" : "warning";
}
