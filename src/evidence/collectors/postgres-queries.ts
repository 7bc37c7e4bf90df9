/** One read of the server's state, in the order in which they are asked. */
export interface StateQuery {
  readonly name: string;
  readonly sql: string;
  /** The oldest and the newest server version that has it: 15 for 15.x. */
  readonly from?: number;
  readonly to?: number;
  /** A relation without which it is not asked: an extension may be missing. */
  readonly needs?: string;
}

/** A statement, with the mark of what was cut off: the server keeps so many bytes of each, and a secret may lie there. */
const shownQuery = `CASE WHEN length(query) > 2000 OR octet_length(query) > pg_size_bytes(current_setting('track_activity_query_size')) - 5
 THEN left(query, 2000) || '…' ELSE query END`;

/** None of them reads pg_authid, pg_shadow or a password: a hash is as good as one. */
export const stateQueries: readonly StateQuery[] = [
  {
    name: "activity",
    sql: `SELECT datname, pid, leader_pid, usename, application_name, client_addr, client_port, backend_start,
 xact_start, query_start, state_change, wait_event_type, wait_event, state, backend_xid::text, backend_xmin::text,
 backend_type, ${shownQuery} AS query
 FROM pg_stat_activity WHERE pid <> pg_backend_pid() ORDER BY xact_start NULLS LAST`,
  },
  {
    name: "blocking",
    sql: `SELECT pid, blocked_by, wait_event_type, wait_event, state, ${shownQuery} AS query
 FROM (SELECT a.*, pg_blocking_pids(a.pid) AS blocked_by FROM pg_stat_activity a WHERE wait_event_type = 'Lock') waiting
 WHERE cardinality(blocked_by) > 0`,
  },
  {
    name: "locks",
    sql: `SELECT locktype, database::text, relation::regclass::text AS relation, page, tuple, virtualxid,
 transactionid::text, virtualtransaction, pid, mode, granted, fastpath, waitstart
 FROM pg_locks WHERE pid <> pg_backend_pid()`,
    from: 14,
  },
  { name: "locks", sql: "SELECT * FROM pg_locks WHERE pid <> pg_backend_pid()", to: 13 },
  { name: "databases", sql: "SELECT * FROM pg_stat_database" },
  { name: "conflicts", sql: "SELECT * FROM pg_stat_database_conflicts" },
  {
    name: "connections",
    sql: "SELECT datname, datallowconn, datconnlimit, age(datfrozenxid)::bigint AS xid_age, mxid_age(datminmxid)::bigint AS mxid_age FROM pg_database",
  },
  { name: "replication", sql: "SELECT * FROM pg_stat_replication" },
  { name: "replication-slots", sql: "SELECT * FROM pg_replication_slots" },
  // Its connection string may hold a password.
  {
    name: "wal-receiver",
    sql: "SELECT pid, status, receive_start_lsn, received_tli, last_msg_send_time, last_msg_receipt_time, latest_end_lsn, latest_end_time, slot_name FROM pg_stat_wal_receiver",
  },
  { name: "archiver", sql: "SELECT * FROM pg_stat_archiver" },
  { name: "background-writer", sql: "SELECT * FROM pg_stat_bgwriter" },
  { name: "checkpointer", sql: "SELECT * FROM pg_stat_checkpointer", from: 17 },
  { name: "wal", sql: "SELECT * FROM pg_stat_wal", from: 14 },
  { name: "progress-vacuum", sql: "SELECT * FROM pg_stat_progress_vacuum" },
  { name: "progress-create-index", sql: "SELECT * FROM pg_stat_progress_create_index" },
  { name: "progress-cluster", sql: "SELECT * FROM pg_stat_progress_cluster" },
  { name: "progress-analyze", sql: "SELECT * FROM pg_stat_progress_analyze" },
  { name: "progress-basebackup", sql: "SELECT * FROM pg_stat_progress_basebackup" },
  { name: "progress-copy", sql: "SELECT * FROM pg_stat_progress_copy", from: 14 },
  {
    name: "prepared-transactions",
    sql: "SELECT transaction::text, gid, prepared, owner, database FROM pg_prepared_xacts",
  },
  {
    name: "oldest-xid",
    sql: `SELECT (SELECT max(age(backend_xmin))::bigint FROM pg_stat_activity) AS backends,
 (SELECT max(age(xmin))::bigint FROM pg_replication_slots) AS slots,
 (SELECT max(age(transaction))::bigint FROM pg_prepared_xacts) AS prepared,
 (SELECT max(age(datfrozenxid))::bigint FROM pg_database) AS databases`,
  },
  // Connection strings and commands are among the settings.
  {
    name: "settings",
    sql: `SELECT name, CASE WHEN name ~ '(conninfo|_command|passphrase|krb_server_keyfile)' AND setting <> '' THEN '‹withheld›' ELSE setting END AS setting,
 unit, source, sourcefile, sourceline, pending_restart FROM pg_settings ORDER BY name`,
  },
  {
    name: "file-settings",
    sql: `SELECT sourcefile, sourceline, name, CASE WHEN name ~ '(conninfo|_command|passphrase)' THEN '‹withheld›' ELSE setting END AS setting, applied, error FROM pg_file_settings`,
  },
  {
    name: "role-settings",
    sql: "SELECT setdatabase::text, setrole::regrole::text AS role, setconfig FROM pg_db_role_setting",
  },
  {
    name: "roles",
    sql: "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit, rolvaliduntil FROM pg_roles",
  },
  {
    name: "hba-rules",
    sql: "SELECT line_number, type, database, user_name, address, netmask, auth_method, error FROM pg_hba_file_rules",
  },
  {
    name: "top-statements",
    needs: "pg_stat_statements",
    sql: `SELECT userid::regrole::text AS role, dbid::text, queryid, calls, total_exec_time, mean_exec_time, max_exec_time, rows,
 shared_blks_hit, shared_blks_read, temp_blks_written, ${shownQuery} AS query
 FROM pg_stat_statements ORDER BY total_exec_time DESC LIMIT 100`,
  },
  {
    name: "top-tables",
    sql: "SELECT * FROM pg_stat_user_tables ORDER BY seq_tup_read + coalesce(idx_tup_fetch, 0) DESC LIMIT 100",
  },
  { name: "top-indexes", sql: "SELECT * FROM pg_stat_user_indexes ORDER BY idx_scan DESC LIMIT 100" },
  // Last: to size a database is to look at each of its files.
  {
    name: "sizes-databases",
    sql: "SELECT datname, pg_database_size(oid) AS bytes FROM pg_database WHERE has_database_privilege(oid, 'CONNECT') ORDER BY 2 DESC",
  },
  {
    name: "sizes-tables",
    sql: `SELECT n.nspname AS schema, c.relname AS name, pg_total_relation_size(c.oid) AS bytes
 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 3 DESC LIMIT 100`,
  },
];

/** The first of all, and what the others are chosen by. */
export const serverQuery = `SELECT clock_timestamp() AS now, version() AS version,
 current_setting('server_version_num')::int / 10000 AS major, pg_postmaster_start_time() AS started,
 pg_conf_load_time() AS settings_loaded, pg_is_in_recovery() AS in_recovery,
 CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END::text AS lsn,
 pg_last_wal_receive_lsn()::text AS received, pg_last_xact_replay_timestamp() AS replayed,
 current_setting('max_connections')::int AS max_connections,
 to_regclass('pg_stat_statements') IS NOT NULL AS pg_stat_statements`;
