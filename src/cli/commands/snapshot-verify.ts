import { printable } from "../../base/printable.ts";
import { problemText } from "../../evidence/problem.ts";
import { verifySnapshot, type Signer, type Verified } from "../../evidence/verify.ts";
import { ndjsonHeader, ndjsonRow } from "../../sinks/ndjson.ts";
import { trustedKeys } from "../signing.ts";
import { refusal, refuse, type GlobalOptions, type World } from "../world.ts";

/** Problems that are written out; a bag that was torn apart has thousands. */
const most = 50;

/** `lav-ir snapshot verify`. @returns 0 when the bag is whole and signed by somebody trusted, 1 otherwise. */
export async function verify(
  world: World,
  options: GlobalOptions,
  path: string,
  own: { readonly signers?: string },
): Promise<number> {
  const trusted = await trustedKeys(world, options, own.signers);
  if (!trusted.ok) return refuse(world, refusal(trusted.failure).failure);
  const verified = await verifySnapshot(path, trusted.value);
  if (!verified.ok) return refuse(world, refusal(verified.failure).failure);
  const { problems, signer, completeness, digest, sha256 } = verified.value;
  const exitCode = problems.length === 0 && signer.verdict === "trusted" ? 0 : 1;
  if (options.json === true) {
    const integrity = problems.length === 0 ? "intact" : "broken";
    const row = { path, integrity, problems, digest, signer, completeness: completeness ?? null, sha256 };
    world.stdout.write(ndjsonHeader(world.version));
    world.stdout.write(ndjsonRow("snapshot.verified", { ...row, exit_code: exitCode }));
  } else for (const line of lines(verified.value)) world.stdout.write(`${printable(line)}\n`);
  return exitCode;
}

function lines({
  path,
  problems,
  signer,
  snapshot,
  completeness,
  digest,
  sha256,
}: Verified): readonly string[] {
  const beside = digest === "absent" ? "; there is no .sha256 beside it" : "";
  const rest = problems.length - most;
  return [
    path,
    problems.length === 0
      ? `integrity     intact, sha256 ${sha256}${beside}`
      : `integrity     BROKEN, in ${problems.length} way${problems.length === 1 ? "" : "s"}`,
    ...problems.slice(0, most).map((problem) => `              ${problemText(problem)}`),
    ...(rest > 0 ? [`              and ${rest} more`] : []),
    `signer        ${signerText(signer)}`,
    `completeness  ${completenessText(completeness, snapshot?.missing.length ?? 0)}`,
  ];
}

function signerText(signer: Signer): string {
  switch (signer.verdict) {
    case "trusted":
      return `${signer.name}, ${signer.key}`;
    case "another":
      return `SOMEBODY ELSE: ${signer.key} made the signature and is not a trusted key (--signers FILE names more)`;
    case "none":
      return "NOBODY: there is no .sig beside it";
    case "invalid":
      return `NOT VALID: ${signer.why}`;
  }
}

function completenessText(verdict: Verified["completeness"], missing: number): string {
  if (verdict === "complete") return "complete";
  if (verdict === undefined) return "UNKNOWN: the bag does not say";
  return `PARTIAL: ${missing} part${missing === 1 ? " is" : "s are"} missing; lav-ir snapshot show names them`;
}
