import type { Json } from "../../base/json.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { defineKind, type Kind, type KindContext } from "../kind.ts";
import { boolean, defaulted, object, optional, required, text } from "../../language/shape.ts";
import { counted, shown } from "../format.ts";
import { psql, quoteName, quoteText } from "./sql-text.ts";

interface Args {
  readonly name: string;
  readonly value?: string;
  readonly reset: boolean;
}

interface Outputs {
  readonly running: string;
  readonly pending_restart: boolean;
  readonly own?: string;
  readonly before?: string;
}

interface Setting {
  /** What the server runs with, with its unit. */
  readonly running: string;
  /** What ALTER SYSTEM has set; null when nothing. */
  readonly own: string | null;
  /** `postmaster`: only a restart brings it. */
  readonly context: string;
  readonly pending: boolean;
  /** Standbys that stream from here, and the bytes of WAL that the furthest has not applied. */
  readonly standbys: bigint;
  readonly behind: bigint | undefined;
}

/** A wrong one of these loses data, runs a program, or leaves a server that does not start. */
const never =
  /^(fsync|full_page_writes|zero_damaged_pages|ignore_\w+|allow_in_place\w*)$|_(command|file|directory|directories|library|libraries)$/;
/** Lists, which one quoted text would turn into a single name. */
const lists = new Set(["search_path", "temp_tablespaces", "createrole_self_grant", "debug_io_direct"]);

/** A standby with less of these than its primary stops applying what it is sent, until it has as much. */
const sameOnStandby = new Set([
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_wal_senders",
  "max_worker_processes",
]);

/** A server hears of a new configuration a moment after it was told to read it; milliseconds. */
const spreads = 3000;

export const postgresSetting: Kind = defineKind<Args, Outputs>({
  name: "postgres.setting",
  summary: "Change a setting of PostgreSQL for good, by ALTER SYSTEM",
  doc: [
    "Writes postgresql.auto.conf, which goes over postgresql.conf, has the server read it, and reads it back. ALTER SYSTEM cannot run in a transaction, and its value is one quoted text. A setting that only a restart brings is `pending_restart` afterwards, and the server runs with the old one until then: restarting it is another step.",
    "A standby with less of `max_connections` and its like than its primary stops applying: where one streams from here, the question says so. What ALTER SYSTEM had set before is recorded, and its undo sets that again, or takes the line away when there was none. Settings that can lose data, name a program, a library or a file, or are a list are refused. It asks with the administrator's login where there is one.",
  ].join("\n\n"),
  effect: "change",
  args: object({
    name: required(
      text({
        pattern: {
          test: /^(?:‹.*›|[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?)$/,
          says: "a setting's name, as max_connections",
        },
      }),
      "The setting",
    ),
    value: optional(text(), 'Its new value, with a unit where it takes one: `"200"`, `30s`'),
    reset: defaulted(boolean(), false, "True: take away what ALTER SYSTEM has set"),
  }),
  outputs: {
    running: { type: "string", doc: "What the server runs with now" },
    pending_restart: { type: "bool", doc: "It will be something else after a restart" },
    own: { type: "string", doc: "What ALTER SYSTEM has set now; missing when nothing", optional: true },
    before: { type: "string", doc: "What ALTER SYSTEM had set before; missing when nothing", optional: true },
  },
  store: "postgres",
  did: ({ running, pending_restart }) =>
    `the server runs with ${running}${pending_restart ? "; another value after a restart" : ""}`,
  unreachable: "unknown",
  retrySafe: "it says what the setting shall be",
  undo: {
    how: "steps",
    steps: ({ name, value, reset }, before) => {
      const old = recorded(before);
      if (old === undefined || old === (reset ? null : value)) return undefined;
      return [{ "postgres.setting": old === null ? { name, reset: true } : { name, value: old } }];
    },
  },
  check: ({ name, value, reset }) => {
    if ((value === undefined) === (reset !== true)) return "give either a value or reset: true";
    if (typeof name !== "string") return undefined;
    if (never.test(name)) return `${name} is not changed from here: a wrong value loses data or the server`;
    if (lists.has(name))
      return `${name} is a list, which ALTER SYSTEM would take for one name; set it by hand`;
    return undefined;
  },
  plan: ({ name, value, reset }, { postgres }) =>
    reset === true
      ? `postgres.setting: take away ALTER SYSTEM's ${shown(name)} on PostgreSQL at ${postgres}`
      : `postgres.setting: set ${shown(name)} to ${shown(value)} on PostgreSQL at ${postgres}`,
  byHand: ({ name, value, reset }, where) => {
    const hand = (sql: string): string => psql(where, sql, [], { readOnly: false, transaction: false });
    const alter = statement(shown(name), reset === true ? undefined : shown(value));
    return `${hand(alter)} && ${hand("SELECT pg_reload_conf()")}`;
  },
  evidence: () => [{ type: "database" }],
  capture: async ({ name }, context) => {
    const read = await settingOf(name, context);
    return read.ok ? ok({ own: read.value.own }) : read;
  },
  preview: async ({ name, value, reset }, context) => {
    const read = await settingOf(name, context);
    if (!read.ok) return read;
    const { running, own, context: when, standbys } = read.value;
    const next = reset ? null : (value ?? null);
    const lines = [
      `${name}: ALTER SYSTEM has ${own ?? "nothing"} → ${next ?? "nothing"}`,
      when === "postmaster"
        ? `the server runs with ${running}, until it is restarted: that is not done here`
        : `the server runs with ${running}, and takes the new one at once`,
      ...(standbys > 0n && sameOnStandby.has(name) ? [standbyLine(read.value)] : []),
    ];
    return ok({ lines, binding: { name, own, next }, counters: {}, confirm: name });
  },
  happened: async ({ name, value, reset }, before, _since, context) => {
    const read = await settingOf(name, context);
    if (!read.ok) return "unknown";
    const { own } = read.value;
    if (own === recorded(before)) return own === (reset ? null : (value ?? null)) ? "yes" : "no";
    return own === (reset ? null : value) ? "yes" : "unknown";
  },
  execute: async ({ name, value, reset }, context) => {
    const before = await settingOf(name, context);
    if (!before.ok) return fail({ ...before.failure, effect: "none" });
    const altered = await write(statement(name, reset ? undefined : value), context);
    if (!altered.ok) return altered;
    const reloaded = await write("SELECT pg_reload_conf()", context);
    if (!reloaded.ok) return fail({ ...reloaded.failure, effect: "unknown" });
    const after = await readBack(name, reset ? null : (value ?? null), before.value, context);
    if (!after.ok) return after;
    const { own, running, pending } = after.value;
    return ok({
      running,
      pending_restart: pending,
      ...(own === null ? {} : { own }),
      ...(before.value.own === null ? {} : { before: before.value.own }),
    });
  },
});

function statement(name: string, value: string | undefined): string {
  const quoted = name.split(".").map(quoteName).join(".");
  return value === undefined
    ? `ALTER SYSTEM RESET ${quoted}`
    : `ALTER SYSTEM SET ${quoted} = ${quoteText(value)}`;
}

async function write(sql: string, { ports, signal, timeout }: KindContext): Promise<Result<unknown>> {
  return await ports.postgres.query({
    sql,
    params: [],
    mode: "write",
    transaction: false,
    login: "admin",
    statementTimeout: timeout,
    lockTimeout: timeout,
    maxRows: 1,
    signal,
  });
}

/** Until the server has read the file: it runs with the value then, or waits for a restart to. */
async function readBack(
  name: string,
  wanted: string | null,
  before: Setting,
  context: KindContext,
): Promise<Result<Setting>> {
  const { ports, signal } = context;
  const until = ports.clock.monotonic() + spreads;
  for (;;) {
    const read = await settingOf(name, context);
    if (!read.ok) return fail({ ...read.failure, effect: "unknown" });
    const { own, running, pending } = read.value;
    const moved = pending !== before.pending || running !== before.running || running === wanted;
    const late = signal.aborted || ports.clock.monotonic() > until;
    if (own === wanted && (moved || late)) return read;
    if (late) {
      const message = `${wanted ?? "nothing"} was set, but reads back as ${own ?? "nothing"}`;
      return fail({
        type: "rejected",
        target: `setting ${name}`,
        code: "NOT_APPLIED",
        message,
        effect: "unknown",
      });
    }
    await ports.clock.sleep(50, signal);
  }
}

async function settingOf(name: string, { ports, signal, timeout }: KindContext): Promise<Result<Setting>> {
  const reply = await ports.postgres.query({
    sql: `SELECT current_setting(s.name) AS running, s.context, s.pending_restart AS pending,
  (SELECT f.setting FROM pg_file_settings AS f WHERE f.name = s.name AND f.sourcefile LIKE '%/postgresql.auto.conf'
    ORDER BY f.seqno DESC LIMIT 1) AS own, w.standbys, w.behind
FROM pg_settings AS s, (SELECT count(*) AS standbys,
    max(CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) END)::int8 AS behind
  FROM pg_stat_replication WHERE state IS DISTINCT FROM 'backup') AS w
WHERE s.name = $1`,
    params: [name],
    mode: "read",
    transaction: true,
    login: "admin",
    statementTimeout: timeout,
    lockTimeout: timeout,
    maxRows: 1,
    signal,
  });
  const target = `setting ${name}`;
  if (!reply.ok) {
    const { failure } = reply;
    if (failure.type !== "rejected" || failure.code !== "42501") return reply;
    const message =
      "this login may not see what ALTER SYSTEM has set; name an administrator's (DATABASE_ADMIN_URL)";
    return fail({ type: "denied", target, message, effect: "none" });
  }
  const [row] = reply.value.rows;
  if (row === undefined)
    return fail({ type: "missing", target, message: `PostgreSQL has no setting ${name}`, effect: "none" });
  const { running, context, pending, own, standbys, behind } = row;
  return ok({
    running: typeof running === "string" ? running : "",
    context: typeof context === "string" ? context : "",
    pending: pending === true,
    own: typeof own === "string" ? own : null,
    standbys: typeof standbys === "bigint" ? standbys : 0n,
    behind: typeof behind === "bigint" ? behind : undefined,
  });
}

function standbyLine({ standbys, behind }: Setting): string {
  const far = behind === undefined ? "" : `, the furthest ${behind} bytes of WAL behind`;
  const stream = standbys === 1n ? "streams" : "stream";
  return `${counted(standbys, "standby server")} ${stream} from here${far}: one with less than here stops applying, so raise it there first`;
}

function recorded(before: Json): string | null | undefined {
  if (typeof before !== "object" || before === null || !("own" in before)) return undefined;
  const { own } = before;
  return typeof own === "string" ? own : null;
}
