import { jsonText } from "../base/json.ts";
import type { Redactor } from "../secrets/redactor.ts";
import type { Journal } from "../events/journal.ts";
import type { JournalRecord } from "../events/record.ts";
import { recordOf, type RunData, type RunRecord, type RunRecordType } from "../events/run-record.ts";
import type { Ports } from "../ports/ports.ts";
import type { Plan } from "../plan/plan.ts";
import type { Approvals } from "../approval/approvals.ts";
import type { AtWork, OtherConsent, RunEvent, RunEventBody } from "../events/run.ts";
import type { Past } from "./resume-state.ts";

/** What consent the operator gave beforehand, as flags. */
export interface Consent {
  /** `--yes`: changes run without a question. */
  readonly yes: boolean;
  /** `--approve CODE`: destructive steps of whose action and preview this is the code (approve-code.ts). */
  readonly approve: readonly string[];
  /** `--skip-evidence "reason"`: nothing is captured before a change, and this is why. */
  readonly skipEvidence?: string;
  /** `--override NAME="reason"`: interlocks that need not hold, each with why. */
  readonly override?: Readonly<Record<string, string>>;
}

/** Other runs on the same platform, as far as this machine's records know of them. */
export interface Others {
  /** What was agreed to in them since then, the oldest first. */
  consentsSince(since: Date): Promise<readonly OtherConsent[]>;
  /** Carries this out while none of them is given consent. */
  whileConsenting<T>(work: () => Promise<T>): Promise<T>;
}

/** Everything one run carries along. */
export interface Session {
  readonly run: string;
  /** The command that goes on with this run, as an operator would type it. */
  readonly resume: string;
  readonly plan: Plan;
  readonly ports: Ports;
  readonly journal: Journal;
  /** The login at the keyboard. */
  readonly operator: string;
  /** The incident this run belongs to. */
  readonly incident: string | undefined;
  /** When the time to respond began, where that was before this process. */
  readonly since?: Date | undefined;
  /** Other runs that are at work on the same platform as this one begins. */
  readonly atWork: readonly AtWork[];
  /** Consent that other runs on the same platform are given meanwhile. */
  readonly others?: Others;
  /** Reads run, changes are only previewed: `--dry-run --live`. */
  readonly rehearsal: boolean;
  /** It goes on from what an earlier process left. */
  readonly resumed: boolean;
  /** A person reads this to find the record again. */
  readonly journalPath: string;
  readonly redactor: Redactor;
  readonly consent: Consent;
  /** Values of the runbook's secrets by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** What an earlier process already did of this run; empty for a fresh one. */
  readonly past: Past;
  /** Requests for a second person; without them a step that takes one cannot run. */
  readonly approvals?: Approvals;
  /** Fires on the second interruption: everything ends now. */
  readonly kill: AbortSignal;
  /** Fires on the first interruption: no further step begins, no question waits, no pause goes on. */
  readonly stop: AbortSignal;
  readonly sink: (event: RunEvent) => void;
}

/** The record cannot be written: nothing that needs one may happen any more. */
export class JournalError extends Error {
  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`cannot write the journal ${path}: ${why}`, { cause });
  }

  /** The change whose outcome it was, which has perhaps taken place and is not on record. */
  change: string | undefined;
}

/**
 * The one way out of a run: redacts, journals, and hands on. With `sync` it returns when the record is
 * on the disk, and with it all that were written before: what must outlive the machine's end.
 */
export async function emit(
  session: Session,
  body: RunEventBody,
  options: { readonly sync?: boolean } = {},
): Promise<void> {
  const time = session.ports.clock.now();
  const event = redacted(session, { time, run: session.run, ...body });
  await write(session, recordOf(event), options);
  session.sink(event);
}

/** A record for the journal alone: what a resumed run needs and a person does not. */
export async function record<T extends RunRecordType>(
  session: Session,
  type: T,
  data: Omit<RunData<T>, "run">,
): Promise<void> {
  const kept = { type, data: redacted(session, { run: session.run, ...data }) };
  // Type and data are of one T: what the compiler does not see in a union.
  await write(session, kept as unknown as RunRecord, { sync: true });
}

/** By its ids, which are ours and the runbook's, a run is resumed: a secret may be spelt like one. */
function redacted<T extends object>(session: Session, body: T): T {
  const clean = { ...session.redactor.value(body) };
  for (const id of ["run", "step", "rung"] as const)
    if (id in body) Object.assign(clean, { [id]: (body as Partial<Record<typeof id, unknown>>)[id] });
  return clean;
}

async function write(
  session: Session,
  kept: JournalRecord,
  options: { readonly sync?: boolean },
): Promise<void> {
  try {
    await session.journal.append(kept, options);
  } catch (error) {
    throw new JournalError(session.journalPath, error);
  }
}

/** The last event: it is shown even when it can no longer be written down. */
export async function emitLast(session: Session, body: RunEventBody): Promise<void> {
  try {
    await emit(session, body, { sync: true });
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    session.sink(redacted(session, { time: session.ports.clock.now(), run: session.run, ...body }));
  }
}

/** Why nothing more begins: a deadline that is over says so itself. */
export function whyEnding({ reason }: AbortSignal, otherwise: string): string {
  return typeof reason === "string" ? reason : otherwise;
}

/** A value in one short piece, for sentences. */
export function brief(value: unknown): string {
  const text = typeof value === "string" ? value : jsonText(value);
  const line = text.replaceAll(/\s+/g, " ");
  return line.length > 120 ? `${line.slice(0, 117)}…` : line;
}
