import { patient } from "../../base/bounded.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { listOf, tellMissing, writeJson, writeText } from "./written.ts";

/** Settings that say how a server behaves; none of them is a password or a path. */
const settings = [
  "appendfsync",
  "appendonly",
  "client-output-buffer-limit",
  "cluster-enabled",
  "databases",
  "hz",
  "io-threads",
  "latency-monitor-threshold",
  "lazyfree-lazy-eviction",
  "maxclients",
  "maxmemory",
  "maxmemory-policy",
  "maxmemory-samples",
  "min-replicas-max-lag",
  "min-replicas-to-write",
  "notify-keyspace-events",
  "repl-backlog-size",
  "repl-timeout",
  "replica-read-only",
  "replica-serve-stale-data",
  "save",
  "slowlog-log-slower-than",
  "slowlog-max-len",
  "stop-writes-on-bgsave-error",
  "tcp-backlog",
  "tcp-keepalive",
  "timeout",
] as const;

/** Milliseconds for one command: each has a connection of its own. */
const patience = 2000;

/** @param streams names of the streams whose state is read; their messages are not. */
export function redisState(target: string, streams: readonly string[]): Collector {
  return {
    id: "redis.state",
    target,
    summary: "time, info, slow log, latency, memory, clients, settings, roles, streams",
    volatile: true,
    order: 1,
    deadline: 10_000,
    cap: 8 * 1_048_576,
    collect: async (context) => {
      const { ports, tell } = context;
      const asked = ports.clock.now().getTime();
      const from = ports.clock.monotonic();
      const time = await ask(context, ["TIME"]);
      // Who does not answer this answers nothing: no need to knock twenty times.
      if (!time.ok) return fail(time.failure);
      const took = ports.clock.monotonic() - from;
      const [seconds, micros] = listOf(time.value).map(Number);
      const said = (seconds ?? 0) * 1000 + (micros ?? 0) / 1000;
      // The question went out somewhere in between, after the connection was made.
      tell({
        type: "clock",
        source: "Redis",
        ahead: Math.round(said - asked - took / 2),
        uncertainty: Math.ceil(took / 2),
      });
      const info = await text(context, ["INFO", "all"], "info.txt");
      await json(context, ["SLOWLOG", "GET", "128"], "slowlog.json", slowEntries);
      await json(context, ["LATENCY", "LATEST"], "latency.json");
      await text(context, ["LATENCY", "DOCTOR"], "latency-doctor.txt");
      await json(context, ["MEMORY", "STATS"], "memory.json", pairs);
      await text(context, ["MEMORY", "DOCTOR"], "memory-doctor.txt");
      await text(context, ["CLIENT", "LIST"], "clients.txt");
      await config(context);
      await json(context, ["ROLE"], "role.json");
      if (/^cluster_enabled:1/m.test(info)) {
        await text(context, ["CLUSTER", "INFO"], "cluster-info.txt");
        await text(context, ["CLUSTER", "NODES"], "cluster-nodes.txt");
      }
      if (/^redis_mode:sentinel/m.test(info)) {
        await json(context, ["SENTINEL", "MASTERS"], "sentinel-masters.json", (all) =>
          listOf(all).map(pairs),
        );
      }
      for (const name of streams) await stream(context, name);
      findings(context, info);
      return ok({});
    },
  };
}

async function ask({ ports, signal }: CollectContext, command: readonly string[]): Promise<Result<unknown>> {
  return await ports.redis.command(command, patient(signal, patience));
}

async function text(context: CollectContext, command: readonly string[], name: string): Promise<string> {
  const reply = await ask(context, command);
  if (!reply.ok) {
    tellMissing(context, command.join(" "), reply.failure);
    return "";
  }
  const said = String(reply.value);
  writeText(context, name, said);
  return said;
}

async function json(
  context: CollectContext,
  command: readonly string[],
  name: string,
  shape: (reply: unknown) => unknown = (reply) => reply,
): Promise<void> {
  const reply = await ask(context, command);
  if (reply.ok) writeJson(context, name, shape(reply.value));
  else tellMissing(context, command.join(" "), reply.failure);
}

/** One by one: older servers take one name only, and one that is unknown is then nobody else's trouble. */
async function config(context: CollectContext): Promise<void> {
  const found: Record<string, unknown> = {};
  for (const name of settings) {
    const reply = await ask(context, ["CONFIG", "GET", name]);
    if (!reply.ok) {
      tellMissing(context, "CONFIG GET", reply.failure);
      break;
    }
    const [key, value] = listOf(reply.value);
    if (key === name) found[name] = value;
  }
  writeJson(context, "config.json", found);
}

/** The command and its key; the other arguments are somebody's values, of which the size is enough. */
function slowEntries(reply: unknown): unknown {
  return listOf(reply).map((entry) => {
    const [id, time, micros, command, address, client] = listOf(entry);
    const [verb, key, ...rest] = listOf(command).map((one) => (typeof one === "string" ? one : "‹bytes›"));
    const sizes = rest.map((one) => one.length);
    return { id, time, micros, command: verb, key, sizes, address, client };
  });
}

async function stream(context: CollectContext, name: string): Promise<void> {
  const state = await ask(context, ["XINFO", "STREAM", name]);
  if (!state.ok) {
    tellMissing(context, `stream ${name}`, state.failure);
    return;
  }
  // The first and the last message are contents.
  const kept = Object.entries(pairs(state.value)).filter(([key]) => !key.endsWith("-entry"));
  const groups = await ask(context, ["XINFO", "GROUPS", name]);
  if (!groups.ok) tellMissing(context, `groups of stream ${name}`, groups.failure);
  writeJson(context, `streams/${name}.json`, {
    stream: Object.fromEntries(kept),
    groups: groups.ok ? listOf(groups.value).map(pairs) : null,
  });
}

/** `[name, value, name, value]`, as Redis writes a map. */
function pairs(reply: unknown): Readonly<Record<string, unknown>> {
  const flat = listOf(reply);
  const found: [string, unknown][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) found.push([String(flat[at]), flat[at + 1]]);
  return Object.fromEntries(found);
}

function findings({ tell }: CollectContext, info: string): void {
  const value = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  const [used, most] = [Number(value("used_memory")), Number(value("maxmemory"))];
  if (most > 0 && used > most * 0.9) {
    tell({ type: "finding", text: `Redis uses ${Math.round((used / most) * 100)} % of its maxmemory` });
  }
  if (value("rdb_last_bgsave_status") === "err")
    tell({ type: "finding", text: "Redis: its last save failed" });
  if (value("master_link_status") === "down")
    tell({ type: "finding", text: "Redis: its master does not answer" });
  const blocked = Number(value("blocked_clients"));
  if (blocked > 0) tell({ type: "finding", text: `Redis: ${blocked} clients wait in a blocking command` });
  const clients = Number(value("connected_clients"));
  if (Number.isFinite(clients) && value("connected_clients") !== "")
    tell({ type: "measure", chart: "connections", name: "Redis clients", value: clients, unit: "" });
}
