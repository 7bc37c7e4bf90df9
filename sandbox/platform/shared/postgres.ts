import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { numberOption, type Fault, type Faults } from "./faults.ts";
import { messageOf, type Log } from "./log.ts";
import type { Settings } from "./settings.ts";

export type Row = Readonly<Record<string, unknown>>;

export interface Pool {
  readonly rows: (sql: string, params?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Throws when the server does not answer through the pool. */
  readonly check: () => Promise<void>;
  readonly status: () => Row;
  stop(): Promise<void>;
}

const size = 5;

/** A small pool that makes itself known as `service@instance` in `pg_stat_activity`. */
export function openPool(settings: Settings, faults: Faults, log: Log): Pool {
  const pool = new pg.Pool({
    connectionString: settings.databaseUrl,
    application_name: `${settings.service}@${settings.instance}`,
    max: size,
    connectionTimeoutMillis: 3000,
    query_timeout: 5000,
    idleTimeoutMillis: 60_000,
    // `numeric` and `int8` are small here: numbers are what the API answers with.
    types: { getTypeParser: (oid: number, format?: "text" | "binary") => parserOf(oid, format) },
  });
  pool.on("error", (error) => log("warn", "a pool connection was lost", { error: error.message }));
  const leak = createLeak(pool, log);
  faults.watch(() => leak.set(faults.active("leak")));

  const rows = async (sql: string, params: readonly unknown[] = []): Promise<readonly Row[]> =>
    (await pool.query(sql, [...params])).rows as Row[];
  return {
    rows,
    check: async () => void (await rows("SELECT 1")),
    status: () => ({
      service: settings.service,
      instance: settings.instance,
      max: size,
      total: pool.totalCount,
      idle: pool.idleCount,
      in_use: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
      leaked: leak.count(),
      utilisation: Math.min(1, (pool.totalCount - pool.idleCount) / size),
      last_error: leak.lastError() ?? null,
    }),
    async stop() {
      leak.set(undefined);
      await pool.end();
    },
  };
}

/** Connections taken and never given back, past the pool's size, until the server refuses more or there are `most`. */
function createLeak(pool: pg.Pool, log: Log) {
  let taken: pg.PoolClient[] = [];
  let fault: Fault | undefined;
  let failed: string | undefined;
  let running = false;
  // Asked anew after every wait.
  const ended = (): boolean => fault === undefined;
  const run = async (): Promise<void> => {
    running = true;
    while (fault !== undefined) {
      const { options } = fault;
      const every = numberOption(fault, "every_ms", 50);
      if (taken.length >= numberOption(fault, "most", Infinity)) {
        await wait(every);
        continue;
      }
      pool.options.max = taken.length + size + 1;
      try {
        const client = await pool.connect();
        if (ended()) {
          client.release(true);
          break;
        }
        client.on("error", () => {});
        // Before anything is waited for: the fault may end meanwhile, and gives back what is listed.
        taken.push(client);
        if (options["transaction"] === true) await client.query("BEGIN; SELECT count(*) FROM positions");
        if (options["query"] === true) client.query("SELECT pg_sleep(86400)").catch(() => {});
      } catch (error) {
        // What was given back in the middle of a statement has failed by that, and not of itself.
        if (ended()) break;
        if (failed === undefined) log("error", "no database connection", { error: messageOf(error) });
        failed = messageOf(error);
      }
      if (!ended()) await wait(every);
    }
    running = false;
  };
  return {
    count: () => taken.length,
    lastError: () => failed,
    set(next: Fault | undefined): void {
      fault = next;
      if (next !== undefined && !running) void run();
      if (next !== undefined) return;
      // Destroyed, not put back: some are in a transaction or a statement.
      for (const client of taken) client.release(true);
      taken = [];
      failed = undefined;
      pool.options.max = size;
    },
  };
}

function parserOf(oid: number, format: "text" | "binary" | undefined): (text: string) => unknown {
  const { builtins } = pg.types;
  if (oid === builtins.NUMERIC || oid === builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format === "binary" ? "text" : format) as (text: string) => unknown;
}
