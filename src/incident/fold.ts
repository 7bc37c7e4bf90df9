import type { IncidentData, Role } from "../events/incident-record.ts";
import { whyUnread } from "../events/record.ts";
import type { Severity } from "../platform/severity.ts";
import { corrected, correctionsIn, type Corrections } from "./corrections.ts";
import type { Checkpoint } from "./message-checkpoint.ts";
import { messageNumbers } from "./message-numbers.ts";
import {
  MessageFolder,
  type ChannelUse,
  type MessageFold,
  type MessagesSoFar,
  type Statement,
} from "./messages.ts";
import { inOrder, type ChainRecord, type Placed } from "./order.ts";
import { beginsProof, provenHalt } from "./step-proof.ts";

/** Everything that an incident's records say, sorted by what it is about; each list in the records' order. */
export interface IncidentFold {
  readonly all: readonly Placed[];
  readonly corrections: Corrections;
  /** Undefined for an incident of before there was `declare`, which runs and halts opened. */
  readonly declared: Statement<IncidentData<"incident.declared">> | undefined;
  readonly severities: readonly Statement<{ readonly to: Severity; readonly why?: string }>[];
  readonly facts: readonly Statement<IncidentData<"incident.fact">>[];
  readonly answers: readonly Statement<IncidentData<"incident.answer">>[];
  readonly roles: readonly Statement<IncidentData<"incident.role">>[];
  readonly handoffs: readonly Statement<IncidentData<"incident.handoff">>[];
  readonly notes: readonly Statement<IncidentData<"incident.note">>[];
  readonly affects: readonly string[];
  readonly security: boolean;
  readonly messages: ReadonlyMap<string, MessageFold>;
  /** What providers asked of the channels. */
  readonly channels: ReadonlyMap<string, ChannelUse>;
  readonly fired: readonly Statement<IncidentData<"clock.fired">>[];
  readonly reviews: readonly Statement<IncidentData<"incident.review">>[];
  readonly actions: readonly Statement<IncidentData<"incident.action">>[];
  /** Ends and beginnings again. */
  readonly ends: readonly Statement<End>[];
  /** Proven halts and sealed snapshots. */
  readonly halts: readonly Statement<{ readonly halt: string }>[];
  /** Changes that let trading go on, by their key, from their intent on; one that failed without effect is none. */
  readonly resumptions: readonly Statement<{ readonly key: string }>[];
  readonly snapshots: readonly Statement<{ readonly snapshot: string }>[];
  /** Records whose type, or data, this version does not know. */
  readonly unknown: number;
  /** One of them must be known: the status is not the whole of it. */
  readonly incomplete: boolean;
}

export type End =
  | {
      readonly what: "resolved";
      readonly message: string;
      /** Left out: it was not known when it was resolved. */
      readonly cause?: string;
      /** When the review is to be held; RFC 3339. */
      readonly reviewOn?: string;
    }
  | { readonly what: "cancelled"; readonly message: string; readonly sameAs?: string }
  | { readonly what: "reopened"; readonly message: string };

/** Folds an incident's records, of all desks and in any order. Pure, and total over whatever they hold. */
export function foldIncident(records: Iterable<ChainRecord>): IncidentFold {
  return foldBehind(undefined, records).fold;
}

/**
 * The same where the messages of the first records are known already: those records may lack what is of messages.
 * There is one chain, and behind the checkpoint nothing that changes when something before it was.
 */
export function foldBehind(
  checkpoint: Checkpoint | undefined,
  records: Iterable<ChainRecord>,
): { readonly fold: IncidentFold; readonly sent: MessagesSoFar } {
  const all = inOrder(records);
  const fold = new Fold(all, checkpoint);
  for (const placed of all) fold.take(placed);
  return { fold: fold.done(), sent: fold.sent.soFar };
}

class Fold {
  private readonly all: readonly Placed[];
  private readonly corrections: Corrections;
  private declared: Statement<IncidentData<"incident.declared">> | undefined;
  private readonly severities: Statement<{ readonly to: Severity; readonly why?: string }>[] = [];
  private readonly facts: Statement<IncidentData<"incident.fact">>[] = [];
  private readonly answers: Statement<IncidentData<"incident.answer">>[] = [];
  private readonly roles: Statement<IncidentData<"incident.role">>[] = [];
  private readonly handoffs: Statement<IncidentData<"incident.handoff">>[] = [];
  private readonly notes: Statement<IncidentData<"incident.note">>[] = [];
  private readonly affects = new Set<string>();
  private security = false;
  readonly sent: MessageFolder;
  /** Up to this one what is said of messages is known. */
  private readonly known: number;
  private readonly fired: Statement<IncidentData<"clock.fired">>[] = [];
  private readonly reviews: Statement<IncidentData<"incident.review">>[] = [];
  private readonly actions: Statement<IncidentData<"incident.action">>[] = [];
  private readonly ends: Statement<End>[] = [];
  private readonly halts: Statement<{ readonly halt: string }>[] = [];
  private resumptions: readonly Statement<{ readonly key: string }>[] = [];
  private readonly snapshots: Statement<{ readonly snapshot: string }>[] = [];
  /** Steps of runs that are about to prove a halt. */
  private readonly proving = new Set<string>();
  private unknown = 0;
  private incomplete = false;

  constructor(all: readonly Placed[], before: Checkpoint | undefined) {
    this.all = all;
    this.corrections = correctionsIn(all);
    this.known = before?.seq ?? 0;
    const more = all.filter(({ record }) => record.seq > this.known);
    this.sent = new MessageFolder(messageNumbers(more, before?.messages.size), before);
  }

  private stated<T>(by: Placed, data: T, when?: { readonly at: string }): Statement<T> {
    return { by, data, ...corrected(by, this.corrections, when) };
  }

  take(by: Placed): void {
    const { read } = by;
    if (read === undefined) {
      this.other(by);
      return;
    }
    if (by.record.seq > this.known) this.sent.take(read, (data) => this.stated(by, data));
    switch (read.type) {
      case "incident.declared":
        // A second one is of an incident that was declared where nothing could be recorded: the first counts.
        this.declared ??= this.stated(by, read.data);
        // Whatever is said of it later: without it there would be no severity, and no clock.
        this.severities.push({ ...this.stated(by, { to: read.data.severity }), withdrawn: false });
        for (const name of read.data.affects) this.affects.add(name);
        this.security ||= read.data.security;
        return;
      case "incident.fact":
        this.facts.push(this.stated(by, read.data, read.data.at));
        return;
      case "incident.severity":
        this.severities.push(this.stated(by, { to: read.data.to, why: read.data.why }));
        return;
      case "incident.affects":
        for (const name of read.data.add) this.affects.add(name);
        for (const name of read.data.drop) this.affects.delete(name);
        return;
      case "incident.security":
        this.security ||= !this.stated(by, read.data).withdrawn;
        return;
      case "incident.role":
        this.roles.push(this.stated(by, read.data));
        return;
      case "incident.handoff":
        this.handoffs.push(this.stated(by, read.data));
        return;
      case "incident.answer":
        this.answers.push(this.stated(by, read.data, read.data.provider));
        return;
      case "incident.note":
        this.notes.push(this.stated(by, read.data, read.data.at));
        return;
      case "incident.resolved": {
        const { message, cause, review_on: reviewOn } = read.data;
        const more = {
          ...(cause === undefined ? {} : { cause }),
          ...(reviewOn === undefined ? {} : { reviewOn }),
        };
        this.ends.push(this.stated(by, { what: "resolved", message, ...more }));
        return;
      }
      case "incident.cancelled": {
        const { why: message, same_as: sameAs } = read.data;
        this.ends.push(
          this.stated(by, { what: "cancelled", message, ...(sameAs === undefined ? {} : { sameAs }) }),
        );
        return;
      }
      case "incident.reopened":
        this.ends.push(this.stated(by, { what: "reopened", message: read.data.why }));
        return;
      case "incident.review":
        this.reviews.push(this.stated(by, read.data));
        return;
      case "incident.action":
        this.actions.push(this.stated(by, read.data));
        return;
      case "clock.fired":
        this.fired.push(this.stated(by, read.data));
        return;
      case "message.queued":
      case "message.attempt":
      case "message.result":
      case "incident.joined":
      case "incident.correct":
      case "desk.clock":
      case "desk.head":
        return;
    }
  }

  private other(by: Placed): void {
    const { type, data, must } = by.record;
    const proving = type === "step.started" ? beginsProof(data) : undefined;
    const proven = type === "step.finished" ? provenHalt(data, this.proving) : undefined;
    if (proving !== undefined) this.proving.add(proving);
    if (proven !== undefined) this.halts.push(this.stated(by, { halt: proven }));
    if (type === "halt.receipt" && data["outcome"] === "PROVEN")
      this.halts.push(this.stated(by, { halt: String(data["halt"]) }));
    else if (type === "step.intent" && String(data["action"]).startsWith(resumes))
      this.resumptions = [...this.resumptions, this.stated(by, { key: keyOf(data) })];
    else if (type === "step.outcome" && data["status"] === "failed")
      this.resumptions = this.resumptions.filter((one) => one.data.key !== keyOf(data));
    else if (type === "snapshot.sealed" || type === "evidence.sealed")
      this.snapshots.push(this.stated(by, { snapshot: String(data["snapshot"]) }));
    else if (whyUnread(type, data) !== undefined) {
      this.unknown += 1;
      this.incomplete ||= must === true;
    }
  }

  done(): IncidentFold {
    const { all, corrections, declared, severities, facts, answers, roles, handoffs, notes } = this;
    const { security, fired, reviews, actions, ends, halts, resumptions, snapshots, unknown, incomplete } =
      this;
    return {
      all,
      corrections,
      declared,
      severities: standingOnes(severities),
      facts: standingOnes(facts),
      answers: standingOnes(answers),
      roles: standingOnes(roles),
      handoffs,
      notes,
      affects: [...this.affects],
      security,
      messages: this.sent.messages,
      channels: this.sent.channels,
      fired,
      reviews,
      actions: standingOnes(actions),
      ends,
      halts,
      resumptions,
      snapshots,
      unknown,
      incomplete,
    };
  }
}

/** How the action begins of each change that lets trading go on, whatever it is a stage of. */
export const resumes = "trading.resume:";

/** A change of one run. */
function keyOf(data: Readonly<Record<string, unknown>>): string {
  return `${String(data["run"])} ${String(data["key"])}`;
}

function standingOnes<T>(statements: readonly Statement<T>[]): readonly Statement<T>[] {
  return statements.filter(({ withdrawn }) => !withdrawn);
}

/** Of a role: the records that nobody who gave it on knew nothing of; two are a conflict. */
export function rolesFor(
  fold: IncidentFold,
  role: Role,
): readonly Statement<IncidentData<"incident.role">>[] {
  return fold.roles.filter(({ data }) => data.role === role);
}

/** When it was resolved or cancelled, where nothing opened it again. */
export function endOf({ ends }: Pick<IncidentFold, "ends">): number | undefined {
  const last = ends.at(-1);
  return last === undefined || last.data.what === "reopened" ? undefined : last.at;
}
