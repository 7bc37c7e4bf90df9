import { sqlTokens, type SqlToken } from "./sql.ts";

/** What a statement begins with when it reads: everything else is refused before it is sent. */
const reading = new Set(["select", "with", "values", "table", "show", "explain"]);

/** The driver opens and ends the transaction itself. */
const transactionControl = new Set([
  "begin",
  "start",
  "commit",
  "end",
  "rollback",
  "abort",
  "savepoint",
  "release",
  "prepare",
]);

/** Statements that are gone without a trace when their transaction is rolled back. */
const undoneByRollback = new Set([
  "insert",
  "update",
  "delete",
  "merge",
  "truncate",
  "create",
  "alter",
  "drop",
  "grant",
  "revoke",
  "comment",
]);

/**
 * Functions whose effect a read-only transaction does not stop and a rollback does not undo: they act on
 * other sessions, on the server, on files, on other servers, or run a text that cannot be looked into.
 */
const acting = new Set([
  "brin_desummarize_range",
  "brin_summarize_new_values",
  "brin_summarize_range",
  "connectby",
  "gin_clean_pending_list",
  "heap_force_freeze",
  "heap_force_kill",
  "lowrite",
  "nextval",
  "pg_cancel_backend",
  "pg_create_restore_point",
  "pg_import_system_collations",
  "pg_log_backend_memory_contexts",
  "pg_log_standby_snapshot",
  "pg_logfile_rotate",
  "pg_logical_emit_message",
  "pg_logical_slot_get_binary_changes",
  "pg_logical_slot_get_changes",
  "pg_notify",
  "pg_promote",
  "pg_reload_conf",
  "pg_replication_slot_advance",
  "pg_rotate_logfile",
  "pg_rotate_logfile_old",
  "pg_switch_wal",
  "pg_sync_replication_slots",
  "pg_terminate_backend",
  "pg_truncate_visibility_map",
  "set_config",
  "setval",
  "ts_rewrite",
  "ts_stat",
  "xpath_table",
]);
const actingFamilies =
  /^(?:dblink|lo_|crosstab|pg_stat_.*reset|pg_(?:try_)?advisory_|pg_file_|pg_(?:create|copy|drop)_.*slot$|pg_replication_origin_|pg_(?:start|stop)_backup$|pg_backup_|pg_wal_replay_|pg_restore_.*_stats$|pg_clear_.*_stats$|(?:query|cursor)_to_xml|pg_background_)/;

/** What tells which functions it calls: neither comments nor values are among it. */
function tokens(sql: string): readonly Token[] {
  return sqlTokens(sql).filter((token) => token.type !== "comment");
}

type Token = Exclude<SqlToken, { readonly type: "comment" }>;

/** Why a text may not run as a read; undefined when it may. The server is asked to refuse writes all the same. */
export function refusalOfRead(sql: string): string | undefined {
  const found = tokens(sql);
  const first = firstWord(found);
  if (first === undefined) return "there is no statement in it";
  if (!reading.has(first)) {
    return `a read begins with ${[...reading].map((word) => word.toUpperCase()).join(", ")}, and this begins with ${first.toUpperCase()}; what changes something is sql.exec`;
  }
  if (found.some((token) => token.type === "name" && token.escaped)) {
    return 'a name written U&"…" cannot be checked; write it plainly';
  }
  const called = actingCall(found);
  if (called === undefined) return isSeveral(found) ? oneOnly : undefined;
  return `${called}() acts in spite of a read-only transaction, so a read may not call it; sql.exec may`;
}

/** Why a text may not run as a change; undefined when it may. */
export function refusalOfWrite(sql: string): string | undefined {
  const found = tokens(sql);
  const first = firstWord(found);
  if (first === undefined) return "there is no statement in it";
  if (transactionControl.has(first)) {
    return `${first.toUpperCase()} is not for a step: each runs in a transaction of its own, unless it says transaction: false`;
  }
  if (first === "copy") return "COPY needs a stream of data beside it; use psql";
  return isSeveral(found) ? oneOnly : undefined;
}

const oneOnly = "it has several statements, and a step sends one; give each a step of its own";

/** The body of a function may be written out in statements of its own. */
function isSeveral(found: readonly Token[]): boolean {
  const isEnd = (token: Token): boolean => token.type === "symbol" && token.text === ";";
  let depth = 0;
  for (const [index, token] of found.entries()) {
    if (token.type === "word" && token.text === "atomic") return false;
    if (token.type === "symbol" && token.text === "(") depth++;
    if (token.type === "symbol" && token.text === ")") depth--;
    if (depth === 0 && isEnd(token)) return found.slice(index).some((behind) => !isEnd(behind));
  }
  return false;
}

/** True when a rollback certainly leaves nothing of it. */
export function rollsBack(sql: string): boolean {
  const found = tokens(sql);
  const first = firstWord(found);
  const apart = found.some((token) => token.type === "word" && token.text === "concurrently");
  const hidden = found.some((token) => token.type === "name" && token.escaped);
  return (
    first !== undefined && undoneByRollback.has(first) && !apart && !hidden && actingCall(found) === undefined
  );
}

function firstWord(found: readonly Token[]): string | undefined {
  const first = found.find((token) => !(token.type === "symbol" && token.text === "("));
  if (first === undefined) return undefined;
  switch (first.type) {
    case "word":
    case "name":
    case "symbol":
      return first.text;
    case "string":
      return "a string";
    case "number":
      return "a number";
    case "placeholder":
      return `$${first.number}`;
  }
}

function actingCall(found: readonly Token[]): string | undefined {
  for (const [index, token] of found.entries()) {
    if (token.type !== "word" && token.type !== "name") continue;
    const next = found[index + 1];
    if (next?.type !== "symbol" || next.text !== "(") continue;
    if (acting.has(token.text) || actingFamilies.test(token.text)) return token.text;
  }
  return undefined;
}
