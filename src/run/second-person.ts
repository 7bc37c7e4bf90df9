// The second person's yes. A request is a text with the digest of the change, signed by who asks where they can;
// the answer is one line, signed by somebody else. Nothing is sent: people carry both.
//
//   an approval of an earlier step covers this one and holds now?   -> taken, on record
//   a request is open from before the kill and says the same?       -> the same request, else a new one (asked.ts)
//   on record, and a file beside the journal
//   nobody here and no file named                                   -> "needed", exit 3, with the command for both
//   else wait for the first of three                                (`next`)
//     pasted at the terminal | put into a named file or beside the journal | it expires, or the run is stopped
//   an answer: checkGrant by the list of approvers as it is now     -> refused: on record, wait on
//                                                                   -> accepted: on record, and used up
//
// What must not be broken:
// - A journal that says "granted" is not believed: the signature is verified again at each use.
// - "granted" is on the disk before anything happens by it: from there on the answer cannot be used again.
// - The other two of the three waits are ended and awaited before anything else is shown, or the question stays on
//   the terminal and takes the next answer.
// - The same person twice is refused by login, name and key (approval/check.ts), for who asks and for who goes on.

import { fail, ok, type Result } from "../base/result.ts";
import type { Preview } from "../kinds/kind.ts";
import { checkGrant, type Approved } from "../approval/check.ts";
import { readGrant, writeGrant, type ApprovalGrant } from "../approval/grant.ts";
import { writeRequest, type ApprovalRequest } from "../approval/request.ts";
import { askedBefore, coverLine, draftOf, movedAway } from "./asked.ts";
import { placeKey, type Approvals } from "../approval/approvals.ts";
import { emit, type Session } from "./session.ts";
import type { Request } from "./consent-request.ts";

/** A second person's yes; without a request of its own when an earlier one covers the step. */
export interface Seconded {
  readonly asked: ApprovalRequest | undefined;
  /** Who asked: by the list where they signed, else by their login. */
  readonly asker: string;
  readonly approver: string;
}

/**
 * Asks a second person, unless an approval that covers this step still holds: the request is on record and
 * beside the journal; the answer comes at the terminal, in a file that was named, or beside the journal.
 */
export async function secondPerson(
  session: Session,
  request: Request,
  preview: Preview,
  digest: string,
): Promise<Result<Seconded>> {
  const { approvals } = session;
  const target = request.place.step;
  if (approvals === undefined) {
    const message = "needs a second person, and nobody can be asked here";
    return fail({ type: "approval-needed", target, digest, message });
  }
  const standing = await standingFor(session, approvals, request, digest, preview);
  if (standing !== undefined) return ok(standing);
  const asked = await askedBefore(session, approvals, request, digest, preview);
  const path = await session.journal.attach(`${asked.request}.request.txt`, writeRequest(asked));
  await emit(
    session,
    {
      type: "approval.requested",
      ...request.place,
      request: asked.request,
      digest,
      expires: new Date(asked.expires),
      asked,
      text: writeRequest(asked),
      path,
    },
    { sync: true },
  );
  if (!request.prompt.available && !approvals.desk.waits) {
    const message = `needs a second person: send them ${path}; they run lav-ir approve on it and send back the output; save that as FILE, then run: ${session.resume} --approval FILE`;
    return fail({ type: "approval-needed", target, digest, message });
  }
  return await waitFor(session, approvals, request, asked);
}

/**
 * An approval of the step that this one stands with, as long as it lasts, lists this very action, and its
 * signature holds now, by the list as it is now: a journal that says it was given is not believed.
 */
async function standingFor(
  session: Session,
  approvals: Approvals,
  request: Request,
  digest: string,
  preview: Preview,
): Promise<Seconded | undefined> {
  const line = coverLine(request.place.step, request.action, session);
  const standing = approvals
    .standing(request.standsWith)
    .filter(({ request: { covers } }) => covers.includes(line));
  if (standing.length === 0) return undefined;
  const { run, runbook, platform } = draftOf(session, approvals, request, digest, preview, []);
  for (const { request: given, grant } of standing) {
    const here = given.run === run && given.runbook === runbook && given.platform === platform;
    const checked = here
      ? await check(session, approvals, given, grant, new Map())
      : fail("it was issued for another run, runbook or platform");
    const told = { request: given.request, digest };
    if (checked.ok) {
      const { approver } = checked.value;
      const message = `given with ${given.step}, until ${given.expires}`;
      await tell(session, request, told, { decision: "granted", approver, message });
      return { asked: undefined, asker: askerOf(given, approvals), approver };
    }
    const message = `the approval given with ${given.step} is not valid: ${checked.failure}`;
    await tell(session, request, told, { decision: "refused", message });
  }
  return undefined;
}

/** The first of the two people: by the list where they signed, else by the login that consents now. */
function askerOf({ signer, requester }: ApprovalRequest, { desk }: Approvals): string {
  const { login } = desk.requester;
  return requester === login ? (signer ?? requester) : login;
}

/** What was agreed to is no longer what would happen. */
export async function voidApproval(session: Session, request: Request, seconded: Seconded): Promise<void> {
  const { asked } = seconded;
  if (asked === undefined) return;
  session.approvals?.close(placeKey(request.place), asked, movedAway);
  await tell(session, request, asked, { decision: "refused", message: `${asked.request} ${movedAway}` });
}

interface Told {
  readonly decision: "granted" | "declined" | "refused";
  readonly message?: string;
  readonly approver?: string;
  readonly fingerprint?: string;
  readonly grant?: string;
}

async function tell(
  session: Session,
  request: Request,
  { request: id, digest }: Pick<ApprovalRequest, "request" | "digest">,
  told: Told,
): Promise<void> {
  const how = "second-person" as const;
  await emit(
    session,
    { type: "approval", ...request.place, digest, how, request: id, ...told },
    { sync: true },
  );
}

type Came =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "declined" }
  | { readonly type: "expired" }
  | { readonly type: "stopped" };

async function waitFor(
  session: Session,
  approvals: Approvals,
  request: Request,
  asked: ApprovalRequest,
): Promise<Result<Seconded>> {
  const target = request.place.step;
  for (let refused: string | undefined; ;) {
    const came = await next(session, approvals, request, asked, refused);
    if (came.type === "stopped") {
      const message = "interrupted while waiting for a second person";
      return fail({ type: "interrupted", target, message, effect: "none" });
    }
    if (came.type === "expired") {
      approvals.close(placeKey(request.place), asked, `expired at ${asked.expires}`);
      const message = `${asked.request} expired at ${asked.expires} without an approval`;
      await tell(session, request, asked, { decision: "refused", message });
      return fail({ type: "approval-needed", target, digest: asked.digest, message });
    }
    if (came.type === "declined") {
      await tell(session, request, asked, { decision: "declined" });
      return fail({ type: "declined", target, message: "the operator stopped waiting for a second person" });
    }
    const grant = readGrant(came.text);
    const checked: Result<Approved, string> = grant.ok
      ? await check(session, approvals, asked, grant.value, approvals.over)
      : grant;
    if (checked.ok && grant.ok) {
      return await accept(session, approvals, request, asked, grant.value, checked.value);
    }
    refused = checked.ok ? "" : checked.failure;
    await tell(session, request, asked, { decision: "refused", message: refused });
    // A file may still hold the approval of the step before: the next one takes its place.
    const earlier = grant.ok && approvals.over.has(grant.value.request);
    if (!request.prompt.available && !earlier)
      return fail({ type: "approval-needed", target, digest: asked.digest, message: refused });
  }
}

async function check(
  session: Session,
  approvals: Approvals,
  asked: ApprovalRequest,
  grant: ApprovalGrant,
  over: ReadonlyMap<string, string>,
): Promise<Result<Approved, string>> {
  const approvers = await approvals.desk.approvers();
  if (!approvers.ok) return approvers;
  const { clock, signatures } = session.ports;
  const own = await signatures.own(session.kill);
  const operator = {
    login: approvals.desk.requester.login,
    keys: own.map(({ fingerprint }) => fingerprint),
  };
  return await checkGrant(asked, grant, {
    approvers: approvers.value,
    now: clock.now(),
    operator,
    over,
    signatures,
    signal: session.kill,
  });
}

async function accept(
  session: Session,
  approvals: Approvals,
  request: Request,
  asked: ApprovalRequest,
  grant: ApprovalGrant,
  { approver, fingerprint }: Approved,
): Promise<Result<Seconded>> {
  const line = writeGrant(grant);
  await session.journal.attach(`${asked.request}.approved.txt`, `${writeRequest(asked)}\n${line}\n`);
  // On record before anything happens by it: from here on it cannot be used again.
  await tell(session, request, asked, { decision: "granted", approver, fingerprint, grant: line });
  approvals.use(placeKey(request.place), asked, grant);
  return ok({ asked, asker: askerOf(asked, approvals), approver });
}

async function next(
  session: Session,
  approvals: Approvals,
  request: Request,
  asked: ApprovalRequest,
  refused: string | undefined,
): Promise<Came> {
  const { clock } = session.ports;
  const done = new AbortController();
  const signal = AbortSignal.any([session.stop, done.signal]);
  const left = Math.max(0, Date.parse(asked.expires) - clock.now().getTime());
  const ways: Promise<Came>[] = [
    clock.sleep(left, signal).then(() => ({ type: session.stop.aborted ? "stopped" : "expired" })),
    approvals.desk.arrival(asked.request, signal).then((text) => fromFile(text)),
  ];
  if (request.prompt.available) ways.push(fromPerson(session, approvals, request, asked, refused, signal));
  const first = await Promise.race(ways);
  done.abort();
  // The question must be gone from the terminal before anything else is shown there.
  await Promise.allSettled(ways);
  return first;
}

function fromFile(text: string | undefined): Came {
  return text === undefined ? { type: "stopped" } : { type: "text", text };
}

async function fromPerson(
  session: Session,
  approvals: Approvals,
  request: Request,
  asked: ApprovalRequest,
  refused: string | undefined,
  signal: AbortSignal,
): Promise<Came> {
  const question = [
    ...(refused === undefined ? [writeRequest(asked)] : [`Not accepted: ${refused}\n`]),
    `  ${asked.request} needs a second person until ${asked.expires}: they run lav-ir approve with the block above, from their own login.`,
    "  Paste the line it prints, or name a file that contains it (no: stop):",
  ].join("\n");
  const answer = await request.prompt.paste(question, signal);
  if (!answer.answered) return { type: "stopped" };
  const text = answer.value.trim();
  if (/^no?$/i.test(text)) return { type: "declined" };
  if (text.includes("lav-ir-approval.") || text === "") return { type: "text", text };
  return { type: "text", text: (await approvals.desk.read(text)) ?? "" };
}
