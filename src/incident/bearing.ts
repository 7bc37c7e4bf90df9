import { resumes } from "./fold.ts";
import { beginsProof, mayProve } from "./step-proof.ts";

/** A change of this or of what the fold looks at is a new rule: what was kept by the old one is not used. */
export const bearingRule = "status 3";

interface RecordLike {
  readonly type: string;
  readonly data: unknown;
  readonly seen?: object;
  readonly imported?: object;
}

/**
 * Whether the status of an incident can be another one without this record of its one chain, behind the first. Notes are only counted,
 * and of what runs, halts and snapshots write nearly all is for the timeline; it is most of a long incident.
 */
export function bearsOnStatus({ type, data, seen }: RecordLike): boolean {
  if (seen !== undefined) return true;
  const own = data as Readonly<Record<string, unknown>>;
  switch (type) {
    case "incident.note":
      return false;
    case "step.started":
      return beginsProof(own) !== undefined;
    case "step.finished":
      return mayProve(own);
    case "step.intent":
      return String(own["action"]).startsWith(resumes);
    case "step.outcome":
      return own["status"] === "failed";
    case "halt.receipt":
    case "snapshot.sealed":
    case "evidence.sealed":
      return true;
    default:
      return /^(?:incident|message|clock|desk)\./.test(type);
  }
}

/**
 * The message of which this record tells how it stands, or has come to stand: of what was told before it nothing is
 * left to be seen in the status, but that a provider took it.
 */
export function standingOf({ type, data }: RecordLike): string | undefined {
  if (type !== "message.attempt" && type !== "message.result") return undefined;
  const { key, outcome } = data as Readonly<Record<string, unknown>>;
  // That nobody wants it any more says nothing of how it stands.
  return outcome === "superseded" || outcome === "withdrawn" ? undefined : String(key);
}

/** Whether the status no longer needs it once there is a later one of the same standing. */
export function passes({ data }: RecordLike): boolean {
  const { outcome } = data as Readonly<Record<string, unknown>>;
  return outcome !== "accepted" && outcome !== "delivered";
}

/** Whether what is known of all messages stands for it. */
export function isOfMessage({ type }: RecordLike): boolean {
  return type.startsWith("message.");
}

/** It may tell otherwise of messages before it, or stand before them: what is known of all messages is no more. */
export function changesBefore({ type, seen, imported }: RecordLike): boolean {
  const changes = type === "incident.correct" || type === "desk.clock";
  return changes || seen !== undefined || imported !== undefined;
}

/** Its chain is no plain one: what is said of messages does not follow from one record after the other. */
export function isOutOfOrder({ seen, imported }: RecordLike): boolean {
  return seen !== undefined || imported !== undefined;
}
