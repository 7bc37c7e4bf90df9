import { jsonText } from "../../base/json.ts";
import type { SqlReply, SqlValue } from "../../ports/ports.ts";
import type { OutputSpec } from "../kind.ts";
import { defaulted, duration, integer, json, list, required, text } from "../../language/shape.ts";

/** The text of one statement: no value is ever written into it. */
export const statement = text({ template: "none", syntax: "sql" });

/** Fields that every statement takes. */
export const statementFields = {
  sql: required(statement, "One statement; values are never written into it, but bound: $1, $2, …"),
  params: defaulted(list(json()), [], "Values of $1, $2, …; a list becomes an array, a map JSON"),
  max_rows: defaulted(integer({ min: 1, max: 1_000_000 }), 1000, "Rows kept; the rest is only counted"),
  lock_timeout: defaulted(duration({ min: 1 }), 5000, "How long to wait for a lock"),
} as const;

export interface RowOutputs {
  readonly rows: readonly Readonly<Record<string, SqlValue>>[];
  readonly row?: Readonly<Record<string, SqlValue>>;
  readonly value?: SqlValue;
  readonly count: number;
  readonly columns: readonly string[];
  readonly truncated: boolean;
  readonly elapsed: number;
}

export const rowOutputs: { readonly [K in keyof RowOutputs]-?: OutputSpec } = {
  rows: { type: "list<dyn>", doc: "The rows kept, each a map by column" },
  row: { type: "map<string, dyn>", doc: "The first row; missing when there is none", optional: true },
  value: {
    type: "dyn",
    doc: "First column of the first row; missing when there is none, and when it is NULL",
    optional: true,
  },
  count: { type: "int", doc: "Rows returned or changed, all of them" },
  columns: { type: "list<string>", doc: "Names of the columns" },
  truncated: { type: "bool", doc: "There were more rows than are kept" },
  elapsed: { type: "duration", doc: "From the connection's start to the last row" },
};

export const valuesDoc =
  "Whole numbers of up to 64 bits are exact; `numeric` is always a number, as near as a double comes (cast it to text for all its digits). NaN and infinities are no values: an expression that needs one is unknown, and says so. A timestamp with a zone is a timestamp, one without a text, an interval a text: `extract(epoch from …)` makes it a number. JSON is parsed.";

export function outputsOf(reply: SqlReply, elapsed: number): RowOutputs {
  const { rows, columns, count, truncated } = reply;
  const [row] = rows;
  const [first] = columns;
  const value = row === undefined || first === undefined ? undefined : row[first];
  return {
    rows,
    ...(row === undefined ? {} : { row }),
    ...(value === undefined || value === null ? {} : { value }),
    count,
    columns,
    truncated,
    elapsed,
  };
}

/** `pid=4711 usename=lav age="00:12:01"`. */
export function rowLine(row: Readonly<Record<string, SqlValue>>): string {
  return Object.entries(row)
    .map(
      ([name, value]) =>
        `${name}=${typeof value === "string" && /^\S+$/.test(value) ? value : jsonText(value)}`,
    )
    .join(" ");
}
