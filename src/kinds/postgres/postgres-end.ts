// What postgres.cancel and postgres.terminate share. `verb` chooses the server's function (pg_cancel_backend,
// pg_terminate_backend) and is the only text that is put into the SQL: it is a closed union of ours and never a
// runbook's value. Sessions and transactions are bound.
//
//   choose      who fits: role, age of the transaction, application; and who is spared, with the reason (backups,
//               other roles, processes that are no clients)
//   preview     the list; consent binds to pid, start of the session, start of the transaction
//   execute     chooses again, keeps what was consented to, and lets the server compare the three once more in the
//               same statement: a pid that was given to somebody else meanwhile is not touched
//   stillThere  the server's "true" means that the signal was sent. What counts is that the session is gone, or, for
//               cancel, that the statement no longer runs
//   happened    after a crash. Of cancel only "yes" can be told: a statement that runs may be the next one
//
// What must not be broken: the times go to the server and back as exact text (`exactTime`), because JavaScript's
// dates drop microseconds, and the comparison would then fit nobody.

import { formatDuration } from "../../base/duration.ts";
import type { Failure } from "../../base/failure.ts";
import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { KindContext, Preview, DisplayArgs, Where } from "../kind.ts";
import { exactTime, isClient, readActivity, sessionLine, type PostgresSession } from "./postgres-sessions.ts";
import { backups, choose, sparedLine, sparedLines, type EndArgs } from "./session-choice.ts";
import { groupedLines } from "./session-groups.ts";
import { counted, shownDuration, shownList } from "../format.ts";
import { psql } from "./sql-text.ts";

export type EndVerb = "cancel" | "terminate";

export async function previewEnd(
  verb: EndVerb,
  args: EndArgs,
  context: KindContext,
): Promise<Result<Preview>> {
  const read = await readActivity(context);
  if (!read.ok) return read;
  const { targets, spared, idle } = choose(read.value, args, verb === "cancel");
  if (targets.length === 0) return fail(nothingTo(verb, args, idle, spared.length, context));
  const clients = read.value.sessions.filter(isClient).length;
  const does = verb === "cancel" ? "cancels the statement of" : "ends";
  const lines = [
    `${does} ${targets.length} of ${counted(clients, "session")}`,
    ...groupedLines(targets),
    ...sparedLines(spared),
  ];
  const each = [...targets.map(sessionLine), ...spared.map(sparedLine)];
  const denied = targets.find((session) => !session.signal);
  if (denied !== undefined) lines.push(deniedBecause(read.value.login, denied));
  return ok({
    lines,
    ...(each.length < lines.length ? {} : { details: each }),
    binding: targets.map(identity),
    counters: { sessions: targets.length },
    confirm: String(targets.length),
  });
}

/** Told instead of a question about nothing. */
function nothingTo(
  verb: EndVerb,
  { roles, older }: EndArgs,
  idle: number,
  spared: number,
  { ports }: KindContext,
): Failure {
  const [whose, age] = [`of ${roles.join(", ")}`, formatDuration(older)];
  const all = idle === 1 ? "the only transaction" : `all ${idle} transactions`;
  const why =
    idle === 0
      ? `no transaction ${whose} is older than ${age}`
      : `${all} ${whose} older than ${age} ${idle === 1 ? "is" : "are"} idle`;
  const left = spared === 0 ? "" : `; ${spared} of other owners left alone`;
  const message = `nothing to ${verb}: ${why}${left}`;
  const target = `PostgreSQL at ${ports.postgres.target}`;
  return { type: "missing", target, message, effect: "none" };
}

export async function captureEnd(verb: EndVerb, args: EndArgs, context: KindContext): Promise<Result<Json>> {
  const read = await readActivity(context);
  if (!read.ok) return read;
  return ok({ sessions: choose(read.value, args, verb === "cancel").targets.map(details) });
}

export interface EndOutputs {
  readonly ended: number;
  readonly remaining: number;
  readonly sessions: readonly unknown[];
}

export const endOutputs = {
  ended: { type: "int", doc: "How many it was done to, and seen to have worked on" },
  remaining: { type: "int", doc: "How many were asked to end and are still there" },
  sessions: { type: "list<dyn>", doc: "pid, started, user, application, state, age_ms, query of each" },
} as const;

/** A statement or a session has this long to end once it was asked to; milliseconds. */
const endsWithin = 5000;

/** Ends what was consented to and still fits, by pid, start of the session and start of the transaction. */
export async function executeEnd(
  verb: EndVerb,
  args: EndArgs,
  context: KindContext,
): Promise<Result<EndOutputs>> {
  const { ports, signal, timeout, consented } = context;
  const read = await readActivity(context);
  if (!read.ok) return fail({ ...read.failure, effect: "none" });
  const agreed = Array.isArray(consented) ? new Set(consented.map((one) => JSON.stringify(one))) : undefined;
  const { targets: fitting } = choose(read.value, args, verb === "cancel");
  const targets = fitting.filter((one) => agreed?.has(JSON.stringify(identity(one))) ?? true);
  const target = `PostgreSQL at ${ports.postgres.target}`;
  const denied = targets.find((session) => !session.signal);
  if (denied !== undefined) {
    return fail({ type: "denied", target, message: deniedBecause(read.value.login, denied), effect: "none" });
  }
  if (targets.length === 0) return ok({ ended: 0, remaining: 0, sessions: [] });
  const asked = await ports.postgres.query({
    sql: `SELECT a.pid, pg_${verb}_backend(a.pid) AS sent FROM pg_stat_activity AS a
JOIN unnest($1::int[], $2::text[], $3::text[]) AS t (pid, started, transaction)
  ON t.pid = a.pid AND t.started = ${exactTime("a.backend_start")} AND t.transaction = ${exactTime("a.xact_start")}
WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()${verb === "cancel" ? " AND a.state = 'active'" : ""}`,
    params: [
      targets.map(({ pid }) => pid),
      targets.map(({ started }) => started),
      targets.map(({ transaction }) => transaction ?? ""),
    ],
    mode: "write",
    transaction: false,
    login: "any",
    statementTimeout: timeout,
    lockTimeout: timeout,
    maxRows: targets.length,
    signal,
  });
  if (!asked.ok) return asked;
  const left = await stillThere(verb, targets, context);
  if (!left.ok) return fail({ ...left.failure, effect: "unknown" });
  const [first] = left.value;
  if (verb === "terminate" && first !== undefined) {
    const message = `${left.value.length} of ${targets.length} have not ended: ${sessionLine(first)}`;
    return fail({ type: "rejected", target, code: "NOT_GONE", message, effect: "unknown" });
  }
  return ok({
    ended: targets.length - left.value.length,
    remaining: left.value.length,
    sessions: targets.map(details),
  });
}

export async function endHappened(
  verb: EndVerb,
  before: Json,
  context: KindContext,
): Promise<"yes" | "no" | "unknown"> {
  const recorded =
    typeof before === "object" && before !== null && "sessions" in before ? before.sessions : [];
  const then = Array.isArray(recorded) ? recorded.map((one) => JSON.stringify(keyOf(one))) : [];
  const read = await readActivity(context);
  if (!read.ok || then.length === 0) return "unknown";
  const now = new Set(read.value.sessions.map((one) => JSON.stringify(keyOf(details(one)))));
  const left = then.filter((one) => now.has(one)).length;
  if (left === 0) return "yes";
  return left === then.length && verb === "terminate" ? "no" : "unknown";
}

/** Those of `targets` that go on as they were, once they had their time. */
async function stillThere(
  verb: EndVerb,
  targets: readonly PostgresSession[],
  context: KindContext,
): Promise<Result<readonly PostgresSession[]>> {
  const { ports, signal } = context;
  const until = ports.clock.monotonic() + endsWithin;
  for (;;) {
    const read = await readActivity(context);
    if (!read.ok) return read;
    const left = read.value.sessions.filter((now) => targets.some((then) => goesOn(verb, then, now)));
    if (left.length === 0 || signal.aborted || ports.clock.monotonic() > until) return ok(left);
    await ports.clock.sleep(50, signal);
  }
}

function goesOn(verb: EndVerb, then: PostgresSession, now: PostgresSession): boolean {
  if (now.pid !== then.pid || now.started !== then.started) return false;
  return verb === "terminate" || (now.state === "active" && now.statement === then.statement);
}

function deniedBecause(login: string, { pid, user }: PostgresSession): string {
  return `${login} may not end pid ${pid} of ${user}; grant it pg_signal_backend (a superuser's session only a superuser ends)`;
}

/** What consent binds to: this transaction of this session. */
function identity({ pid, started, transaction }: PostgresSession): Json {
  return { pid, started, transaction: transaction ?? null };
}

function details(session: PostgresSession): { readonly [key: string]: Json } {
  const { pid, started, user, application, state, age = 0, statement = null, query } = session;
  return { pid, started, statement, user, application, state, age_ms: Math.round(age), query };
}

function keyOf(one: Json): Json {
  if (typeof one !== "object" || one === null || !("pid" in one)) return null;
  return [one["pid"] ?? null, one["started"] ?? null];
}

/** The same sessions by conditions alone: nothing binds it to what was seen before. */
export function endByHand(verb: EndVerb, args: DisplayArgs, where: Where): string {
  const { roles, older, applications, spare } = args;
  const given = [shownList(roles), shownDuration(older)] as const;
  const spared = [...backups, ...shownList(spare)].map(likePattern);
  const only = applications === undefined ? [] : [shownList(applications).map(likePattern)];
  const sql = `SELECT pid, usename, application_name, state, clock_timestamp() - xact_start AS age, pg_${verb}_backend(pid)
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND usename = ANY ($1::text[])
AND clock_timestamp() - xact_start >= $2::interval AND state ${verb === "cancel" ? "= 'active'" : "<> 'idle'"}
AND application_name NOT ILIKE ALL ($3::text[]) AND query !~* 'pg_(backup_start|start_backup)'${
    only.length === 0 ? "" : "\nAND application_name ILIKE ANY ($4::text[])"
  }`;
  return psql(where, sql, [...given, spared, ...only], { readOnly: false, transaction: false });
}

/** Completes `… sessions of` in a plan. */
export function endWhose({ roles, older, applications, spare }: DisplayArgs): string {
  const list = shownList;
  const only = applications === undefined ? "" : `, only of ${list(applications).join(", ")},`;
  const not = list(spare).length === 0 ? "" : `, but not of ${list(spare).join(", ")},`;
  return `${list(roles).join(", ")}${only}${not} in transactions older than ${shownDuration(older)}`;
}

function likePattern(pattern: string): string {
  return pattern.replaceAll(/[\\%_]/g, String.raw`\$&`).replaceAll("*", "%");
}
