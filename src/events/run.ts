import type { Failure } from "../base/failure.ts";
import type { Json } from "../base/json.ts";
import type { Effect } from "../kinds/kind.ts";
import type { Severity } from "../platform/severity.ts";
import type { ApprovalRequest } from "../approval/request.ts";
import type { runEnds, stepEnds } from "../runbook/name-texts.ts";
import type { NotOk } from "./not-ok.ts";

/**
 * What a run tells while it goes: one closed union, made once, redacted once, read by every sink and
 * by the journal. As NDJSON these are format 1 of the command line contract.
 */
export type RunEvent = { readonly time: Date; readonly run: string } & RunEventBody;

export type RunEventBody =
  | RunStarted
  | GroupStarted
  | GroupFinished
  | StepStarted
  | StepTicked
  | StepFinished
  | Finding
  | PreviewShown
  | ApprovalRequested
  | Approval
  | InterlockChecked
  | RungStarted
  | Verification
  | RungFinished
  | UndoWritten
  | RunFinished;

export interface RunStarted {
  readonly type: "run.started";
  readonly runbook: string;
  readonly title: string;
  readonly severity: Severity | undefined;
  /** As the runbook names it, where that is another name. */
  readonly severity_name?: string;
  /** SHA-256 of the runbook's text and of what it includes. */
  readonly digest: string;
  readonly platform: string;
  /** The file that says so, as it was named or found. */
  readonly platform_file: string;
  readonly environment: string | undefined;
  readonly production: boolean;
  readonly params: Readonly<Record<string, Json>>;
  /** Milliseconds a person has to respond to this severity. */
  readonly response: number | undefined;
  /** When that began, where it was before this: with the incident, or as the run began that is resumed. */
  readonly response_since?: Date;
  readonly incident: string | undefined;
  /** The run goes on from a journal that an earlier process left. */
  readonly resumed: boolean;
  /** Where the record of this run stands, for a person; empty for a rehearsal, which keeps none. */
  readonly journal: string;
  /** Other runs that are at work on the same platform now, in this state folder. */
  readonly at_work: readonly AtWork[];
}

/** A run that another process is at. */
export interface AtWork {
  readonly run: string;
  readonly runbook: string;
  readonly actor: string;
  readonly since: Date;
}

/** What was agreed to in another run. */
export interface OtherConsent {
  readonly run: string;
  readonly runbook: string;
  readonly step: string;
  readonly actor: string;
  readonly at: Date;
}

export type Section = "diagnose" | "steps" | "resolve" | "verify" | "after";

/** Where a step stands: in a section, and in a rung of the ladder. */
export interface StepPlace {
  readonly step: string;
  readonly section: Section;
  readonly rung?: string;
  /** The groups and includes around it, outermost first. */
  readonly groups?: readonly string[];
}

/** Where a group is. */
export interface GroupPlace extends Omit<StepPlace, "step"> {
  readonly group: string;
}

export interface GroupStarted extends GroupPlace {
  readonly type: "group.started";
  readonly title: string;
}

/** Every group that is entered ends, unless the run is interrupted in it; one that is left out ends as skipped. */
export interface GroupFinished extends GroupPlace {
  readonly type: "group.finished";
  readonly title: string;
  /** The worst of its steps. */
  readonly status: StepStatus;
  readonly message: string;
  readonly duration_ms: number;
}

export interface StepStarted extends StepPlace {
  readonly type: "step.started";
  readonly title: string;
  readonly kind: string;
  readonly effect: Effect;
  /** The exact action on the exact target, as the plan prints it. */
  readonly action: string;
}

/** A person ticked off a line of a checklist, or answered an `ask`. */
export interface StepTicked extends StepPlace {
  readonly type: "step.ticked";
  /** Which step, and which item of its list: a resumed run finds it again by this. */
  readonly key: string;
  /** The section of the checklist, or the question. */
  readonly heading: string;
  readonly tick: string;
  readonly by: string;
}

export type StepStatus = (typeof stepEnds)[number];

export interface StepFinished extends StepPlace {
  readonly type: "step.finished";
  readonly title: string;
  readonly kind: string;
  readonly effect: Effect;
  readonly status: StepStatus;
  readonly duration_ms: number;
  readonly attempts: number;
  readonly outputs?: Readonly<Record<string, Json>>;
  readonly failure?: Failure;
  /** One sentence: why it failed, is unknown, or was skipped; of a `foreach`, how many of its items ended well. */
  readonly message?: string;
  /** It did not end well, and its list carries on. */
  readonly tolerated?: true;
}

export interface Finding extends StepPlace {
  readonly type: "finding";
  readonly title: string;
  /** Unknown is never ok and never failed. */
  readonly status: "ok" | "failed" | "unknown";
  readonly sentence: string;
  readonly why?: string;
}

export interface PreviewShown extends StepPlace {
  readonly type: "preview";
  readonly effect: Effect;
  readonly action: string;
  readonly lines: readonly string[];
  readonly counters: Readonly<Record<string, number | bigint>>;
  /** Of the action and of what of it binds: what consent is recorded for. */
  readonly digest: string;
  /** What `--approve` takes, for a day. */
  readonly approve: string;
  readonly irreversible?: string;
}

/** A second person is asked for. */
export interface ApprovalRequested extends StepPlace {
  readonly type: "approval.requested";
  /** `APR-…`: good for one step, once. */
  readonly request: string;
  readonly digest: string;
  readonly expires: Date;
  /** Everything the second person agrees to. */
  readonly asked: ApprovalRequest;
  /** The same as the block that `lav-ir approve` takes. */
  readonly text: string;
  /** Where that block lies. */
  readonly path: string;
}

export interface Approval extends StepPlace {
  readonly type: "approval";
  readonly digest: string;
  /** refused: a second person's approval that does not count; the step still waits for one. */
  readonly decision: "granted" | "declined" | "needed" | "refused";
  readonly how: "prompt" | "--yes" | "--approve" | "no-terminal" | "second-person";
  /** For a second person's: the request it answers, who gave it, with what key, and the signed text. */
  readonly request?: string;
  readonly approver?: string;
  readonly fingerprint?: string;
  readonly grant?: string;
  /** Why it was refused, or what it rests on. */
  readonly message?: string;
}

export interface InterlockChecked extends StepPlace {
  readonly type: "interlock";
  readonly interlock: string;
  readonly decision: "held" | "overridden" | "refused";
  /** Why it holds, or why not. */
  readonly message: string;
  readonly how?: "--override" | "prompt";
  /** Why the operator went on all the same. */
  readonly reason?: string;
}

export interface RungStarted {
  readonly type: "rung.started";
  readonly rung: string;
  readonly title: string;
}

/** How a rung's verification stands; told when that changes, not at every measurement. */
export interface Verification {
  readonly type: "verification";
  readonly rung: string;
  /** waiting: they do not hold yet. holding: they do, and must for a while. broken: they did, and no more. */
  readonly state: "waiting" | "holding" | "broken";
  /** Of the findings that decide the rung: how many hold, and how many there are. */
  readonly ok: number;
  readonly of: number;
  /** Milliseconds that they have held, and that are left to begin to hold or to go on holding. */
  readonly held_ms?: number;
  readonly left_ms: number;
  readonly message: string;
}

export interface RungFinished {
  readonly type: "rung.finished";
  readonly rung: string;
  readonly title: string;
  /**
   * held: the findings hold. mitigated: those that decide it hold, or its own verification; others persist.
   * persist: findings persist. failed: a step failed without effect. unknown: an effect may have happened.
   * not-attempted: nobody could be asked for a change of it, and that was not made.
   */
  readonly status:
    | "held"
    | "mitigated"
    | "persist"
    | "failed"
    | "unknown"
    | "skipped"
    | "declined"
    | "not-attempted";
  readonly message: string;
  /** Held, and yet a step of it failed without effect: the step, and what it said. */
  readonly despite?: string;
  readonly duration_ms: number;
}

export interface UndoWritten extends StepPlace {
  readonly type: "undo";
  /** The change it takes back, as the journal's intent names it. */
  readonly key: string;
  /** A runbook that `lav-ir run` accepts. */
  readonly path?: string;
  /** Why there is none. */
  readonly withheld?: string;
}

export type Outcome = (typeof runEnds)[number] | "declined" | "approval-needed" | "interrupted";

export interface RunFinished {
  readonly type: "run.finished";
  readonly outcome: Outcome;
  readonly exit_code: number;
  /** The rung after which the findings held. */
  readonly rung?: string;
  /** One sentence for the last line. */
  readonly message: string;
  readonly duration_ms: number;
  readonly journal: string;
  /** Each of what was not ok; left out where there is none. */
  readonly not_ok?: readonly NotOk[];
}

/** The process's exit code for an outcome; an interruption's depends on the signal. */
export function exitCodeOf(outcome: Exclude<Outcome, "interrupted">): number {
  switch (outcome) {
    case "healthy":
    case "resolved":
    case "completed":
      return 0;
    case "findings":
    case "mitigated":
    case "exhausted":
    case "failed":
      return 1;
    case "declined":
    case "approval-needed":
      return 3;
    case "unknown":
      return 4;
  }
}
