import type { OwnKey } from "../ports/signatures.ts";
import type { Preview } from "../kinds/kind.ts";
import { fingerprintsOf } from "../approval/check.ts";
import { askedText, newRequestId, oneLine, type ApprovalRequest } from "../approval/request.ts";
import { placeKey, type Approvals } from "../approval/approvals.ts";
import type { Session } from "./session.ts";
import type { Request } from "./consent-request.ts";

/** A later step as a request lists it. */
export function coverLine(step: string, action: string, session: Session): string {
  return oneLine(session.redactor.text(`${step}: ${action}`));
}

/**
 * The request that an earlier process left open for exactly this, or a new one. What stands in a journal is
 * taken up only where it says what would be asked now: the second person reads and signs that text.
 */
export async function askedBefore(
  session: Session,
  approvals: Approvals,
  request: Request,
  digest: string,
  preview: Preview,
): Promise<ApprovalRequest> {
  const place = placeKey(request.place);
  const open = approvals.open.get(place);
  const own = await session.ports.signatures.own(session.stop);
  const draft = draftOf(session, approvals, request, digest, preview, own);
  if (open !== undefined) {
    const over = whyOver(open, draft);
    if (over === undefined) return open;
    approvals.close(place, open, over);
  }
  const asked = await signAsked(session, approvals, draft, own);
  approvals.open.set(place, asked);
  return asked;
}

/** What would be asked now, before anybody signed it. */
export function draftOf(
  session: Session,
  approvals: Approvals,
  request: Request,
  digest: string,
  preview: Preview,
  own: readonly OwnKey[],
): ApprovalRequest {
  const now = session.ports.clock.now();
  const { runbook, platform } = session.plan;
  const environment = platform.environment === undefined ? "" : `, environment ${platform.environment}`;
  const { login, host } = approvals.desk.requester;
  const clean = (text: string): string => oneLine(session.redactor.text(text));
  return {
    request: newRequestId(),
    run: session.run,
    runbook: clean(`${runbook.id} (sha256 ${runbook.digest.slice(0, 16)})`),
    platform: clean(`${platform.name}${platform.production ? " PRODUCTION" : ""}${environment}`),
    step: request.place.step,
    action: clean(request.action),
    covers: request.covers.map((one) => coverLine(one.step, one.action, session)),
    preview: preview.lines.map(clean).filter((line) => line !== ""),
    irreversible: request.irreversible === undefined ? undefined : clean(request.irreversible),
    digest,
    requester: oneLine(login),
    host: oneLine(host),
    keys: own.map(({ fingerprint }) => fingerprint),
    signer: undefined,
    signerKey: undefined,
    signature: undefined,
    created: now.toISOString(),
    expires: new Date(now.getTime() + request.expires).toISOString(),
  };
}

/** Why an open request is not taken up: it expired, moved, or says something else than what would be asked now. */
function whyOver(open: ApprovalRequest, draft: ApprovalRequest): string | undefined {
  const [created, expires] = [Date.parse(open.created), Date.parse(open.expires)];
  const now = Date.parse(draft.created);
  if (now >= expires) return `expired at ${open.expires}`;
  if (open.digest !== draft.digest) return movedAway;
  const lasts = Date.parse(draft.expires) - now;
  const same = created <= now && expires - created === lasts && saysOf(open) === saysOf(draft);
  return same ? undefined : "is void: the request would now be a different one";
}

/**
 * What a request says apart from its number, its times and who asked: whoever that was, the second person is
 * neither they nor who goes on. Numbers and durations of a preview move by themselves, and what binds is in
 * the digest.
 */
function saysOf(request: ApprovalRequest): string {
  const { run, runbook, platform, step, action, covers, preview, irreversible } = request;
  const still = preview.map((line) => line.replaceAll(/(?:\d[\d.,]*\s?(?:ms|[smhdkMG]\b)?\s?)+/g, "#"));
  return JSON.stringify([run, runbook, platform, step, action, covers, still, irreversible]);
}

/**
 * Signed by the one who asks, with the first of their keys that the list has and that signs without a
 * question: one in an agent, or a file without a passphrase. Without such a key it stays as it is.
 */
async function signAsked(
  { ports: { signatures }, stop }: Session,
  { desk }: Approvals,
  draft: ApprovalRequest,
  own: readonly OwnKey[],
): Promise<ApprovalRequest> {
  const listed = await desk.approvers();
  const approvers = listed.ok ? listed.value : [];
  for (const key of own) {
    const holder = approvers.find((one) => fingerprintsOf(one).includes(key.fingerprint));
    if (holder === undefined) continue;
    const named = { ...draft, signer: holder.name, signerKey: key.fingerprint };
    const signed = await signatures.sign(key, askedText(named), stop);
    if (signed.ok) return { ...named, signature: signed.value };
  }
  return draft;
}

/** Why a request is over whose step would no longer do what it says. */
export const movedAway = "is void: what the step would change has moved since the request";
