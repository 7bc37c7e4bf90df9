import { readRequest, writeRequest, type ApprovalRequest } from "./request.ts";
import { readGrant, type ApprovalGrant } from "./grant.ts";

/**
 * The records of a journal that approvals are read from: those of `events/run-record.ts` of the same types, of
 * which a caller hands over what it has. `asked` may have been written by anybody.
 */
export type ApprovalRecord =
  | { readonly type: "preview"; readonly data: Place & { readonly action: string; readonly digest: string } }
  | {
      readonly type: "approval.requested";
      readonly data: Place & { readonly request: string; readonly asked: unknown };
    }
  | {
      readonly type: "approval";
      readonly data: Place & {
        readonly digest: string;
        readonly decision: "granted" | "declined" | "needed" | "refused";
        readonly how: string;
        readonly request?: string;
        readonly grant?: string;
      };
    };

interface Place {
  readonly run: string;
  readonly section: string;
  readonly rung?: string;
  readonly step: string;
}

/** Those of a journal's records. */
export function approvalRecords<R extends { readonly type: string }>(
  records: Iterable<R>,
): readonly Extract<R, { readonly type: ApprovalRecord["type"] }>[] {
  return [...records].filter((record): record is Extract<R, { readonly type: ApprovalRecord["type"] }> =>
    approvalTypes.has(record.type),
  );
}

const approvalTypes: ReadonlySet<string> = new Set<ApprovalRecord["type"]>([
  "preview",
  "approval.requested",
  "approval",
]);

/**
 * Reads a request from a journal's record. A journal may have been written by anybody: nothing in it is
 * believed but what a signature over it says, and what is no request is none.
 */
export function recordedRequest(asked: unknown): ApprovalRequest | undefined {
  if (typeof asked !== "object" || asked === null) return undefined;
  const fields = asked as Readonly<Record<string, unknown>>;
  const texts = needed.map((name) => fields[name]);
  const options = optional.map((name) => fields[name] ?? undefined);
  const lists = several.map((name) => fields[name]);
  const whole =
    texts.every((value) => typeof value === "string") &&
    options.every((value) => value === undefined || typeof value === "string") &&
    lists.every((value) => Array.isArray(value) && value.every((item) => typeof item === "string"));
  if (!whole) return undefined;
  // Through the block that a second person reads: what cannot stand there was never shown to anybody.
  const read = readRequest(writeRequest(asked as ApprovalRequest));
  return read.ok ? read.value : undefined;
}

const needed = [
  "request",
  "run",
  "runbook",
  "platform",
  "step",
  "action",
  "digest",
  "requester",
  "host",
  "created",
  "expires",
] as const satisfies readonly (keyof ApprovalRequest)[];
const optional = [
  "irreversible",
  "signer",
  "signerKey",
  "signature",
] as const satisfies readonly (keyof ApprovalRequest)[];
const several = ["covers", "preview", "keys"] as const satisfies readonly (keyof ApprovalRequest)[];

/** Reads the line that a second person gave; undefined where the record has none. */
export function recordedGrant(line: string | undefined): ApprovalGrant | undefined {
  const read = line === undefined ? undefined : readGrant(line);
  return read?.ok === true ? read.value : undefined;
}
