import { createSignatures } from "../../drivers/ssh-keygen/ssh-keygen.ts";
import { printable } from "../../base/printable.ts";
import { readJournal } from "../../store/journal-record.ts";
import { approvalRecords } from "../../approval/record.ts";
import { verifyRecorded, verifyText, type VerifiedApproval } from "../../approval/verify.ts";
import { readGiven } from "../input.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { loadPlatform } from "../../app/context/platform.ts";
import { show } from "../../app/context/telling.ts";
import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";

/**
 * `lav-ir approve --verify FILE`: the approvals of a journal, or of a file that holds a request and its
 * approval, against the platform file's list. Nothing but files and ssh-keygen is needed.
 * @returns 0 when there are some and all hold, 1 when one does not.
 */
export async function verifyApprovals(world: World, options: GlobalOptions, file: string): Promise<number> {
  const platform = await loadPlatform(world, options, {
    command: "approve --verify",
    untrusted: "refuse",
    connects: false,
  });
  if (!platform.ok) return refuse(world, options, platform.failure);
  const text = await readGiven(world, file, "Paste the request and its approval, then Ctrl-D:");
  if (!text.ok) return refuse(world, options, text.failure);
  const { approvers } = platform.value;
  const means = {
    approvers,
    signatures: createSignatures(world.env, "nobody"),
    signal: world.interruption.stop,
  };
  let found: readonly VerifiedApproval[];
  let problem: string | undefined;
  if (file !== "-" && text.value.trimStart().startsWith("{")) {
    const journal = readJournal(file, Buffer.from(text.value));
    if (journal.problem !== undefined) {
      const { line, message } = journal.problem;
      problem = `${file}:${line}: this record ${message}; the records after it are not checked`;
    }
    found = await verifyRecorded(approvalRecords(journal.records), means);
    if (found.length === 0) problem ??= `no second person's approval in ${file}`;
  } else {
    const one = await verifyText(text.value, means);
    if (!one.ok) return refuse(world, options, refusal(one.failure).failure);
    found = [one.value];
  }
  const good = problem === undefined && found.every(({ approved }) => approved.ok);
  const unverified = { type: "approval.unverified", message: problem ?? "" } as const;
  const rows = [...found.map(rowOf), ...(problem === undefined ? [] : [unverified])];
  show(world, options, rows, () => found.map(lineOf));
  if (problem !== undefined) world.stderr.write(`${printable(problem)}\n`);
  return good ? 0 : 1;
}

function rowOf({ approved, ...rest }: VerifiedApproval) {
  const said = approved.ok ? { holds: true, ...approved.value } : { holds: false, message: approved.failure };
  return { type: "approval.verified" as const, ...rest, ...said };
}

function lineOf({ request, step, requester, signer, approved }: VerifiedApproval): string {
  const signed = signer === undefined ? "" : `, signed by ${signer}`;
  const head = `${request}  ${step}: requested by ${requester}${signed}`;
  return approved.ok
    ? `${head}, approved by ${approved.value.approver} with ${approved.value.fingerprint}`
    : `${head}, NOT VALID: ${approved.failure}`;
}
