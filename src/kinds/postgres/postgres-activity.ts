import { ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import {
  inTransaction,
  isClient,
  readActivity,
  type Activity,
  type PostgresSession,
} from "./postgres-sessions.ts";
import { defaulted, duration, object } from "../../language/shape.ts";
import { psql } from "./sql-text.ts";

interface Outputs {
  readonly login: string;
  readonly max_connections: number;
  readonly reserved: number;
  readonly usable: number;
  readonly used: number;
  readonly free: number;
  readonly free_share: number;
  readonly active: number;
  readonly idle: number;
  readonly idle_in_transaction: number;
  readonly blocked: number;
  readonly hidden: number;
  readonly groups: readonly unknown[];
  readonly long: readonly unknown[];
  readonly long_count: number;
}

/** Every session of a large server would be megabytes in the journal of each run. */
const shownAtMost = 50;

const byHandSql = `SELECT backend_type, state, usename, application_name, count(*),
  max(clock_timestamp() - xact_start) AS oldest_transaction,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true), '0')::int AS usable
FROM pg_stat_activity WHERE pid <> pg_backend_pid() GROUP BY 1, 2, 3, 4 ORDER BY 5 DESC`;

export const postgresActivity: Kind = defineKind<{ older: number }, Outputs>({
  name: "postgres.activity",
  summary: "Who holds PostgreSQL's connections, and since when",
  doc: [
    "Counts clients' sessions, and only these, against what the server gives to ordinary roles: `max_connections` minus the connections it reserves. Processes of the server itself, replication included, take none of them and appear only in `groups`. This tool's own sessions are left out.",
    "A transaction is long by its own age, running or idle; a session that is idle outside of one is never long, however old its last statement is.",
    "When no connection is left for the ordinary login it looks with the administrator's (`postgres.admin`, DATABASE_ADMIN_URL). `hidden` counts sessions of which the login may not see more than that they are there: grant it pg_monitor.",
  ].join("\n\n"),
  effect: "read",
  args: object({ older: defaulted(duration({ min: 0 }), 300_000, "A transaction this old is a long one") }),
  outputs: {
    login: { type: "string", doc: "The role that looked" },
    max_connections: { type: "int", doc: "Connections the server takes" },
    reserved: { type: "int", doc: "Of these, kept for superusers and for roles with a right to them" },
    usable: { type: "int", doc: "What is left for ordinary roles" },
    used: { type: "int", doc: "Clients' sessions, without this tool's own" },
    free: { type: "int", doc: "Usable less used; 0 when clients hold reserved ones too" },
    free_share: { type: "double", doc: "Free of usable, 0 to 1" },
    active: { type: "int", doc: "Clients' sessions that run a statement" },
    idle: { type: "int", doc: "Clients' sessions outside of a transaction" },
    idle_in_transaction: { type: "int", doc: "Clients' sessions in a transaction that runs nothing" },
    blocked: { type: "int", doc: "Clients' sessions that wait for a lock" },
    hidden: { type: "int", doc: "Sessions whose state this login may not see" },
    groups: {
      type: "list<dyn>",
      doc: "backend_type, state, user, application, count: the largest 50",
    },
    long: {
      type: "list<dyn>",
      doc: "Transactions of this age, the oldest 50: pid, started, user, application, state, age_ms, blockers, blocks, query",
    },
    long_count: { type: "int", doc: "How many long transactions there are" },
  },
  store: "postgres",
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: (_args, { postgres }) =>
    `postgres.activity: read who holds the connections of PostgreSQL at ${postgres}`,
  byHand: (_args, where) => psql(where, byHandSql, [], { readOnly: true, transaction: false }),
  execute: async ({ older }, context) => {
    const read = await readActivity(context);
    return read.ok ? ok(summary(read.value, older)) : read;
  },
});

function summary({ login, maxConnections, reserved, sessions }: Activity, older: number): Outputs {
  const clients = sessions.filter(isClient);
  const usable = Math.max(0, maxConnections - reserved);
  const free = Math.max(0, usable - clients.length);
  const long = clients.filter((one) => inTransaction(one) && (one.age ?? 0) >= older);
  const inState = (test: (state: string) => boolean): number =>
    clients.filter(({ state }) => test(state)).length;
  return {
    login,
    max_connections: maxConnections,
    reserved,
    usable,
    used: clients.length,
    free,
    free_share: usable === 0 ? 0 : free / usable,
    active: inState((state) => state === "active"),
    idle: inState((state) => state === "idle"),
    idle_in_transaction: inState((state) => state.startsWith("idle in transaction")),
    blocked: clients.filter(({ blockers }) => blockers.length > 0).length,
    hidden: sessions.filter(({ type }) => type === undefined).length,
    groups: grouped(sessions),
    long: long
      .toSorted((a, b) => (b.age ?? 0) - (a.age ?? 0))
      .slice(0, shownAtMost)
      .map((one) => longLine(one, clients)),
    long_count: long.length,
  };
}

function longLine(
  { pid, started, user, application, state, age = 0, blockers, query }: PostgresSession,
  all: readonly PostgresSession[],
) {
  const blocks = all.filter((other) => other.blockers.includes(pid)).length;
  return { pid, started, user, application, state, age_ms: Math.round(age), blockers, blocks, query };
}

function grouped(sessions: readonly PostgresSession[]): readonly unknown[] {
  const groups = new Map<string, { readonly of: object; count: number }>();
  for (const { type, state, user, application } of sessions) {
    const of = { backend_type: type ?? "hidden", state, user, application };
    const key = JSON.stringify(of);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { of, count: 1 });
    else group.count += 1;
  }
  return [...groups.values()]
    .toSorted((a, b) => b.count - a.count)
    .slice(0, shownAtMost)
    .map(({ of, count }) => ({ ...of, count }));
}
