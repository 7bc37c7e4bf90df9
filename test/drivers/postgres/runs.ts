import type { Failure } from "../../../src/base/failure.ts";
import type { Result } from "../../../src/base/result.ts";
import { createPostgres } from "../../../src/drivers/postgres/postgres.ts";
import type { SqlReply, SqlRequest } from "../../../src/ports/ports.ts";
import type { PostgresServer } from "../../../sandbox/postgres.ts";
import { soon } from "../../patience.ts";

export type Options = Partial<SqlRequest> & {
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
};
export type Outcome = Promise<Result<SqlReply>>;

/** Statements to a test's own server, each by a driver of its own. */
export class Runs {
  private readonly server: () => PostgresServer;

  constructor(server: () => PostgresServer) {
    this.server = server;
  }

  async read(sql: string, options: Options = {}): Outcome {
    return await this.run("read", sql, options);
  }

  async write(sql: string, options: Options = {}): Outcome {
    return await this.run("write", sql, options);
  }

  /** Runs each statement of a set-up, and throws where one fails. */
  async done(sql: string): Promise<void> {
    for (const statement of sql.split("; ")) {
      const reply = await this.write(statement);
      if (!reply.ok) throw new Error(JSON.stringify(reply.failure));
    }
  }

  /** First column of the first row; throws where there is none to be had. */
  async value(sql: string, options: Options = {}): Promise<unknown> {
    const reply = await this.read(sql, options);
    if (!reply.ok) throw new Error(JSON.stringify(reply.failure));
    return Object.values(reply.value.rows[0] ?? {})[0];
  }

  /** Waits until a statement with this mark in its text sleeps on the server. */
  async asleep(mark: string): Promise<void> {
    const sql = `SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep' AND query LIKE '%${mark}%' AND pid <> pg_backend_pid()`;
    while ((await this.value(sql)) === 0n);
  }

  /** Runs a statement that sleeps, and ends it by its signal once it does. @param mark stands in its text. */
  async cut(mode: "read" | "write", sql: string, mark: string, options: Options = {}): Promise<Failure> {
    const controller = new AbortController();
    const outcome = this.run(mode, sql, { ...options, signal: controller.signal });
    await this.asleep(mark);
    controller.abort();
    return await failure(outcome);
  }

  private async run(mode: "read" | "write", sql: string, options: Options): Outcome {
    const { url = this.server().url, env = {}, ...request } = options;
    return await createPostgres({ url, env }).query({
      sql,
      params: [],
      mode,
      transaction: true,
      statementTimeout: 20_000,
      lockTimeout: 5000,
      maxRows: 1000,
      signal: soon(),
      ...request,
    });
  }
}

export async function failure(outcome: Outcome): Promise<Failure> {
  const reply = await outcome;
  if (reply.ok) throw new Error("it went well");
  return reply.failure;
}

/** Tries until it fails. */
export async function untilFailure(attempt: () => Outcome): Promise<Failure> {
  for (;;) {
    const reply = await attempt();
    if (!reply.ok) return reply.failure;
  }
}
