import { fail, ok, type Result } from "../base/result.ts";
import { checkGrant, type Approved, type Checking } from "./check.ts";
import { readGrant } from "./grant.ts";
import { recordedRequest, type ApprovalRecord } from "./record.ts";
import { oneLine, readRequest, type ApprovalRequest } from "./request.ts";
import { usedAlready } from "./approvals.ts";

/** One approval of a record, looked at again. */
export interface VerifiedApproval {
  readonly request: string;
  readonly step: string;
  readonly requester: string;
  /** Who signed the request, by the list; undefined when nobody did. */
  readonly signer: string | undefined;
  /** Who approved, or one sentence on why it does not hold. */
  readonly approved: Result<Approved, string>;
}

type Means = Pick<Checking, "approvers" | "signatures" | "signal">;

type Recorded = ApprovalRecord & {
  readonly time: string;
  /** The login that ran what wrote it. */
  readonly actor: string;
};

/**
 * Every second person's approval in a journal's records, verified from what stands there alone. Each is
 * judged by the time it was taken; the list of approvers is the one given.
 */
export async function verifyRecorded(
  records: readonly Recorded[],
  means: Means,
): Promise<readonly VerifiedApproval[]> {
  const asked = new Map<string, ApprovalRequest>();
  const over = new Map<string, string>();
  const actions = new Map<string, string>();
  const found: VerifiedApproval[] = [];
  for (const record of records) {
    const { type, data } = record;
    const { step } = data;
    if (type === "preview") actions.set(data.digest, `${step}: ${data.action}`);
    if (type === "approval.requested") {
      const recorded = recordedRequest(data.asked);
      if (recorded?.request === data.request) asked.set(data.request, recorded);
    }
    if (type !== "approval" || data.how !== "second-person" || data.decision !== "granted") continue;
    const id = data.request ?? "";
    const request = asked.get(id);
    const [requester, signer] = [request?.requester ?? "?", request?.signer];
    const told = { request: id, step, requester, signer };
    if (request === undefined) {
      found.push({ ...told, approved: fail(`the journal has no request ${id}`) });
    } else if (request.run !== data.run) {
      found.push({ ...told, approved: fail(`${id} was requested by another run, ${request.run}`) });
    } else if (data.grant !== undefined) {
      const approved = await verifyOne(request, data.grant, record, over, means);
      over.set(id, usedAlready);
      const honest = approved.ok && data.digest !== request.digest;
      const other = fail("the step ran with another digest than the signed one");
      found.push({ ...told, approved: honest ? other : approved });
    } else {
      // A later step that went with it: it must be one of those the second person saw.
      const given = found.find((one) => one.request === id)?.approved;
      const action = actions.get(data.digest);
      const why = whyNotCovered(request, step, action, record.time);
      const late = fail(why ?? `${id} was not approved before ${step}`);
      found.push({ ...told, approved: why === undefined && given?.ok === true ? given : late });
    }
  }
  return found;
}

/** Why a request's approval is not good for a later step that went with it. */
function whyNotCovered(
  request: ApprovalRequest,
  step: string,
  action: string | undefined,
  time: string,
): string | undefined {
  if (action === undefined || !request.covers.includes(oneLine(action)))
    return `${request.request} does not cover ${step}, or not what it did`;
  return Date.parse(time) > Date.parse(request.expires)
    ? `${request.request} had expired when ${step} ran`
    : undefined;
}

/** A file that holds a request and its approval, such as the run keeps beside its journal. */
export async function verifyText(text: string, means: Means): Promise<Result<VerifiedApproval, string>> {
  const request = readRequest(text);
  if (!request.ok) return request;
  const grant = readGrant(text);
  if (!grant.ok) return grant;
  const { request: id, step, requester, signer, keys } = request.value;
  // When and by whom it was used is not in the file; when it was signed is, and who asked.
  const now = new Date(grant.value.signed);
  const operator = { login: requester, keys };
  const checking = { ...means, now, operator, over: new Map<string, string>() };
  const approved = await checkGrant(request.value, grant.value, checking);
  return ok({ request: id, step, requester, signer, approved });
}

async function verifyOne(
  request: ApprovalRequest,
  line: string,
  { time, actor }: Recorded,
  over: ReadonlyMap<string, string>,
  means: Means,
): Promise<Result<Approved, string>> {
  const grant = readGrant(line);
  if (!grant.ok) return grant;
  const operator = { login: actor, keys: [] };
  return await checkGrant(request, grant.value, { ...means, now: new Date(time), operator, over });
}
