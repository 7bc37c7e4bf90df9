import { fail, ok, type Result } from "../base/result.ts";
import { checkGrant, type Approved, type CheckedGrant, type Checking } from "./approval-check.ts";
import { readGrant } from "./approval-grant.ts";
import { readRequest, type ApprovalRequest } from "./approval-request.ts";

/** One approval of a record, looked at again. */
export interface Verified {
  readonly request: string;
  readonly step: string;
  readonly requester: string;
  /** Who signed the request, by the list; undefined when nobody did. */
  readonly signer: string | undefined;
  /** Who approved, or one sentence on why it does not hold. */
  readonly approved: Result<Approved, string>;
}

type Means = Pick<Checking, "approvers" | "signatures" | "signal">;

interface Recorded {
  readonly type: string;
  readonly time: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Every second person's approval in a journal's records, verified from what stands there alone. Each is
 * judged by the time it was taken; the list of approvers is the one given.
 */
export async function verifyRecorded(
  records: readonly Recorded[],
  means: Means,
): Promise<readonly Verified[]> {
  const asked = new Map<string, ApprovalRequest>();
  const over = new Map<string, string>();
  const found: Verified[] = [];
  for (const { type, time, data } of records) {
    if (type === "approval.requested") asked.set(String(data["request"]), data["asked"] as ApprovalRequest);
    if (type !== "approval" || data["how"] !== "second-person" || data["decision"] !== "granted") continue;
    const [id, step] = [String(data["request"]), String(data["step"])];
    const request = asked.get(id);
    const requester = request?.requester ?? "?";
    const signer = request?.signer;
    if (request === undefined) {
      const missing = fail(`the journal has no request ${id}`);
      found.push({ request: id, step, requester, signer, approved: missing });
    } else if (typeof data["grant"] === "string") {
      const approved = await verifyOne(request, data["grant"], new Date(time), over, means);
      over.set(id, "was used already: each approval is good once");
      const honest = approved.ok && data["digest"] !== request.digest;
      const other = fail("the step was carried out with another digest than the one that was signed");
      found.push({ request: id, step, requester, signer, approved: honest ? other : approved });
    } else {
      // A later step that went with it: it must be one of those the second person saw.
      const listed = request.covers.some((line) => line.startsWith(`${step}: `));
      const late = Date.parse(time) > Date.parse(request.expires);
      const given = found.find((one) => one.request === id)?.approved;
      const why = !listed
        ? `${id} does not cover ${step}`
        : late
          ? `${id} had expired when ${step} was carried out`
          : `${id} was not approved before ${step}`;
      found.push({
        request: id,
        step,
        requester,
        signer,
        approved: listed && !late && given?.ok === true ? given : fail(why),
      });
    }
  }
  return found;
}

/** A file that holds a request and its approval, such as the run keeps beside its journal. */
export async function verifyText(text: string, means: Means): Promise<Result<Verified, string>> {
  const request = readRequest(text);
  if (!request.ok) return request;
  const grant = readGrant(text);
  if (!grant.ok) return grant;
  const { request: id, step, requester, signer } = request.value;
  // When it was used is not in the file; when it was signed is.
  const now = new Date(grant.value.signed);
  const approved = await checkGrant(request.value, grant.value, { ...means, now, over: new Map() });
  return ok({ request: id, step, requester, signer, approved });
}

async function verifyOne(
  request: ApprovalRequest,
  line: string,
  now: Date,
  over: ReadonlyMap<string, string>,
  means: Means,
): Promise<Result<CheckedGrant, string>> {
  const grant = readGrant(line);
  return grant.ok ? await checkGrant(request, grant.value, { ...means, now, over }) : grant;
}
