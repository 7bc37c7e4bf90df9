import { fail, ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object } from "../../language/shape.ts";
import { psql } from "./sql-text.ts";

interface Outputs {
  readonly version: string;
  readonly recovery: boolean;
  readonly connections: bigint;
  readonly max_connections: bigint;
  readonly reserved: bigint;
  readonly elapsed: number;
}

/**
 * Connections by pg_stat_database, where every role sees them all: in pg_stat_activity an ordinary role
 * does not see what kind of backend another role's is.
 */
const sql = `SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS recovery,
  (SELECT coalesce(sum(numbackends), 0)::int8 FROM pg_stat_database) AS connections,
  current_setting('max_connections')::int8 AS max_connections,
  current_setting('superuser_reserved_connections')::int8
    + coalesce(current_setting('reserved_connections', true), '0')::int8 AS reserved`;

export const postgresPing: Kind = defineKind<object, Outputs>({
  name: "postgres.ping",
  summary: "PostgreSQL answers a query",
  doc: "Connects, logs in and asks. A server that refuses, is silent or is still starting up is a failed finding. One that does not let this login in (a wrong password, too many clients) is unknown: it answers, and what it answers others is not measured.",
  effect: "read",
  args: object({}),
  outputs: {
    version: { type: "string", doc: "The server's version" },
    recovery: { type: "bool", doc: "It is a standby, or still recovering" },
    connections: { type: "int", doc: "Connections to its databases, this one included" },
    max_connections: { type: "int", doc: "Connections it takes" },
    reserved: { type: "int", doc: "Of these, kept for superusers and for roles with reserved connections" },
    elapsed: { type: "duration", doc: "From the connection's start to the answer" },
  },
  expects: { that: "PostgreSQL answers" },
  store: "postgres",
  unreachable: "failed",
  undo: { how: "nothing" },
  plan: (_args, { postgres }) => `postgres.ping: ask PostgreSQL at ${postgres} for its state`,
  byHand: (_args, where) => psql(where, sql, [], { readOnly: true, transaction: false }),
  execute: async (_args, { ports, signal, timeout }) => {
    const started = ports.clock.monotonic();
    const reply = await ports.postgres.query({
      sql,
      params: [],
      mode: "read",
      transaction: true,
      statementTimeout: timeout,
      lockTimeout: timeout,
      maxRows: 1,
      signal,
    });
    if (!reply.ok) return reply;
    const elapsed = ports.clock.monotonic() - started;
    const { version, recovery, connections, max_connections, reserved } = reply.value.rows[0] ?? {};
    if (
      typeof version === "string" &&
      typeof recovery === "boolean" &&
      typeof connections === "bigint" &&
      typeof max_connections === "bigint" &&
      typeof reserved === "bigint"
    ) {
      return ok({ version, recovery, connections, max_connections, reserved, elapsed });
    }
    const target = `PostgreSQL at ${ports.postgres.target}`;
    return fail({
      type: "unreadable",
      target,
      message: "its answer has not the columns that were asked for",
    });
  },
});
