import { readPublicKey, readSignature } from "../ssh/key.ts";
import { failureText } from "../base/failure.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { approvalNamespace, type Signatures } from "../ports/signatures.ts";
import type { Approver } from "../platform/platform.ts";
import { signedText, type ApprovalGrant } from "./grant.ts";
import { askedText, oneLine, type ApprovalRequest } from "./request.ts";

/** Who makes use of an approval: the login that runs this now, and the fingerprints it can sign with. */
export interface Operator {
  readonly login: string;
  readonly keys: readonly string[];
}

/** Who agreed, and with what key. */
export interface Approved {
  readonly approver: string;
  readonly fingerprint: string;
}

/** A yes whose request was signed as well: by whom. */
export interface CheckedGrant extends Approved {
  readonly signer: string | undefined;
}

export interface Checking {
  /** The list as it is now: a key taken from it is worth nothing from then on. */
  readonly approvers: readonly Approver[];
  /** When the approval is to be used. */
  readonly now: Date;
  /** Whoever asked may not be who goes on: the second person is neither. */
  readonly operator: Operator;
  /** Requests that are over, each with why. */
  readonly over: ReadonlyMap<string, string>;
  readonly signatures: Signatures;
  readonly signal: AbortSignal;
}

/** Whether a grant is a second person's yes to exactly this request. @returns one sentence when it is not. */
export async function checkGrant(
  request: ApprovalRequest,
  grant: ApprovalGrant,
  checking: Checking,
): Promise<Result<CheckedGrant, string>> {
  const { approvers, now, operator, over, signatures, signal } = checking;
  const past = over.get(grant.request);
  if (past !== undefined) return fail(`this approval is for ${shown(grant.request)}, which ${past}`);
  if (grant.request !== request.request)
    return fail(`this approval is for ${shown(grant.request)}, but the open request is ${request.request}`);
  if (grant.digest !== request.digest)
    return fail("this approval is for another digest: the step would not do what was requested");
  if (now.getTime() > Date.parse(request.expires))
    return fail(`${request.request} expired at ${request.expires}; ask for a new approval`);
  const person = approvers.find(({ name }) => name === grant.approver);
  if (person === undefined) return fail(`${shown(grant.approver)} is not an approver in the platform file`);
  const parts = readSignature(grant.signature);
  if (parts === undefined) return fail("the signature is damaged or truncated; ask for it again");
  const { fingerprint, namespace } = parts;
  if (namespace !== approvalNamespace)
    return fail(`the signature is for ${shown(namespace)}, not for ${approvalNamespace}`);
  const signing = { login: grant.login, name: person.name, fingerprint };
  const own = { requester: operator.login, keys: operator.keys, signer: undefined, signerKey: undefined };
  const same = whySamePerson(request, signing, approvers) ?? whySamePerson(own, signing, approvers);
  if (same !== undefined) return fail(same);
  if (!fingerprintsOf(person).includes(fingerprint))
    return fail(`the key ${fingerprint} is not, or no longer, a key of ${person.name} in the platform file`);
  const { name, keys } = person;
  const { signature } = grant;
  const message = signedText(request, grant);
  const asking = await checkAsked(request, checking);
  if (!asking.ok) return asking;
  const verified = await signatures.verify({ message, signature, person: name, keys, signal });
  if (verified.ok) return ok({ approver: name, fingerprint, signer: asking.value });
  const { failure } = verified;
  // Its own word on why says less than this: the key is right, so the text is not what was signed.
  if (failure.type === "exit")
    return fail("the signature is not valid: the request or the approval was changed after it was signed");
  return fail(`cannot check the signature: ${failureText(failure)}`);
}

/**
 * Whether the one who asks is who the request says, where it is signed. @returns their name in the list;
 * undefined for a request that nobody signed, whose requester is as they typed it.
 */
export async function checkAsked(
  request: ApprovalRequest,
  { approvers, signatures, signal }: Pick<Checking, "approvers" | "signatures" | "signal">,
): Promise<Result<string | undefined, string>> {
  const { signer, signerKey, signature } = request;
  if (signer === undefined && signature === undefined) return ok(undefined);
  const person = approvers.find(({ name }) => name === signer);
  const changed = "the request is not signed by the requester it names: it was changed, or is not theirs";
  if (person === undefined || signature === undefined)
    return fail(
      signature === undefined ? changed : `${shown(signer ?? "")}, the requester, is not an approver`,
    );
  const fingerprint = readSignature(signature)?.fingerprint;
  if (fingerprint === undefined || fingerprint !== signerKey) return fail(changed);
  if (!fingerprintsOf(person).includes(fingerprint))
    return fail(
      `the request is signed with the key ${fingerprint}, which is not, or no longer, a key of ${person.name}`,
    );
  const message = askedText(request);
  const { name, keys } = person;
  const verified = await signatures.verify({ message, signature, person: name, keys, signal });
  if (verified.ok) return ok(name);
  return fail(
    verified.failure.type === "exit"
      ? changed
      : `cannot check the signature of the request: ${failureText(verified.failure)}`,
  );
}

export interface Signing {
  readonly login: string;
  readonly name: string;
  readonly fingerprint: string;
}

/** Why the one who signs counts as the one who asks: the login, the person, or the key. */
export function whySamePerson(
  {
    requester,
    keys,
    signer,
    signerKey,
  }: Pick<ApprovalRequest, "requester" | "keys" | "signer" | "signerKey">,
  { login, name, fingerprint }: Signing,
  approvers: readonly Approver[],
): string | undefined {
  if (login === requester)
    return `same person twice: ${shown(login)} requested and signed it; the second person signs from their own login`;
  const theirs = [...keys, ...(signerKey === undefined ? [] : [signerKey])];
  // By what they can sign with, whatever they are called: a login is only typed.
  const asking = approvers.filter(
    (one) =>
      one.name === requester ||
      one.name === signer ||
      one.logins.includes(requester) ||
      fingerprintsOf(one).some((own) => theirs.includes(own)),
  );
  if (asking.some((one) => one.name === name))
    return `same person twice: ${name} is the requester, as ${requester}`;
  const held = [...theirs, ...asking.flatMap(fingerprintsOf)];
  if (held.includes(fingerprint))
    return `same person twice: ${requester}, the requester, can sign with the key ${fingerprint}`;
  return undefined;
}

export function fingerprintsOf({ keys }: Approver): readonly string[] {
  return keys.flatMap((line) => readPublicKey(line)?.fingerprint ?? []);
}

function shown(text: string): string {
  return oneLine(text).slice(0, 100);
}
