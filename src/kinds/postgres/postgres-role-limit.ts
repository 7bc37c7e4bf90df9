import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../kind.ts";
import { integer, object, required, text } from "../../language/shape.ts";
import { counted, shown } from "../format.ts";
import { psql, quoteName } from "./sql-text.ts";

interface Args {
  readonly role: string;
  readonly limit: number;
}

interface Outputs {
  readonly limit: number;
  readonly before: number;
  readonly connections: number;
}

interface Role {
  readonly limit: number;
  readonly connections: number;
}

const statement = (role: string, limit: number | string): string =>
  `ALTER ROLE ${quoteName(role)} CONNECTION LIMIT ${limit}`;

export const postgresRoleLimit: Kind = defineKind<Args, Outputs>({
  name: "postgres.role_limit",
  summary: "Limit how many connections a role may have",
  doc: "From now on the server refuses the role's connections beyond the limit; those it has stay, even when they are more. It needs no restart, and keeps one leaking client from taking every other's connections. -1 is no limit. A superuser is not bound by one, so that is refused. The old limit is recorded, and the new one read back. It asks with the administrator's login where there is one.",
  effect: "change",
  args: object({
    role: required(text(), "The role"),
    limit: required(integer({ min: -1, max: 262_143 }), "Connections it may have; -1 for no limit"),
  }),
  outputs: {
    limit: { type: "int", doc: "The limit now, as it was read back" },
    before: { type: "int", doc: "The limit before" },
    connections: { type: "int", doc: "Connections the role has" },
  },
  store: "postgres",
  did: ({ limit, before }) => `limit ${before} → ${limit}`,
  unreachable: "unknown",
  retrySafe: "it says what the limit shall be",
  undo: {
    how: "steps",
    steps: ({ role, limit }, before) => {
      const old = recorded(before);
      return old === undefined || old === limit
        ? undefined
        : [{ "postgres.role_limit": { role, limit: old } }];
    },
  },
  plan: ({ role, limit }, { postgres }) =>
    `postgres.role_limit: allow role ${shown(role)} ${words(shown(limit))} on PostgreSQL at ${postgres}`,
  byHand: ({ role, limit }, where) =>
    psql(where, statement(shown(role), shown(limit)), [], { readOnly: false, transaction: false }),
  evidence: () => [{ type: "database" }],
  capture: async ({ role }, context) => {
    const read = await roleOf(role, context);
    return read.ok ? ok({ limit: read.value.limit }) : read;
  },
  preview: async ({ role, limit }, context) => {
    const read = await roleOf(role, context);
    if (!read.ok) return read;
    const { limit: old, connections } = read.value;
    const over = limit >= 0 && connections > limit ? ", which stay; it gets no further one" : "";
    const lines = [
      `role ${role}: ${words(String(old))} → ${words(String(limit))}`,
      `it has ${counted(connections, "connection")} now${over}`,
    ];
    return ok({ lines, binding: { role, old, limit }, counters: {}, confirm: role });
  },
  happened: async ({ role, limit }, before, _since, context) => {
    const read = await roleOf(role, context);
    if (!read.ok) return "unknown";
    if (read.value.limit === limit) return "yes";
    return read.value.limit === recorded(before) ? "no" : "unknown";
  },
  execute: async ({ role, limit }, context) => {
    const before = await roleOf(role, context);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    const { ports, signal, timeout } = context;
    const altered = await ports.postgres.query({
      sql: statement(role, limit),
      params: [],
      mode: "write",
      transaction: true,
      login: "admin",
      statementTimeout: timeout,
      lockTimeout: timeout,
      maxRows: 1,
      signal,
    });
    if (!altered.ok) return altered;
    const after = await roleOf(role, context);
    if (!after.ok) return fail({ ...after.failure, effect: "unknown" });
    if (after.value.limit !== limit) {
      const message = `limit ${limit} was accepted, but reads back as ${after.value.limit}`;
      return fail({
        type: "rejected",
        target: `role ${role}`,
        code: "NOT_APPLIED",
        message,
        effect: "unknown",
      });
    }
    return ok({ limit, before: before.value.limit, connections: after.value.connections });
  },
});

async function roleOf(role: string, { ports, signal, timeout }: KindContext): Promise<Result<Role>> {
  const reply = await ports.postgres.query({
    sql: `SELECT rolconnlimit AS "limit", rolsuper AS superuser,
  (SELECT count(*) FROM pg_stat_activity AS a WHERE a.usesysid = r.oid) AS connections
FROM pg_roles AS r WHERE rolname = $1`,
    params: [role],
    mode: "read",
    transaction: true,
    login: "any",
    statementTimeout: timeout,
    lockTimeout: timeout,
    maxRows: 1,
    signal,
  });
  if (!reply.ok) return reply;
  const [row] = reply.value.rows;
  const target = `role ${role}`;
  if (row === undefined)
    return fail({ type: "missing", target, message: `there is no role ${role}`, effect: "none" });
  if (row["superuser"] === true) {
    const message = "it is a superuser, to whom no limit applies";
    return fail({ type: "rejected", target, code: "SUPERUSER", message, effect: "none" });
  }
  return ok({ limit: Number(row["limit"]), connections: Number(row["connections"]) });
}

function words(limit: string): string {
  return limit === "-1" ? "any number of connections" : `at most ${limit} connections`;
}

function recorded(before: Json): number | undefined {
  if (typeof before !== "object" || before === null || !("limit" in before)) return undefined;
  return Number(before.limit);
}
