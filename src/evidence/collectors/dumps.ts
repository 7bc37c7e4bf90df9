import { fail, ok } from "../../base/result.ts";
import type { SqlReader, SqlReading } from "../../ports/evidence.ts";
import type { PlatformEvidence } from "../../platform/platform.ts";
import type { CollectContext, Collector } from "../capture/collector.ts";
import { sqlLimits } from "./postgres.ts";
import { schemaQueries } from "./schema-queries.ts";
import { tellMissing, writtenText, writeRows } from "./written.ts";

const megabyte = 1_048_576;
/** Milliseconds for one table: its rows come by an index, or not in this time. */
const patience = 20_000;
const masked = "‹masked›";

/** Columns that are masked whatever the platform file says: what is in them opens something. */
const sensitive = "(pass(word|wd|phrase)?|secret|token|api_?key|private_?key|credential|salt|_hash)$";

/** The schema, in statements that would make it again: from the catalogue, so that no program is needed. */
export function postgresSchema(reader: SqlReader): Collector {
  return {
    id: "postgres.schema",
    target: reader.target,
    summary: "the schema: types, tables, constraints, indexes, views, functions, triggers",
    volatile: false,
    order: 2,
    deadline: 30_000,
    cap: 16 * megabyte,
    collect: async (context) => {
      const { signal } = context;
      const sink = context.file("schema.sql", { kind: "text", keep: "oldest" });
      const read = await reader.read({ ...sqlLimits, signal }, async (reading) => {
        for (const { part, sql } of schemaQueries) {
          const reply = await reading.rows(sql, 20_000);
          if (!reply.ok) {
            tellMissing(context, part, reply.failure);
            continue;
          }
          sink.write(`-- ${part}\n`);
          for (const row of reply.value.rows) sink.write(`${writtenText(row["sql"])}\n`);
          if (reply.value.truncated)
            context.tell({ type: "missing", what: `more ${part}`, why: "20000 are kept" });
        }
      });
      sink.end();
      return read.ok ? ok({}) : read;
    },
  };
}

/** Tables that the platform file chooses, as CSV: the newest rows by primary key, sensitive columns masked. */
export function postgresTables(reader: SqlReader, { tables, rows, bytes }: PlatformEvidence): Collector {
  const chosen = Object.entries(tables);
  return {
    id: "postgres.tables",
    target: reader.target,
    summary:
      chosen.length === 0 ? "chosen tables: none" : `rows of ${chosen.map(([name]) => name).join(", ")}`,
    volatile: false,
    order: 2,
    deadline: 60_000,
    cap: Math.max(1, chosen.length) * (bytes + megabyte),
    collect: async (context) => {
      if (chosen.length === 0) return ok({ skipped: "platform.yaml chooses no table" });
      const { signal } = context;
      const limits = { ...sqlLimits, statementTimeout: patience, signal };
      const read = await reader.read(limits, async (reading) => {
        const kept: object[] = [];
        for (const [table, mask] of chosen) {
          const dumped = { table, mask, rows, bytes };
          const cut = await dump(context, reading, dumped);
          kept.push({ table, rows, bytes, cut, ...(cut === undefined ? await size(reading, dumped) : {}) });
        }
        writeRows(context, "tables.jsonl", kept);
      });
      return read.ok ? ok({}) : read;
    },
  };
}

interface Dump {
  readonly table: string;
  readonly mask: readonly string[];
  readonly rows: number;
  readonly bytes: number;
}

/** Whether there are more rows than are kept, and how many in all as the server last counted them. */
async function size(reading: SqlReading, { table, rows }: Dump): Promise<object> {
  const name = relation(table);
  const read = await reading.rows(
    `SELECT (SELECT count(*) FROM (SELECT FROM ${name} LIMIT ${rows + 1}) AS few) > ${rows} AS more,
 reltuples::bigint AS about FROM pg_class WHERE oid = to_regclass(${literal(name)})`,
    1,
  );
  const [row = {}] = read.ok ? read.value.rows : [];
  return { more: row["more"] ?? null, rows_about: row["about"] ?? null };
}

/**
 * That the newest rows alone are kept is as the platform file wants it; that fewer came is missing.
 * @returns why the file does not end with the last row that was wanted.
 */
async function dump(
  context: CollectContext,
  reading: SqlReading,
  dumped: Dump,
): Promise<"failed" | "bytes" | undefined> {
  const { table, bytes, rows } = dumped;
  const { tell } = context;
  const select = await selectOf(reading, dumped);
  if (!select.ok) {
    tellMissing(context, `table ${table}`, select.failure);
    return "failed";
  }
  const sink = context.file(`tables/${table}.csv`, { kind: "text", keep: "oldest", cap: bytes });
  const read = await reading.csv(select.value, (piece) => {
    sink.write(piece);
    return sink.seen <= bytes;
  });
  sink.end();
  if (!read.ok) {
    tellMissing(context, `table ${table}`, read.failure);
    return "failed";
  }
  if (!read.value.cut) return undefined;
  const why = `${bytes} bytes are kept of the ${rows} newest`;
  tell({ type: "missing", what: `older rows of ${table}`, why });
  return "bytes";
}

function relation(table: string): string {
  return table.split(".").map(quoted).join(".");
}

/** The columns as the server has them now: one that the file masks and that is not there would be a typing error. */
async function selectOf(reading: SqlReading, { table, mask, rows }: Dump) {
  const target = `table ${table}`;
  const name = relation(table);
  const found = await reading.rows(
    `SELECT a.attname AS name, a.attname ~* '${sensitive}' AS sensitive,
 coalesce(a.attnum = ANY (i.indkey), false) AS key, array_position(i.indkey::int2[], a.attnum) AS place
 FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
 WHERE a.attrelid = to_regclass(${literal(name)}) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    2000,
  );
  if (!found.ok) return found;
  const columns = found.value.rows;
  if (columns.length === 0)
    return fail({ type: "missing", target, message: `there is no ${target}` } as const);
  const unknown = mask.find((column) => !columns.some((one) => one["name"] === column));
  if (unknown !== undefined) {
    const message = `platform.yaml masks its column ${unknown}, which it does not have; nothing of it is taken`;
    return fail({ type: "argument", target, message } as const);
  }
  const parts = columns.map(({ name: column, sensitive: secret }) => {
    const its = quoted(writtenText(column));
    const hidden = secret === true || mask.includes(writtenText(column));
    return hidden ? `CASE WHEN ${its} IS NULL THEN NULL ELSE ${literal(masked)} END AS ${its}` : its;
  });
  const keys = columns
    .filter(({ key }) => key === true)
    .toSorted((a, b) => Number(a["place"]) - Number(b["place"]))
    .map(({ name: column }) => `t.${quoted(writtenText(column))} DESC`);
  // The newest, where a key says which they are.
  const order = keys.length === 0 ? "" : ` ORDER BY ${keys.join(", ")}`;
  return ok(`SELECT ${parts.join(", ")} FROM ${name} AS t${order} LIMIT ${rows}`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
