import { patient } from "../../base/bounded.ts";
import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { SqlLimits, SqlReader, SqlReading } from "../../ports/evidence.ts";
import { timedOut } from "../network.ts";
import type { SqlReply } from "../../ports/ports.ts";
import { postgresForm, readAddress, shownAddress, type Address, type PostgresSettings } from "./address.ts";
import { CopyRun } from "./copy.ts";
import { failureOf, sqlState } from "./failure.ts";
import type { Link } from "./link.ts";
import { addressName, openConnection } from "./open.ts";
import { StatementRun } from "./run.ts";
import { makeReaders } from "./values.ts";

/** Milliseconds that a cancel request may take to arrive. */
const cancelWithin = 700;

/**
 * Many reads over one connection, by pg: one read-only transaction, which is never committed. When no
 * connection is left for the ordinary login, it is the administrator's, where there is one.
 */
export function createSqlReader(settings: PostgresSettings): SqlReader {
  const address = readAddress(settings);
  const admin = settings.admin === undefined ? undefined : readAddress({ ...settings, url: settings.admin });
  const known = { plain: false };
  return {
    target: address.ok ? shownAddress(address.value) : "an address that cannot be read",
    async read(limits, work) {
      if (!address.ok) {
        const message = `${address.failure}; ${postgresForm}`;
        return fail({ type: "argument", target: addressName, message });
      }
      const ordinary = new Transaction(address.value, limits, known);
      const read = await ordinary.hold(work);
      if (read.ok || !ordinary.full || admin?.ok !== true) return read;
      return await new Transaction(admin.value, limits, known, read.failure).hold(work);
    },
  };
}

class Transaction implements SqlReading {
  private readonly address: Address;
  private readonly limits: SqlLimits;
  private readonly known: { plain: boolean };
  private readonly named: string;
  private readonly started = performance.now();
  private link: Link | undefined;
  private makeReader: Awaited<ReturnType<typeof makeReaders>> | undefined;
  /** What ended the connection: nothing more is asked on it. */
  private broken: Failure | undefined;
  /** The server, the database or the role has no connection left for this login. */
  full = false;
  readonly instead: Failure | undefined;

  /** @param instead why the ordinary login could not be used. */
  constructor(address: Address, limits: SqlLimits, known: { plain: boolean }, instead?: Failure) {
    this.address = address;
    this.limits = limits;
    this.known = known;
    this.instead = instead;
    this.named = `PostgreSQL at ${shownAddress(address)}`;
  }

  async hold(work: (reading: SqlReading) => Promise<void>): Promise<Result<void>> {
    const { signal } = this.limits;
    if (signal.aborted) return fail(timedOut(this.named, "connecting", this.started));
    const stop = (): void => void this.stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      const opened = await this.open();
      if (!opened.ok) return opened;
      await work(this);
      return this.broken === undefined ? ok(undefined) : fail(this.broken);
    } finally {
      signal.removeEventListener("abort", stop);
      await this.link?.close();
    }
  }

  async rows(sql: string, maxRows: number): Promise<Result<SqlReply>> {
    return await this.apart(async (link) => {
      const reader = (this.makeReader ??= await makeReaders());
      const statement = new StatementRun({ text: sql, values: [], maxRows, stops: true, reader });
      await link.run(statement);
      const { rows, columns, seen, suspended } = statement;
      return { rows, columns, count: seen, truncated: suspended || !statement.kept };
    });
  }

  async csv(
    select: string,
    take: (piece: Uint8Array) => boolean,
  ): Promise<Result<{ readonly cut: boolean }>> {
    return await this.apart(async (link) => {
      let cancelled: Promise<void> | undefined;
      const copy = new CopyRun(`COPY (${select}) TO STDOUT (FORMAT csv, HEADER)`, (piece) => {
        if (cancelled === undefined && !take(piece)) cancelled = link.cancel(cancelWithin);
      });
      try {
        await link.copy(copy);
      } catch (error) {
        if (cancelled === undefined || sqlState(error) !== "57014") throw error;
      }
      // A cancel that arrives late must not meet the next read.
      await cancelled;
      return { cut: cancelled !== undefined };
    });
  }

  private async open(): Promise<Result<void>> {
    const { address, named, known, limits } = this;
    // What this program takes to load its library is not the server's slowness.
    await import("pg");
    const late = patient(limits.signal, limits.connectTimeout);
    const destroy = (): void => this.link?.destroy();
    late.addEventListener("abort", destroy, { once: true });
    try {
      const hold = (link: Link): void => {
        this.link = link;
        if (late.aborted) link.destroy();
      };
      const link = await openConnection({ address, named, known, signal: late, hold });
      await link.simple(
        `BEGIN READ ONLY; SET LOCAL statement_timeout = ${Math.round(limits.statementTimeout)}; SET LOCAL lock_timeout = ${Math.round(limits.lockTimeout)}; SET LOCAL datestyle = 'ISO, MDY'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1; SAVEPOINT lav_ir_reads`,
      );
      return ok(undefined);
    } catch (error) {
      if (late.aborted) return fail(timedOut(named, "connecting", this.started));
      this.full = sqlState(error) === "53300";
      return fail(this.failureOf(error, this.started));
    } finally {
      late.removeEventListener("abort", destroy);
    }
  }

  /** One read; afterwards everything is as before it, its cursor gone, its error forgotten. */
  private async apart<T>(read: (link: Link) => Promise<T>): Promise<Result<T>> {
    const { link, broken } = this;
    if (broken !== undefined || link === undefined) return fail(broken ?? this.late());
    const since = performance.now();
    let result: Result<T>;
    try {
      result = ok(await read(link));
    } catch (error) {
      if (this.limits.signal.aborted) return fail((this.broken = this.late()));
      const failure = this.failureOf(error, since);
      result = fail(failure);
      if (sqlState(error) === undefined || failure.type === "unreachable") {
        this.broken = failure;
        return result;
      }
    }
    try {
      await link.simple("ROLLBACK TO SAVEPOINT lav_ir_reads");
    } catch (error) {
      this.broken = this.limits.signal.aborted ? this.late() : this.failureOf(error, since);
    }
    return result;
  }

  private failureOf(error: unknown, since: number): Failure {
    const tls = { cert: this.address.tls.certificate };
    const { statementTimeout } = this.limits;
    return { ...failureOf(error, { named: this.named, since, statementTimeout, tls }), effect: "none" };
  }

  private late(): Failure {
    return timedOut(this.named, "reading", this.started);
  }

  /** The server is told, so that it does not go on with what nobody waits for. */
  private async stop(): Promise<void> {
    await this.link?.cancel(cancelWithin);
    this.link?.destroy();
  }
}
