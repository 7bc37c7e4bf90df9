import { ok } from "../../base/result.ts";
import { defineKind, type Kind } from "../kind.ts";
import { object } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { outputsOf, rowOutputs, statementFields, valuesDoc, type RowOutputs } from "./sql-rows.ts";
import { refusedSql, sqlLine, psql, wrongCount } from "./sql-text.ts";

interface Args {
  readonly sql: string;
  readonly params: readonly unknown[];
  readonly max_rows: number;
  readonly lock_timeout: number;
}

export const sqlQuery: Kind = defineKind<Args, RowOutputs>({
  name: "sql.query",
  summary: "Read rows from PostgreSQL",
  doc: [
    "Runs in a read-only transaction, which the server enforces, with the step's own deadline as its statement timeout. One statement: SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN. Functions that act in spite of a read-only transaction (`pg_terminate_backend`, `set_config`, `dblink`, …) are refused by name before anything is sent; a function of your own that calls one of them is not looked into.",
    valuesDoc,
  ].join("\n\n"),
  effect: "read",
  args: object(statementFields, { primary: "sql" }),
  outputs: rowOutputs,
  store: "postgres",
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: ({ sql, params }) => wrongCount(sql, params) ?? refusedSql(sql, "read"),
  plan: ({ sql }, { postgres }) => `sql.query: ${sqlLine(shown(sql))} on PostgreSQL at ${postgres}`,
  byHand: ({ sql, params }, where) =>
    psql(where, shown(sql), Array.isArray(params) ? params : [], { readOnly: true, transaction: false }),
  execute: async (args, { ports, signal, timeout }) => {
    const started = ports.clock.monotonic();
    const reply = await ports.postgres.query({
      sql: args.sql,
      params: args.params,
      mode: "read",
      transaction: true,
      statementTimeout: timeout,
      lockTimeout: args.lock_timeout,
      maxRows: args.max_rows,
      signal,
    });
    return reply.ok ? ok(outputsOf(reply.value, ports.clock.monotonic() - started)) : reply;
  },
});
