import type { Where } from "../kind.ts";
import { shellLiteral } from "../../base/quote.ts";
import { jsonText } from "../../base/json.ts";
import { refusalOfRead, refusalOfWrite } from "../../language/sql-statement.ts";
import { sqlTokens, type SqlToken } from "../../language/sql.ts";

/** The number of the highest placeholder: 2 for `… $1 … $2`, 0 for none. */
export function highestPlaceholder(sql: string): number {
  const numbers = sqlTokens(sql).map((token) => (token.type === "placeholder" ? token.number : 0));
  return Math.max(0, ...numbers);
}

/**
 * The statement in one line, as a plan prints it. What the server takes for a comment says that it is one, in quotes
 * that it cannot end: a reader could take a part of it for what is sent.
 */
export function sqlLine(sql: string): string {
  return rewritten(sql, (token, written) => {
    if (token.type === "comment")
      return `[comment: ${JSON.stringify(token.text.trim().replaceAll(/\s+/g, " "))}]`;
    return written.replaceAll("\r", "\\r").replaceAll("\n", "\\n");
  });
}

/** The statement with what `as` makes of each of its tokens, every space between them one, without a last semicolon. */
function rewritten(sql: string, as: (token: SqlToken, written: string) => string): string {
  let text = "";
  let end = 0;
  for (const token of sqlTokens(sql)) {
    if (token.start > end) text += " ";
    text += as(token, sql.slice(token.start, token.end));
    end = token.end;
  }
  return text.trim().replace(/\s*;$/, "");
}

/** What is wrong with a text and its parameters; values that are not known yet let it through. */
export function wrongCount(sql: unknown, params: unknown): string | undefined {
  if (typeof sql !== "string") return undefined;
  if (sqlTokens(sql).every(saysNothing)) return "there is no statement in sql";
  if (params !== undefined && !Array.isArray(params)) return undefined;
  const given = params?.length ?? 0;
  const wanted = highestPlaceholder(sql);
  if (given === wanted) return undefined;
  return `sql has ${wanted === 0 ? "no placeholder" : `placeholders up to $${wanted}`}, and params has ${given}`;
}

/** Why a text would be refused before it is sent; values that are not known yet let it through. */
export function refusedSql(sql: unknown, mode: "read" | "write"): string | undefined {
  if (typeof sql !== "string" || sql.includes("‹")) return undefined;
  return mode === "read" ? refusalOfRead(sql) : refusalOfWrite(sql);
}

function saysNothing(token: SqlToken): boolean {
  return token.type === "comment" || (token.type === "symbol" && token.text === ";");
}

/** A name, quoted for a statement. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text, quoted for a statement that takes no parameters. */
export function quoteText(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

export interface PsqlOptions {
  readonly readOnly: boolean;
  readonly transaction: boolean;
}

/**
 * The same statement for psql, its parameters as variables: `:'p1'` where `$1` stands. It goes in by
 * standard input, because psql fills in no variable in what `-c` gives it.
 * @param where its `postgres` is `host:port/database`.
 */
export function psql(
  { postgres, access }: Pick<Where, "postgres" | "access">,
  sql: string,
  params: readonly unknown[],
  options: PsqlOptions,
): string {
  const { host, port, database } = /^(?<host>.*):(?<port>\d+)\/(?<database>.*)$/.exec(postgres)?.groups ?? {};
  const address =
    host === undefined
      ? [postgres]
      : ["-h", host.replace(/^\[(.*)\]$/, "$1"), "-p", port ?? "5432", "-d", database ?? ""];
  const { to = address.map(shellLiteral).join(" "), variables: set = [] } = access?.postgres ?? {};
  const text = rewritten(sql, (token, written) => {
    if (token.type === "comment") return " ";
    if (token.type !== "placeholder") return written;
    return params[token.number - 1] === null ? "NULL" : `:'p${token.number}'`;
  });
  const variables = params.flatMap((value, index) =>
    value === null ? [] : ["-v", `p${index + 1}=${variable(value)}`],
  );
  const guard = options.readOnly ? "PGOPTIONS='-c default_transaction_read_only=on' " : "";
  const flags = ["-X", ...(options.transaction ? ["-1"] : []), "-v", "ON_ERROR_STOP=1"];
  const command = ["psql", to, ...[...flags, ...variables].map(shellLiteral)].join(" ");
  const before = set.map((one) => `${one} `).join("");
  return `printf '%s' ${shellLiteral(text)} | ${before}${guard}${command}`;
}

function variable(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Date) return value.toISOString();
  if (!Array.isArray(value)) return jsonText(value);
  const items = value.map((item: unknown) =>
    item === null ? "NULL" : `"${variable(item).replaceAll(/(["\\])/g, "\\$1")}"`,
  );
  return `{${items.join(",")}}`;
}
