import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import type { Secrets } from "./compose-file.ts";

const schema = new URL("platform/schema.sql", import.meta.url);

/** Waits until PostgreSQL answers, and makes its roles: the application's and the operator's. */
export async function makeRoles(port: number, secrets: Secrets): Promise<void> {
  await asSuperuser(port, secrets, "postgres", async (client) => {
    const { rows } = await client.query<{ major: number }>(
      "SELECT current_setting('server_version_num')::int / 10000 AS major",
    );
    const groups = ["pg_signal_backend", "pg_monitor"];
    if ((rows[0]?.major ?? 0) >= 16) groups.push("pg_use_reserved_connections");
    const roles = [
      { name: "lav", password: secrets.lav, groups: [] },
      { name: "lav_ops", password: secrets.operator, groups },
    ];
    for (const role of roles) {
      const found = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role.name]);
      if (found.rowCount === 0) await client.query(`CREATE ROLE ${role.name}`);
      const password = client.escapeLiteral(role.password);
      await client.query(
        `ALTER ROLE ${role.name} LOGIN CONNECTION LIMIT -1 VALID UNTIL 'infinity' PASSWORD ${password}`,
      );
      await client.query(`ALTER ROLE ${role.name} RESET ALL`);
      if (role.groups.length > 0) await client.query(`GRANT ${role.groups.join(", ")} TO ${role.name}`);
    }
  });
}

/**
 * Takes back what ALTER SYSTEM has set.
 * @returns whether the server runs with some of it until it is started anew
 */
export async function resetSettings(port: number, secrets: Secrets): Promise<boolean> {
  return await asSuperuser(port, secrets, "postgres", async (client) => {
    const { rowCount } = await client.query(
      `SELECT FROM pg_settings
       WHERE context = 'postmaster' AND (pending_restart OR sourcefile LIKE '%/postgresql.auto.conf')`,
    );
    await client.query("ALTER SYSTEM RESET ALL");
    await client.query("SELECT pg_reload_conf()");
    return rowCount !== 0;
  });
}

/** The platform's database as a new one, with its first rows; whoever is connected to it is put out. */
export async function seedPostgres(port: number, secrets: Secrets): Promise<void> {
  const emptied = await asSuperuser(port, secrets, "postgres", async (client) => {
    // Making one copies a template of three hundred files: where this one itself was left alone it is emptied.
    const { rowCount: plain } = await client.query(
      `SELECT FROM pg_database WHERE datname = 'lav' AND pg_get_userbyid(datdba) = 'postgres' AND datallowconn
         AND datconnlimit = -1 AND datacl IS NULL
         -- Before, a new database's schema public was another's, and open to everybody.
         AND current_setting('server_version_num')::int >= 150000
         AND NOT EXISTS (SELECT FROM pg_db_role_setting WHERE setdatabase = pg_database.oid)`,
    );
    if (plain === 1) {
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'lav'");
      return true;
    }
    await client.query("DROP DATABASE IF EXISTS lav WITH (FORCE)");
    await client.query("CREATE DATABASE lav STRATEGY file_copy");
    return false;
  });
  await asSuperuser(port, secrets, "lav", async (client) => {
    if (emptied) await client.query(emptying);
    if (existsSync(schema)) await client.query(readFileSync(schema, "utf8"));
  });
}

/** Everything in a database that PostgreSQL did not put there. */
const emptying = `DO $$
DECLARE name text;
BEGIN
  FOR name IN SELECT nspname FROM pg_namespace
    WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'
  LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', name);
  END LOOP;
  CREATE SCHEMA public AUTHORIZATION pg_database_owner;
  GRANT USAGE ON SCHEMA public TO PUBLIC;
  COMMENT ON SCHEMA public IS 'standard public schema';
END $$`;

/**
 * Waits for a server that is just starting: its answer, not a fixed time, says when it is there. The task
 * begins again when the connection breaks under it.
 */
async function asSuperuser<T>(
  port: number,
  secrets: Secrets,
  database: string,
  task: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + 120_000;
  for (;;) {
    const client = new pg.Client({
      host: "127.0.0.1",
      port,
      user: "postgres",
      password: secrets.postgres,
      database,
      connectionTimeoutMillis: 5000,
    });
    // A connection that breaks says so twice.
    client.on("error", () => {});
    try {
      await client.connect();
      return await task(client);
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
      await sleep(50);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Everything but what PostgreSQL says of a statement: a connection that is refused, resets or is silent. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  // Starting up, shutting down; full.
  return /^(?:57P0[123]|53300)$/.test(error.code ?? "");
}
