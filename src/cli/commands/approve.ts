import { basename, dirname, join } from "node:path";
import { failureText } from "../../base/failure.ts";
import { ok, type Result } from "../../base/result.ts";
import { writeStateSync } from "../../store/state-file.ts";
import { wordToType } from "../../base/typed-word.ts";
import { createPrompt, Turn } from "../../drivers/prompt/prompt.ts";
import { createSignatures } from "../../drivers/ssh-keygen/ssh-keygen.ts";
import type { OwnKey, Signatures } from "../../ports/signatures.ts";
import type { Approver } from "../../platform/platform.ts";
import { checkAsked, fingerprintsOf, whySamePerson } from "../../approval/check.ts";
import { signedText, writeGrant, type Statement } from "../../approval/grant.ts";
import { bodyOf, oneLine, readRequest, type ApprovalRequest } from "../../approval/request.ts";
import { readGiven } from "../input.ts";
import { mayAsk, questionsOf } from "../../app/context/questions.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { loadPlatformIfAny } from "../../app/context/platform.ts";
import { interrupted, refusal, type Refusal } from "../../app/context/refusal.ts";
import { show } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";

interface ApproveOptions {
  readonly key?: string;
  readonly as?: string;
  readonly approve?: string;
  readonly verify?: string;
}

/** `lav-ir approve`: a second person reads what is asked, in full, and signs it with their own key. */
export async function approveCommand(
  world: World,
  options: GlobalOptions,
  given: string | undefined,
  own: ApproveOptions,
): Promise<number> {
  if (own.verify !== undefined) {
    const { verifyApprovals } = await import("./approve-verify.ts");
    return await verifyApprovals(world, options, own.verify);
  }
  const text = await readGiven(world, given ?? "-", "Paste the approval request, to its last line:");
  if (!text.ok) return refuse(world, options, text.failure);
  const request = readRequest(text.value);
  if (!request.ok) return refuse(world, options, refusal(request.failure).failure);
  const asked = request.value;
  if (Date.now() > Date.parse(asked.expires)) {
    return refuse(
      world,
      options,
      refusal(`${asked.request} expired at ${asked.expires}; ask for a new one`, "consent").failure,
    );
  }
  const found = await loadPlatformIfAny(world, options, {
    command: "approve",
    untrusted: "refuse",
    connects: false,
  });
  if (!found.ok) return refuse(world, options, found.failure);
  const approvers = found.value.type === "platform" ? found.value.platform.approvers : undefined;
  const signatures = createSignatures(world.env, mayAsk(world, options) ? "terminal" : "nobody");
  const signing = await whoSigns(world, asked, approvers, own, signatures);
  if (!signing.ok) return refuse(world, options, signing.failure);
  // Without a list nobody can say whose key signed the request: the run looks at its own all the same.
  const asking =
    approvers === undefined
      ? ok(undefined)
      : await checkAsked(asked, { approvers, signatures, signal: world.interruption.stop });
  if (!asking.ok) return refuse(world, options, refusal(`do not sign: ${asking.failure}`).failure);
  const { key, approver } = signing.value;
  const { signer, signerKey, requester, host } = asked;
  const who =
    approvers === undefined
      ? `NOT CHECKED (no platform file): make sure that the request is from ${requester}`
      : signer === undefined
        ? `NOT SIGNED by the requester: make sure that it is from ${requester}`
        : `signed by ${signer} with ${signerKey ?? "?"}, as ${requester}`;
  world.stderr.write(`${bodyOf(asked)}\n\n${oneLine(`${who} on ${host}`)}\n`);
  const agreed = await consent(world, options, asked, signing.value, own.approve);
  if (!agreed.ok) return refuse(world, options, agreed.failure);
  const statement: Statement = {
    request: asked.request,
    digest: asked.digest,
    approver,
    login: world.user,
    host: world.host,
    signed: new Date().toISOString(),
  };
  const signed = await signatures.sign(key, signedText(asked, statement), world.interruption.stop);
  if (!signed.ok)
    return refuse(world, options, refusal(`not signed: ${failureText(signed.failure)}`).failure);
  const line = writeGrant({ ...statement, signature: signed.value });
  const beside = putBeside(asked, given, line);
  const { request: id, step, digest } = asked;
  const { fingerprint } = key;
  const row = { type: "approval.signed", request: id, step, digest, approver, fingerprint } as const;
  show(world, options, [{ ...row, grant: line, path: beside }], () => [line]);
  world.stderr.write(
    beside === undefined
      ? `Give this one line to ${asked.requester}: at the waiting question, or in the file of --approval.\n`
      : `${asked.requester}'s run finds it in ${beside}.\n`,
  );
  return 0;
}

interface Signing {
  readonly key: OwnKey;
  readonly approver: string;
}

/** A key of this login that the platform file lists, and whose it is. */
async function whoSigns(
  world: World,
  asked: ApprovalRequest,
  approvers: readonly Approver[] | undefined,
  { key: file, as }: ApproveOptions,
  signatures: Signatures,
): Promise<Result<Signing, Refusal>> {
  if (approvers === undefined) return await signsUnlisted(world, asked, { key: file, as }, signatures);
  if (approvers.length === 0)
    return refusal(
      "the platform file lists no approvers, so nobody can be the second person",
      "configuration",
    );
  const people = as === undefined ? approvers : approvers.filter(({ name }) => name === as);
  if (people.length === 0)
    return refusal(
      `${as ?? ""} is not an approver; the approvers are ${approvers.map(({ name }) => name).join(", ")}`,
    );
  const own = await ownKeys(world, file, signatures);
  if (!own.ok) return own;
  const found = own.value.flatMap((key) =>
    people
      .filter((person) => fingerprintsOf(person).includes(key.fingerprint))
      .map(({ name }) => ({ key, approver: name })),
  );
  const [first] = found;
  if (first === undefined) {
    const seen = own.value.map(({ fingerprint }) => fingerprint).join(", ");
    const have = seen === "" ? "no key was found in the agent or in ~/.ssh" : `found ${seen}`;
    return refusal(`${world.user} has no key of an approver in the platform file; ${have}`, "configuration");
  }
  const fit = found.map(({ key, approver }) => {
    const signing = { login: world.user, name: approver, fingerprint: key.fingerprint };
    return { key, approver, same: whySamePerson(asked, signing, approvers) };
  });
  const other = fit.find(({ same }) => same === undefined);
  return other === undefined ? refusal(fit[0]?.same ?? "the same person twice", "consent") : ok(other);
}

/** Without a platform file: by the one key there is, or the one named, as the name that the run's list has. */
async function signsUnlisted(
  world: World,
  asked: ApprovalRequest,
  { key: file, as = world.user }: { readonly key: string | undefined; readonly as: string | undefined },
  signatures: Signatures,
): Promise<Result<Signing, Refusal>> {
  const own = await ownKeys(world, file, signatures);
  if (!own.ok) return own;
  const [key] = own.value;
  if (key === undefined || own.value.length > 1) {
    const have = key === undefined ? "no key was found in the agent or in ~/.ssh" : "several keys were found";
    return refusal(
      `without a platform file the approver's key is unknown, and ${have}; name yours with --key`,
    );
  }
  const signing = { login: world.user, name: as, fingerprint: key.fingerprint };
  const same = whySamePerson(asked, signing, []);
  return same === undefined ? ok({ key, approver: as }) : refusal(same, "consent");
}

async function ownKeys(
  world: World,
  file: string | undefined,
  signatures: Signatures,
): Promise<Result<readonly OwnKey[], Refusal>> {
  const { stop } = world.interruption;
  if (file === undefined) return ok(await signatures.own(stop));
  const key = await signatures.keyIn(file, stop);
  return key.ok ? ok([key.value]) : refusal(`--key: ${failureText(key.failure)}`);
}

/** Typed at the terminal; without one, the digest says that it was read. */
async function consent(
  world: World,
  options: GlobalOptions,
  asked: ApprovalRequest,
  { key, approver }: Signing,
  digest: string | undefined,
): Promise<Result<void, Refusal>> {
  if (digest !== undefined) {
    return digest === asked.digest
      ? ok(undefined)
      : refusal(
          `--approve ${digest} does not match ${asked.request}, whose digest is ${asked.digest}`,
          "consent",
        );
  }
  const { interruption } = world;
  const settings = questionsOf(world, options);
  if (!settings.available)
    return refusal(`nothing signed: no terminal to confirm at; pass --approve ${asked.digest}`, "consent");
  const word = wordToType(asked.step, asked.step, asked.digest);
  const question = `${asked.requester} requests this. Type ${word} to sign it as ${approver} with ${key.fingerprint}:`;
  const answer = await createPrompt(settings, new Turn()).text(question, interruption.stop);
  if (!answer.answered) {
    const said = "nothing signed";
    return answer.why === "cancelled" ? interrupted(world, said) : refusal(said, "consent");
  }
  // The requester may have typed reduce-only for the step reduce_only: it is the same word.
  const typed = answer.value.trim();
  const same = typed.replaceAll("-", "_") === word.replaceAll("-", "_");
  return same ? ok(undefined) : refusal(`nothing signed: the typed word is not ${word}`, "consent");
}

/** On the same machine, and where its folder lets us, the run finds the approval by itself. */
function putBeside(asked: ApprovalRequest, given: string | undefined, line: string): string | undefined {
  if (given === undefined || basename(given) !== `${asked.request}.request.txt`) return undefined;
  const path = join(dirname(given), `${asked.request}.approval.txt`);
  try {
    writeStateSync(path, `${line}\n`, { mode: 0o644, beside: true });
    return path;
  } catch {
    return undefined;
  }
}
