// Who is chosen to be ended, and who is left alone and why: backups, other roles, processes that are no clients.

import { defaulted, duration, list, optional, required, text } from "../../language/shape.ts";
import { counted } from "../format.ts";
import { fitsPattern } from "../name-pattern.ts";
import {
  inTransaction,
  isClient,
  sessionLine,
  type Activity,
  type PostgresSession,
} from "./postgres-sessions.ts";

/** What cancelling and ending sessions have in common: which ones, shown how, and how it is known that they are gone. */
export interface EndArgs {
  readonly roles: readonly string[];
  readonly older: number;
  readonly applications?: readonly string[];
  readonly spare: readonly string[];
}

export const endFields = {
  roles: required(list(text(), { min: 1 }), "Only sessions of these roles"),
  older: defaulted(duration({ min: 1000 }), 600_000, "Only those whose transaction is at least this old"),
  applications: optional(
    list(text(), { min: 1 }),
    "Only sessions whose application_name is one of these, `*` for any text",
  ),
  spare: defaulted(
    list(text()),
    [],
    "More names of applications that are left alone, `*` for any text; backups always are",
  ),
} as const;

/** Programs that copy a database through an ordinary session; pg_basebackup's is a walsender. */
export const backups = [
  "pg_dump*",
  "pg_basebackup",
  "pg_receivewal",
  "barman*",
  "pgbackrest*",
  "wal-g*",
  "wal_g*",
];
const backupCall = /pg_(?:backup_start|start_backup)/i;

export interface Chosen {
  readonly targets: readonly PostgresSession[];
  /** Of the right role and age, and left alone: why. */
  readonly spared: readonly { readonly session: PostgresSession; readonly why: string }[];
  /** Of the right role and age, and without a statement that could be cancelled. */
  readonly idle: number;
}

/** Who fits by role, age and application, and who is left alone. @param running only who runs a statement now */
export function choose({ sessions }: Activity, args: EndArgs, running: boolean): Chosen {
  const { roles, older, applications, spare } = args;
  const old = sessions.filter((one) => inTransaction(one) && (one.age ?? 0) >= older);
  const spared: { session: PostgresSession; why: string }[] = [];
  const targets: PostgresSession[] = [];
  let idle = 0;
  for (const session of old.toSorted((a, b) => (b.age ?? 0) - (a.age ?? 0))) {
    const why = whySpared(session, roles, applications, spare);
    if (why !== undefined) spared.push({ session, why });
    else if (!running || session.state === "active") targets.push(session);
    else idle++;
  }
  return { targets, spared, idle };
}

function whySpared(
  session: PostgresSession,
  roles: readonly string[],
  applications: readonly string[] | undefined,
  spare: readonly string[],
): string | undefined {
  const { type, user, application, query } = session;
  const named = (patterns: readonly string[]): boolean =>
    patterns.some((pattern) => fitsPattern(application, pattern));
  if (type === undefined || !isClient(session))
    return `it is a ${type ?? "process that this login cannot see"}`;
  if (named(backups) || backupCall.test(query)) return "it is a backup";
  if (!roles.includes(user)) return `its role is ${user}`;
  if (named(spare)) return `its application is ${application}`;
  return applications === undefined || named(applications) ? undefined : `its application is ${application}`;
}

/** Who is left alone, counted by the reason; one that is alone in it has its own line. */
export function sparedLines(spared: Chosen["spared"]): readonly string[] {
  return [...new Set(spared.map(({ why }) => why))].map((reason) => {
    const these = spared.filter(({ why }) => why === reason);
    const [first] = these;
    return first !== undefined && these.length === 1
      ? sparedLine(first)
      : `left alone, ${reason}: ${counted(these.length, "session")}`;
  });
}

export function sparedLine({ session, why }: Chosen["spared"][number]): string {
  return `left alone, ${why}: ${sessionLine(session)}`;
}
