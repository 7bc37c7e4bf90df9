import { jsonText, type Json } from "../../base/json.ts";
import { ok, type Result } from "../../base/result.ts";
import type { SqlReply, SqlValue } from "../../ports/ports.ts";
import { defineKind, type Kind, type KindContext, type Preview } from "../kind.ts";
import { boolean, defaulted, json, list, object, optional, required, text } from "../../language/shape.ts";
import { counted, shown } from "../format.ts";
import {
  outputsOf,
  rowLine,
  rowOutputs,
  statement,
  statementFields,
  valuesDoc,
  type RowOutputs,
} from "./sql-rows.ts";
import { refusedSql, highestPlaceholder, sqlLine, psql, wrongCount } from "./sql-text.ts";

interface Inner {
  readonly sql: string;
  readonly params?: readonly unknown[];
}

interface Args extends Inner {
  readonly params: readonly unknown[];
  readonly max_rows: number;
  readonly lock_timeout: number;
  readonly transaction: boolean;
  readonly preview?: Inner & { readonly moving: readonly string[] };
  readonly undo?: Inner & { readonly transaction: boolean };
}

const innerParams = optional(list(json()), "Values of $1, $2, …; left out, the step's own first ones");

/** Rows of a preview that are shown; the rest is counted. */
const shownRows = 20;
const noUndo = "no undo statement is given (undo:)";

export const sqlExec: Kind = defineKind<Args, RowOutputs>({
  name: "sql.exec",
  summary: "Change something in PostgreSQL",
  doc: [
    "One statement in a transaction of its own, committed when it went well. `transaction: false` is for what cannot run in one (ALTER SYSTEM, VACUUM). When the connection is lost before the COMMIT was sent, nothing happened; after it, or with a function that acts at once (`pg_terminate_backend`), nobody can say, and a ladder stops there.",
    "`preview` is a read whose rows are what it will touch: they are shown in the question and bind the consent, apart from the columns named in `moving`. `undo` is the statement that takes it back; it is written to the undo runbook. Without it the plan says irreversible.",
    valuesDoc,
  ].join("\n\n"),
  effect: "change",
  args: object(
    {
      ...statementFields,
      transaction: defaulted(boolean(), true, "False: not in a transaction"),
      preview: optional(
        object(
          {
            sql: required(statement, "A read: one row for each thing it will touch"),
            params: innerParams,
            moving: defaulted(list(text()), [], "Columns that change by the second, shown and not bound"),
          },
          { primary: "sql" },
        ),
        "What it will touch now",
      ),
      undo: optional(
        object(
          {
            sql: required(statement, "The statement that takes it back"),
            params: innerParams,
            transaction: defaulted(boolean(), true, "False: not in a transaction"),
          },
          { primary: "sql" },
        ),
        "What takes it back",
      ),
    },
    { primary: "sql" },
  ),
  outputs: rowOutputs,
  store: "postgres",
  did: ({ count }) => counted(count, "row"),
  unreachable: "unknown",
  undo: {
    how: "steps",
    irreversible: ({ undo }) => (undo === undefined ? noUndo : undefined),
    steps: ({ params, undo }) =>
      undo === undefined
        ? undefined
        : [
            {
              "sql.exec": {
                sql: undo.sql,
                params: innerValues(undo, params) as readonly Json[],
                transaction: undo.transaction,
              },
            },
          ],
  },
  check: ({ sql, params, preview, undo }) =>
    wrongCount(sql, params) ??
    refusedSql(sql, "write") ??
    wrongInner("preview", preview, params, "read") ??
    wrongInner("undo", undo, params, "write"),
  plan: ({ sql, transaction }, { postgres }) =>
    `sql.exec: ${sqlLine(shown(sql))} on PostgreSQL at ${postgres}${transaction === false ? ", not in a transaction" : ""}`,
  byHand: ({ sql, params, transaction }, where) =>
    psql(where, shown(sql), Array.isArray(params) ? params : [], {
      readOnly: false,
      transaction: transaction !== false,
    }),
  evidence: () => [{ type: "database" }],
  preview: async ({ preview, params }, context) => {
    if (preview === undefined) {
      const lines = ["what it will touch is not known: the step has no preview", ...valueLines(params)];
      return ok({ lines, binding: null, counters: {}, confirm: "exec" });
    }
    const read = await context.ports.postgres.query({
      sql: preview.sql,
      params: innerValues(preview, params),
      mode: "read",
      transaction: true,
      statementTimeout: context.timeout,
      lockTimeout: context.timeout,
      maxRows: 1000,
      signal: context.signal,
    });
    if (!read.ok) return read;
    const seen = previewOf(read.value, preview.moving);
    return ok({ ...seen, lines: [...valueLines(params), ...seen.lines] });
  },
  execute: async (args, context) => await execute(args, context),
});

/** What stands in the place of each placeholder: nobody can consent to `$1`. */
function valueLines(params: readonly unknown[]): readonly string[] {
  return params.map((value, at) => `with $${at + 1} = ${jsonText(value)}`);
}

async function execute(args: Args, { ports, signal, timeout }: KindContext): Promise<Result<RowOutputs>> {
  const started = ports.clock.monotonic();
  const reply = await ports.postgres.query({
    sql: args.sql,
    params: args.params,
    mode: "write",
    transaction: args.transaction,
    statementTimeout: timeout,
    lockTimeout: args.lock_timeout,
    maxRows: args.max_rows,
    signal,
  });
  return reply.ok ? ok(outputsOf(reply.value, ports.clock.monotonic() - started)) : reply;
}

function previewOf({ rows, count, truncated }: SqlReply, moving: readonly string[]): Preview {
  const lines = [`touches ${counted(count, "row")}`, ...rows.slice(0, shownRows).map(rowLine)];
  if (count > shownRows) lines.push(`and ${count - Math.min(count, shownRows)} more`);
  const binding = rows.map((row) => bound(row, moving));
  return {
    lines,
    // More rows than can be kept cannot all bind; then their number does.
    binding: truncated ? [...binding, count] : binding,
    counters: { rows: count },
    confirm: String(count),
  };
}

function bound(row: Readonly<Record<string, SqlValue>>, moving: readonly string[]): Json {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !moving.includes(name))) as Json;
}

/** Its own parameters, or as many of the step's as it has placeholders. */
function innerValues({ sql, params }: Inner, outer: readonly unknown[]): readonly unknown[] {
  return params ?? outer.slice(0, highestPlaceholder(sql));
}

function wrongInner(
  name: string,
  inner: unknown,
  outer: unknown,
  mode: "read" | "write",
): string | undefined {
  if (typeof inner !== "object" || inner === null || !("sql" in inner)) return undefined;
  const { sql } = inner;
  const own: unknown = "params" in inner ? inner.params : undefined;
  const taken =
    own === undefined && typeof sql === "string" && Array.isArray(outer)
      ? outer.slice(0, highestPlaceholder(sql))
      : own;
  const wrong = wrongCount(sql, taken) ?? refusedSql(sql, mode);
  return wrong === undefined ? undefined : `${name}: ${wrong}`;
}
