import type { Failure, Happened } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Postgres, SqlReply, SqlRequest } from "../../ports/ports.ts";
import { FailureError, timedOut } from "../network.ts";
import { postgresForm, readAddress, shownAddress, type Address, type PostgresSettings } from "./address.ts";
import { failureOf, sqlState } from "./failure.ts";
import { Link } from "./link.ts";
import { addressName, openConnection } from "./open.ts";
import { affected, portal, StatementRun } from "./run.ts";
import { refusalOfRead, refusalOfWrite, rollsBack } from "../../language/sql-statement.ts";
import { makeReaders, written } from "./values.ts";

/** Milliseconds, once the signal fired, for the cancel request and then for what the server says to it. */
const cancelWithin = 700;
const answerWithin = 500;

/**
 * Whoever is being refused holds a slot until it was told so, one that is kept back too: a service that leaks
 * asks all the time. So the administrator's login asks again, each time after so many milliseconds more.
 */
const mostTries = 8;
const triesApart = 60;

/** How far a statement got: what decides whether anything can have happened. */
type Stage = "connecting" | "sent" | "committing";

/**
 * PostgreSQL by pg. Every query has a connection of its own. The extended protocol carries every
 * statement, so that a text holds one statement and values are only ever bound.
 */
export function createPostgres(settings: PostgresSettings): Postgres {
  const address = readAddress(settings);
  const target = address.ok ? shownAddress(address.value) : "an address that cannot be read";
  const admin = settings.admin === undefined ? undefined : readAddress({ ...settings, url: settings.admin });
  /** Set once the server said that it does not encrypt, so that it is not asked each time. */
  const known = { plain: false };
  return {
    target,
    async query(request): Promise<Result<SqlReply>> {
      if (!address.ok) {
        return fail(argument(addressName, `${address.failure}; ${postgresForm}`));
      }
      const refused = refusal(request);
      if (refused !== undefined) return fail(argument("sql", refused));
      if (admin !== undefined && !admin.ok && request.login !== undefined) {
        return fail(argument(adminName, `${admin.failure}; ${postgresForm}`));
      }
      const reserve = admin?.ok === true ? admin.value : undefined;
      const first = request.login === "admin" ? (reserve ?? address.value) : address.value;
      const attempt = async (to: Address): Promise<{ reply: Result<SqlReply>; full: boolean }> => {
        const conversation = new Conversation(to, request, known);
        return { reply: await conversation.hold(), full: conversation.full };
      };
      let last = await attempt(first);
      if (reserve === undefined || request.login === undefined) return last.reply;
      for (let tries = 0; last.full && tries < mostTries && !request.signal.aborted; tries++) {
        await later(tries * triesApart);
        last = await attempt(reserve);
      }
      return last.reply;
    },
  };
}

const adminName = "PostgreSQL's address for administrators";

function argument(target: string, message: string): Failure {
  return { type: "argument", target, message, effect: "none" };
}

function refusal({ sql, params, mode }: SqlRequest): string | undefined {
  if (sql.includes("\0")) return "a NUL character ends a text for PostgreSQL";
  if (params.length > 65_535) return `${params.length} parameters are more than the 65535 a statement takes`;
  return mode === "read" ? refusalOfRead(sql) : refusalOfWrite(sql);
}

class Conversation {
  private readonly address: Address;
  private readonly request: SqlRequest;
  private readonly known: { plain: boolean };
  private readonly named: string;
  private readonly started = performance.now();
  private link: Link;
  private stage: Stage = "connecting";
  private since = this.started;
  private statement: StatementRun | undefined;
  /** The server, the database or the role has no connection left for this login. */
  full = false;

  constructor(address: Address, request: SqlRequest, known: { plain: boolean }) {
    this.address = address;
    this.request = request;
    this.known = known;
    this.named = `PostgreSQL at ${shownAddress(address)}`;
    this.link = new Link(address, this.named);
  }

  async hold(): Promise<Result<SqlReply>> {
    const { signal } = this.request;
    if (signal.aborted) return fail(this.late());
    const work = this.work().then(
      (reply): Result<SqlReply> => ok(reply),
      (error: unknown): Result<SqlReply> => fail(signal.aborted ? this.late(error) : this.failure(error)),
    );
    let onAbort = (): void => {};
    const aborted = new Promise<Result<SqlReply>>((resolve) => {
      onAbort = () => void this.stop(work).then(resolve);
    });
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      return await Promise.race([work, aborted]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  private async work(): Promise<SqlReply> {
    const { request } = this;
    const reader = await makeReaders();
    try {
      await this.open();
      await this.link.simple(this.opening());
      const statement = new StatementRun({
        text: request.sql,
        values: request.params.map(written),
        maxRows: request.maxRows,
        stops: request.mode === "read",
        reader,
      });
      request.signal.throwIfAborted();
      this.statement = statement;
      this.since = performance.now();
      this.stage = "sent";
      await this.link.run(statement);
      const count = await this.count(statement);
      // What was cancelled in vain is still not wanted: without a COMMIT the server rolls it back.
      if (request.transaction || request.mode === "read") request.signal.throwIfAborted();
      await this.finish();
      const { rows, columns } = statement;
      return { rows, columns, count, truncated: count > rows.length && columns.length > 0 };
    } finally {
      await this.link.close();
    }
  }

  private async open(): Promise<void> {
    const { address, named, known } = this;
    const hold = (link: Link): void => {
      this.link = link;
    };
    await openConnection({ address, named, known, signal: this.request.signal, hold });
  }

  /**
   * LOCAL, because behind a pooler a session's settings would outlive this connection in one that the
   * platform uses next.
   */
  private opening(): string {
    const { mode, transaction, statementTimeout, lockTimeout } = this.request;
    const local = mode === "read" || transaction ? "LOCAL " : "";
    const settings = [
      `statement_timeout = ${milliseconds(statementTimeout)}`,
      `lock_timeout = ${milliseconds(lockTimeout)}`,
      "standard_conforming_strings = on",
      "datestyle = 'ISO, MDY'",
      "intervalstyle = 'postgres'",
      "bytea_output = 'hex'",
      "extra_float_digits = 1",
      ...(mode === "read" ? ["default_transaction_read_only = on"] : []),
    ].map((setting) => `SET ${local}${setting}`);
    const begin = mode === "read" ? ["BEGIN READ ONLY"] : transaction ? ["BEGIN"] : [];
    return [...begin, ...settings].join("; ");
  }

  /** Rows in all. The rest of a read that stopped is counted on the server and never sent. */
  private async count(statement: StatementRun): Promise<number> {
    if (!statement.suspended) return affected(statement.tag) ?? statement.seen;
    this.since = performance.now();
    const moved = await this.link.simple(`MOVE FORWARD ALL IN ${portal}`);
    return statement.seen + (moved.count ?? 0);
  }

  private async finish(): Promise<void> {
    const { mode, transaction } = this.request;
    if (mode === "read") return;
    if (!transaction) {
      // The statement is over; a pooler's next client shall not have its limits.
      await this.link.simple("RESET statement_timeout; RESET lock_timeout").catch(() => {});
      return;
    }
    this.stage = "committing";
    const { command } = await this.link.simple("COMMIT");
    if (command === "COMMIT") return;
    // So a server answers for a transaction that had already failed.
    const effect = rollsBack(this.request.sql) ? "none" : "unknown";
    const message = `it answered the COMMIT with ${command}`;
    throw new FailureError({ type: "rejected", target: this.named, message, effect });
  }

  /** The signal fired: cancel on the server, hear what it says to that, and close the socket in any case. */
  private async stop(work: Promise<Result<SqlReply>>): Promise<Result<SqlReply>> {
    if (this.stage !== "connecting") {
      await this.link.cancel(cancelWithin);
      await within(work, answerWithin);
    }
    this.link.destroy();
    return (await within(work, 100)) ?? fail(this.late());
  }

  private failure(error: unknown): Failure {
    const { statementTimeout } = this.request;
    this.full = this.stage === "connecting" && sqlState(error) === "53300";
    const failure = failureOf(error, {
      named: this.named,
      since: this.since,
      statementTimeout,
      tls: { cert: this.address.tls.certificate },
    });
    return { ...failure, effect: failure.effect ?? this.effect(error) };
  }

  private late(error?: unknown): Failure {
    const doing = {
      connecting: "connecting",
      sent: "running the statement",
      committing: "committing",
    }[this.stage];
    return { ...timedOut(this.named, doing, this.started, this.request.signal), effect: this.effect(error) };
  }

  /** Whether the statement can have changed anything, as it ended in this error or in silence. */
  private effect(error: unknown): Happened {
    const { mode, transaction, sql } = this.request;
    if (mode === "read" || this.stage === "connecting") return "none";
    const state = sqlState(error);
    // Refused before its execution began.
    if (state !== undefined && this.statement?.begun === false) return "none";
    // Class 57 ends a session from outside, and can do so when the commit is already on the disk.
    const answered = state !== undefined && !state.startsWith("57");
    const gone = rollsBack(sql) && (answered || (transaction && this.stage === "sent"));
    return gone ? "none" : "unknown";
  }
}

/** The server takes whole milliseconds, and 0 for no limit. */
function milliseconds(ms: number): number {
  return Math.min(0x7fff_ffff, Math.max(1, Math.round(ms)));
}

/** What came within so many milliseconds; no timer is left behind it. */
async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function later(ms: number): Promise<undefined> {
  return await new Promise((resolve) => setTimeout(resolve, ms, undefined));
}
