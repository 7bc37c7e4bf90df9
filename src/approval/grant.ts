import { fail, ok, type Result } from "../base/result.ts";
import { bodyOf, oneLine, type ApprovalRequest } from "./request.ts";

/** A second person's yes: what they signed beside the request itself, and the signature over both. */
export interface ApprovalGrant {
  /** The request's id and digest. */
  readonly request: string;
  readonly digest: string;
  /** Their name in the list of approvers. */
  readonly approver: string;
  readonly login: string;
  readonly host: string;
  /** ISO 8601, by their own clock. */
  readonly signed: string;
  /** Base64, without the armour. */
  readonly signature: string;
}

export type Statement = Omit<ApprovalGrant, "signature">;

const names = ["request", "digest", "approver", "login", "host", "signed"] as const;
const mark = "lav-ir-approval";

/** The very text that is signed: the whole request, then who agrees to it. */
export function signedText(request: ApprovalRequest, statement: Statement): string {
  return `lav-ir approval 1\n${bodyOf(request)}\n${statementText(statement)}\n`;
}

function statementText(statement: Statement): string {
  return names.map((name) => `${name}: ${oneLine(statement[name])}`).join("\n");
}

/** One line, so that it can be pasted at a question. */
export function writeGrant(grant: ApprovalGrant): string {
  const statement = Buffer.from(statementText(grant)).toString("base64url");
  const signature = Buffer.from(grant.signature, "base64").toString("base64url");
  return `${mark}.1.${statement}.${signature}.`;
}

/** Finds the line in a text; a mail program may have broken it into several. */
export function readGrant(text: string): Result<ApprovalGrant, string> {
  const from = text.lastIndexOf(`${mark}.`);
  if (from < 0) return fail("no approval in this text; lav-ir approve prints one");
  const line = text.slice(from).replaceAll(/[>\s]/g, "");
  const [, version, statement = "", signature = ""] =
    /^lav-ir-approval\.(\d+)\.([\w-]+)\.([\w-]+)\./.exec(line) ?? [];
  if (version === undefined) return fail("the approval is truncated; paste the whole line, to its last dot");
  if (version !== "1")
    return fail(`the approval has version ${version}, which this lav-ir cannot read; upgrade it`);
  const lines = Buffer.from(statement, "base64url").toString("utf8").split("\n");
  const values = names.map((name, index) => {
    const line = lines[index] ?? "";
    return line.startsWith(`${name}: `) ? line.slice(name.length + 2) : "";
  });
  if (lines.length !== names.length || values.includes(""))
    return fail("the approval is damaged or truncated; ask for it again");
  const [request = "", digest = "", approver = "", login = "", host = "", signed = ""] = values;
  return ok({
    request,
    digest,
    approver,
    login,
    host,
    signed,
    signature: Buffer.from(signature, "base64url").toString("base64"),
  });
}
