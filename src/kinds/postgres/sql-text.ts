import { shellLiteral } from "../../base/quote.ts";
import { jsonText } from "../../base/json.ts";

/** What is text to the server and no placeholder: strings, quoted names, comments, dollar quotes. */
const opaque =
  /[eE]'(?:\\[\s\S]|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|--[^\n]*|\/\*[\s\S]*?\*\/|(?<![\w$])(\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\1|(?<![\w$])\$(\d+)/g;

/** The number of the highest placeholder: 2 for `… $1 … $2`, 0 for none. */
export function highestPlaceholder(sql: string): number {
  let highest = 0;
  for (const match of sql.matchAll(opaque)) {
    const number = match[2];
    if (number !== undefined) highest = Math.max(highest, Number(number));
  }
  return highest;
}

/** The statement in one line, as a plan prints it. */
export function sqlLine(sql: string): string {
  return bare(sql).replaceAll(/\s*\n\s*/g, " ");
}

/** The statement without comments, line breaks and a last semicolon; its strings are as they were. */
function bare(sql: string): string {
  let text = "";
  let at = 0;
  const code = (part: string): void => {
    const spaced = part.replaceAll(/\s+/g, " ");
    text += text.endsWith(" ") ? spaced.trimStart() : spaced;
  };
  for (const match of sql.matchAll(opaque)) {
    code(sql.slice(at, match.index));
    if (/^(?:--|\/\*)/.test(match[0])) code(" ");
    else text += match[0];
    at = match.index + match[0].length;
  }
  code(sql.slice(at));
  return text.trim().replace(/\s*;$/, "");
}

/** What is wrong with a text and its parameters; values that are not known yet let it through. */
export function wrongCount(sql: unknown, params: unknown): string | undefined {
  if (typeof sql !== "string") return undefined;
  if (sqlLine(sql) === "") return "there is no statement in sql";
  if (params !== undefined && !Array.isArray(params)) return undefined;
  const given = params?.length ?? 0;
  const wanted = highestPlaceholder(sql);
  if (given === wanted) return undefined;
  return `sql has ${wanted === 0 ? "no placeholder" : `placeholders up to $${wanted}`}, and params has ${given}`;
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
 * @param where `host:port/database`.
 */
export function psql(where: string, sql: string, params: readonly unknown[], options: PsqlOptions): string {
  const { host, port, database } = /^(?<host>.*):(?<port>\d+)\/(?<database>.*)$/.exec(where)?.groups ?? {};
  const to =
    host === undefined
      ? [where]
      : ["-h", host.replace(/^\[(.*)\]$/, "$1"), "-p", port ?? "5432", "-d", database ?? ""];
  const text = bare(sql).replaceAll(opaque, (part, _tag: unknown, number?: string) => {
    if (number === undefined) return part;
    const value = params[Number(number) - 1];
    return value === null ? "NULL" : `:'p${number}'`;
  });
  const variables = params.flatMap((value, index) =>
    value === null ? [] : ["-v", `p${index + 1}=${variable(value)}`],
  );
  const guard = options.readOnly ? "PGOPTIONS='-c default_transaction_read_only=on' " : "";
  const flags = ["-X", ...(options.transaction ? ["-1"] : []), "-v", "ON_ERROR_STOP=1"];
  const command = ["psql", ...to, ...flags, ...variables].map(shellLiteral).join(" ");
  return `printf '%s' ${shellLiteral(text)} | ${guard}${command}`;
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
