import { failureText } from "../../base/failure.ts";
import { ok } from "../../base/result.ts";
import type { SqlLimits, SqlReader, SqlReading } from "../../ports/evidence.ts";
import type { SqlReply, SqlValue } from "../../ports/ports.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { serverQuery, stateQueries, type StateQuery } from "./postgres-queries.ts";
import { tellMissing, writeJson, writeRows } from "./written.ts";

/** Milliseconds. Nothing of the platform waits for a snapshot longer than these. */
export const sqlLimits: Omit<SqlLimits, "signal"> = {
  connectTimeout: 3000,
  statementTimeout: 5000,
  lockTimeout: 500,
};

const mostRows = 10_000;

/** What the server says of itself: who is connected, who waits for whom, how it is set up. */
export function postgresState(reader: SqlReader): Collector {
  return {
    id: "postgres.state",
    target: reader.target,
    summary: "activity, locks, replication, settings, statistics, sizes",
    volatile: true,
    order: 1,
    deadline: 30_000,
    cap: 32 * 1_048_576,
    collect: async (context) => {
      const { signal } = context;
      const read = await reader.read({ ...sqlLimits, signal }, (reading) => state(context, reading));
      return read.ok ? ok({}) : read;
    },
  };
}

type Row = Readonly<Record<string, SqlValue>>;

async function state(context: CollectContext, reading: SqlReading): Promise<void> {
  const { ports, tell } = context;
  if (reading.instead !== undefined)
    tell({
      type: "finding",
      text: `read with the administrator's login instead: ${failureText(reading.instead)}`,
    });
  const asked = ports.clock.now().getTime();
  const server = await reading.rows(serverQuery, 1);
  if (!server.ok) {
    tellMissing(context, "the server's version and state", server.failure);
    return;
  }
  const took = ports.clock.now().getTime() - asked;
  const [about = {}] = server.value.rows;
  writeJson(context, "server.json", about);
  if (about["now"] instanceof Date) {
    const ahead = Math.round(about["now"].getTime() - asked - took / 2);
    tell({ type: "clock", source: "PostgreSQL", ahead, uncertainty: Math.ceil(took / 2) });
  }
  if (about["started"] instanceof Date)
    tell({ type: "event", time: about["started"], source: "postgres", text: "the server started" });
  const unseen: Record<string, string> = {};
  for (const query of stateQueries.filter((one) => applies(one, about))) {
    if (context.signal.aborted) {
      tell({ type: "missing", what: query.name, why: "the deadline passed" });
      continue;
    }
    const reply = await reading.rows(query.sql, mostRows);
    if (reply.ok) take(context, query.name, reply.value, about);
    // 42501: some views are a superuser's. That this role may not see them is a fact, not a fault.
    else if (reply.failure.type === "rejected" && reply.failure.code === "42501")
      unseen[query.name] = failureText(reply.failure);
    else tellMissing(context, query.name, reply.failure);
  }
  if (Object.keys(unseen).length === 0) return;
  writeJson(context, "not-visible.json", unseen);
  tell({
    type: "finding",
    text: `PostgreSQL: this role has no permission to read ${Object.keys(unseen).join(", ")}`,
  });
}

function applies({ from = 0, to = Infinity, needs }: StateQuery, about: Row): boolean {
  const major = Number(about["major"]);
  return from <= major && major <= to && (needs === undefined || about[needs] === true);
}

function take(context: CollectContext, name: string, { rows, truncated }: SqlReply, about: Row): void {
  const { tell } = context;
  writeRows(context, `${name}.jsonl`, rows);
  if (truncated) tell({ type: "missing", what: `more rows of ${name}`, why: `${mostRows} are kept` });
  if (name === "activity") connections(context, rows, Number(about["max_connections"]));
  if (name === "blocking") {
    for (const { pid, blocked_by: by } of rows.slice(0, 10))
      tell({ type: "finding", text: `PostgreSQL: ${Number(pid)} waits for ${[by].flat().join(", ")}` });
  }
  if (name === "prepared-transactions" && rows.length > 0)
    tell({ type: "finding", text: `PostgreSQL: ${rows.length} prepared transactions are open` });
}

function connections({ tell }: CollectContext, rows: readonly Row[], most: number): void {
  const counts = new Map<string, number>();
  const clients = rows.filter((row) => row["backend_type"] === "client backend");
  for (const { state: its } of clients) {
    const key = typeof its === "string" ? its : "unknown";
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [name, value] of counts)
    tell({ type: "measure", chart: "connections", name: `PostgreSQL ${name}`, value, unit: "" });
  if (clients.length > most * 0.9)
    tell({ type: "finding", text: `PostgreSQL: ${clients.length} of ${most} connections are in use` });
}
