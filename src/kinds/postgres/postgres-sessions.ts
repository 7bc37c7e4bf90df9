import { formatDuration } from "../../base/duration.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { SqlValue } from "../../ports/ports.ts";
import type { KindContext } from "../kind.ts";

/** One row of pg_stat_activity: a client's session, or a process of the server's own. */
export interface PostgresSession {
  readonly pid: number;
  /** When it began, to the microsecond: with the pid it names this session and no later one. */
  readonly started: string;
  /** `client backend`, `walsender`, `autovacuum worker`, …; undefined where this login may not see it. */
  readonly type: string | undefined;
  readonly state: string;
  readonly user: string;
  readonly application: string;
  readonly database: string;
  readonly client: string;
  /** Milliseconds since its transaction began, and when that was; undefined outside of one. */
  readonly age: number | undefined;
  readonly transaction: string | undefined;
  /** When its last statement began. */
  readonly statement: string | undefined;
  /** It waits for a lock, and these sessions are in its way. */
  readonly blockers: readonly number[];
  readonly query: string;
  /** This login may cancel and end it. */
  readonly signal: boolean;
}

export interface Activity {
  /** The role that looked. */
  readonly login: string;
  readonly maxConnections: number;
  /** Connections that are kept for superusers, and for roles with a right to them. */
  readonly reserved: number;
  readonly sessions: readonly PostgresSession[];
}

/** A time as text that two looks agree on, whatever their time zones. */
export const exactTime = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * Every process but those of this tool, which look side by side. pg_blocking_pids holds up every lock of the server for a moment,
 * so it is asked only about those that wait.
 */
const sql = `SELECT me.login, me.max_connections, me.reserved, a.pid,
  ${exactTime("a.backend_start")} AS started, a.backend_type AS type, a.state, a.usename AS user,
  a.application_name AS application, a.datname AS database, a.client_addr::text AS client,
  (extract(epoch FROM statement_timestamp() - a.xact_start) * 1000)::float8 AS age,
  ${exactTime("a.xact_start")} AS transaction, ${exactTime("a.query_start")} AS statement,
  CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) ELSE '{}' END AS blockers,
  left(a.query, 500) AS query,
  me.super OR (me.signals AND NOT coalesce(r.rolsuper, true)) OR coalesce(pg_has_role(r.oid, 'MEMBER'), false) AS signal
FROM (SELECT current_user AS login, current_setting('is_superuser') = 'on' AS super,
    pg_has_role('pg_signal_backend', 'MEMBER') AS signals,
    current_setting('max_connections')::int8 AS max_connections,
    current_setting('superuser_reserved_connections')::int8
      + coalesce(current_setting('reserved_connections', true), '0')::int8 AS reserved) AS me
  CROSS JOIN pg_stat_activity AS a LEFT JOIN pg_roles AS r ON r.oid = a.usesysid
WHERE a.pid <> pg_backend_pid() AND NOT (a.application_name = 'lav-ir' AND a.usename = current_user)`;

/** Looks with the ordinary login, and with the administrator's when no connection is left for it. */
export async function readActivity({ ports, signal, timeout }: KindContext): Promise<Result<Activity>> {
  const reply = await ports.postgres.query({
    sql,
    params: [],
    mode: "read",
    transaction: true,
    login: "any",
    statementTimeout: timeout,
    lockTimeout: timeout,
    maxRows: 100_000,
    signal,
  });
  if (!reply.ok) return reply;
  const [first] = reply.value.rows;
  const sessions = reply.value.rows.map(sessionOf).filter((session) => session !== undefined);
  if (first === undefined || sessions.length < reply.value.rows.length) {
    const target = `PostgreSQL at ${ports.postgres.target}`;
    const message = "pg_stat_activity has not the columns that were asked for";
    return fail({ type: "unreadable", target, message });
  }
  return ok({
    login: words(first["login"]),
    maxConnections: Number(first["max_connections"]),
    reserved: Number(first["reserved"]),
    sessions,
  });
}

function sessionOf(row: Readonly<Record<string, SqlValue>>): PostgresSession | undefined {
  const { pid, type, age, transaction, statement, blockers } = row;
  if (typeof pid !== "bigint" && typeof pid !== "number") return undefined;
  return {
    pid: Number(pid),
    started: words(row["started"]),
    type: typeof type === "string" ? type : undefined,
    state: words(row["state"]),
    user: words(row["user"]),
    application: words(row["application"]),
    database: words(row["database"]),
    client: words(row["client"]),
    age: typeof age === "number" ? Math.max(0, age) : undefined,
    transaction: typeof transaction === "string" ? transaction : undefined,
    statement: typeof statement === "string" ? statement : undefined,
    blockers: Array.isArray(blockers) ? blockers.map(Number) : [],
    query: words(row["query"]),
    signal: row["signal"] === true,
  };
}

/** A client's session: these take the connections. What this login may not see counts as one. */
export function isClient({ type, user }: PostgresSession): boolean {
  return type === "client backend" || (type === undefined && user !== "");
}

/** In a transaction, running or not: what holds locks and connections. */
export function inTransaction({ state, age }: PostgresSession): boolean {
  return age !== undefined && (state === "active" || state.startsWith("idle in transaction"));
}

/** `pid 4711: lav, gateway@1f2e, active, in a transaction for 12m3s: SELECT …`. */
export function sessionLine(session: PostgresSession): string {
  const { pid, user, application, state, age, blockers } = session;
  const since = age === undefined ? "" : `, in a transaction for ${formatDuration(Math.round(age))}`;
  const blocked = blockers.length === 0 ? "" : `, waits for ${blockers.join(", ")}`;
  const statement = statementOf(session);
  const app = application === "" ? "" : `, ${application}`;
  return `pid ${pid}: ${user}${app}, ${state === "" ? "no state" : state}${since}${blocked}: ${statement}`;
}

/** Its last statement on one line, as far as a line has room. */
export function statementOf({ query }: PostgresSession): string {
  const text = query.replaceAll(/\s+/g, " ").trim();
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function words(value: SqlValue | undefined): string {
  return typeof value === "string"
    ? value
    : value === undefined || value === null
      ? ""
      : String(value as bigint);
}
