import { problemText } from "../../evidence/bundle/problem.ts";
import { verifySnapshot, type Signer, type VerifiedBundle } from "../../evidence/bundle/verify.ts";
import { trustedKeys } from "../../app/wiring/signing.ts";
import { recordedOf, type Recorded } from "../../app/snapshot/record.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { refusal } from "../../app/context/refusal.ts";
import { show } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";

/** Problems that are written out; a bag that was torn apart has thousands. */
const most = 50;

/** `lav-ir snapshot verify`. @returns 0 when the bag is whole, signed by somebody trusted and not doubted by a journal, 1 otherwise. */
export async function verify(
  world: World,
  options: GlobalOptions,
  path: string,
  own: { readonly signers?: string },
): Promise<number> {
  const trusted = await trustedKeys(world, options, own.signers);
  if (!trusted.ok) return refuse(world, options, refusal(trusted.failure).failure);
  const verified = await verifySnapshot(path, trusted.value);
  if (!verified.ok) return refuse(world, options, refusal(verified.failure).failure);
  const { problems, signer, completeness, digest, sha256 } = verified.value;
  const journal = await recordedOf(world, options, verified.value);
  const doubted = ["resigned", "differs", "broken"].includes(journal.verdict);
  const exitCode = problems.length === 0 && signer.verdict === "trusted" && !doubted ? 0 : 1;
  const row = {
    type: "snapshot.verified" as const,
    path,
    sha256,
    integrity: problems.length === 0 ? ("intact" as const) : ("broken" as const),
    problems: problems.map((problem) => ({ ...problem, message: problemText(problem) })),
    digest,
    signer,
    completeness,
    journal: recordLine(journal),
    exit_code: exitCode,
  };
  show(world, options, [row], () => lines(verified.value, journal));
  return exitCode;
}

function recordLine(recorded: Recorded) {
  if (!("time" in recorded)) return recorded;
  const { time: recorded_at, ...rest } = recorded;
  return { ...rest, recorded_at };
}

function lines(
  { path, problems, signer, snapshot, completeness, digest, sha256 }: VerifiedBundle,
  journal: Recorded,
): readonly string[] {
  const beside = digest === "absent" ? "; no .sha256 file beside it" : "";
  const rest = problems.length - most;
  return [
    path,
    problems.length === 0
      ? `integrity     intact, sha256 ${sha256}${beside}`
      : `integrity     BROKEN: ${problems.length} problem${problems.length === 1 ? "" : "s"}`,
    ...problems.slice(0, most).map((problem) => `              ${problemText(problem)}`),
    ...(rest > 0 ? [`              and ${rest} more`] : []),
    `signer        ${signerText(signer)}`,
    `journal       ${journalText(journal)}`,
    `completeness  ${completenessText(completeness, snapshot)}`,
  ];
}

function signerText(signer: Signer): string {
  switch (signer.verdict) {
    case "trusted":
      return `${signer.name}, ${signer.key}`;
    case "another":
      return `UNTRUSTED KEY: signed by ${signer.key}; confirm whose key it is before you add it with --signers FILE`;
    case "none":
      return "UNSIGNED: no .sig file beside it";
    case "invalid":
      return `INVALID: ${signer.why}`;
  }
}

function journalText(recorded: Recorded): string {
  switch (recorded.verdict) {
    case "matches":
      return `the same digest was recorded, ${byWhom(recorded)}`;
    case "resigned":
      return `SIGNED AGAIN: the same digest was recorded, ${byWhom(recorded)}, signed by ${recorded.key}`;
    case "differs":
      return `DIFFERENT DIGEST recorded, ${byWhom(recorded)}: sha256 ${recorded.sha256}; ${recorded.chain === "same" ? "the chain of custody is the one recorded" : "the chain of custody differs too"}`;
    case "broken":
      return `UNRELIABLE: the entry in ${recorded.journal} follows a corrupted record: ${recorded.why}`;
    case "absent":
      return "no journal on this machine mentions it";
  }
}

function byWhom({ time, actor, journal }: { time: string; actor: string; journal: string }): string {
  return `by ${actor} at ${time} in ${journal}`;
}

function completenessText(
  verdict: VerifiedBundle["completeness"],
  snapshot: VerifiedBundle["snapshot"],
): string {
  const missing = snapshot?.missing.length ?? 0;
  const left = snapshot?.leftOut.length ?? 0;
  if (verdict === "complete") {
    return `complete${left === 0 ? "" : ` for its --only: ${left} part${left === 1 ? " was" : "s were"} left out`}`;
  }
  if (verdict === undefined) return "UNKNOWN: the bundle does not say";
  return `PARTIAL: ${missing} part${missing === 1 ? "" : "s"} missing; lav-ir snapshot show lists them`;
}
