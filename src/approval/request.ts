import { createHash, randomBytes } from "node:crypto";
import { printable } from "../base/printable.ts";
import { fail, ok, type Result } from "../base/result.ts";

/**
 * What a second person is asked to agree to: everything they must know, in a text small enough to be
 * pasted. Times are ISO 8601, UTC.
 */
export interface ApprovalRequest {
  /** `APR-3fa92c71`: good for one step, once. */
  readonly request: string;
  readonly run: string;
  readonly runbook: string;
  /** The platform's name, with its environment. */
  readonly platform: string;
  readonly step: string;
  /** The exact action, as the plan prints it. */
  readonly action: string;
  /** Later steps that the same approval covers, each with its action. */
  readonly covers: readonly string[];
  /** What it would touch, as it was when it was asked for. */
  readonly preview: readonly string[];
  readonly irreversible: string | undefined;
  /** The approval digest. */
  readonly digest: string;
  /** The login that asks. */
  readonly requester: string;
  readonly host: string;
  /** Fingerprints of the keys that this login can sign with: none of them is a second person's. */
  readonly keys: readonly string[];
  /** Who asks, by the list of approvers, and the key of theirs that says so: undefined when nobody signed. */
  readonly signer: string | undefined;
  readonly signerKey: string | undefined;
  /** Base64, without the armour: theirs, of all the rest. */
  readonly signature: string | undefined;
  readonly created: string;
  readonly expires: string;
}

const begin = "-----BEGIN LAV-IR APPROVAL REQUEST-----";
const end = "-----END LAV-IR APPROVAL REQUEST-----";

const singles = ["request", "run", "runbook", "platform", "step", "action", "irreversible"] as const;
const later = ["digest", "requester", "host", "created", "expires"] as const;
const lists = { covers: "also", preview: "preview", keys: "requester-key" } as const;

export function newRequestId(): string {
  return `APR-${randomBytes(4).toString("hex")}`;
}

/** A value as it stands in the block: on one line, with nothing in it that could steer a terminal. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, " ").trim());
}

/** The text that is signed, a field a line: independent of how the block was wrapped, quoted or indented. */
export function bodyOf(request: ApprovalRequest): string {
  const line = (name: string, value: string | undefined): readonly string[] =>
    value === undefined || value === "" ? [] : [`${name}: ${oneLine(value)}`];
  const each = (name: keyof typeof lists): readonly string[] =>
    request[name].flatMap((value) => line(lists[name], value));
  return [
    "version: 1",
    ...singles.slice(0, 6).flatMap((name) => line(name, request[name])),
    ...each("covers"),
    ...each("preview"),
    ...line("irreversible", request.irreversible),
    ...later.slice(0, 3).flatMap((name) => line(name, request[name])),
    ...each("keys"),
    ...line("signed-by", request.signer),
    ...line("signed-with", request.signerKey),
    ...later.slice(3).flatMap((name) => line(name, request[name])),
  ].join("\n");
}

/** The block, its long lines wrapped: a line that begins with `+` follows after a space, with `&` after none. */
export function writeRequest(request: ApprovalRequest): string {
  const { signature } = request;
  const lines = [
    ...bodyOf(request).split("\n"),
    // Without its padding: `…pw=` before a line's end reads as a name and its secret, and would be hidden.
    ...(signature === undefined ? [] : [`signature: ${signature.replace(/=+$/, "")}`]),
  ];
  return [begin, ...lines.flatMap(wrap), `sum: ${sumOf(request)}`, end, ""].join("\n");
}

/** The very text that the one who asks signs. */
export function askedText(request: ApprovalRequest): string {
  return `lav-ir request 1\n${bodyOf(request)}\n`;
}

/** Finds the block in a text, however it was quoted on its way. @returns a sentence when there is none that holds. */
export function readRequest(text: string): Result<ApprovalRequest, string> {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0) return fail("no approval request in this text");
  if (to < from) return fail("the approval request is truncated: its last line is missing");
  const lines: string[] = [];
  for (const raw of text.slice(from + begin.length, to).split("\n")) {
    const line = raw.replace(/^[>\s]+/, "").trimEnd();
    const last = lines.length - 1;
    if (line === "") continue;
    if (line.startsWith("+ ") && last >= 0) lines[last] += ` ${line.slice(2)}`;
    else if (line.startsWith("& ") && last >= 0) lines[last] += line.slice(2);
    else lines.push(line);
  }
  return readLines(lines);
}

function readLines(lines: readonly string[]): Result<ApprovalRequest, string> {
  const fields = lines.map((line) => {
    const [, name = "", value = ""] = /^([a-z-]+): (.*)$/.exec(line) ?? [];
    return { name, value };
  });
  const one = (name: string): string => fields.find((field) => field.name === name)?.value ?? "";
  const all = (name: string): readonly string[] =>
    fields.flatMap((field) => (field.name === name ? [field.value] : []));
  const version = one("version");
  if (version !== "1" && version !== "")
    return fail(
      `the approval request has version ${oneLine(version)}, which this lav-ir cannot read; upgrade it`,
    );
  const maybe = (name: string): string | undefined => (one(name) === "" ? undefined : one(name));
  const request: ApprovalRequest = {
    request: one("request"),
    run: one("run"),
    runbook: one("runbook"),
    platform: one("platform"),
    step: one("step"),
    action: one("action"),
    covers: all(lists.covers),
    preview: all(lists.preview),
    irreversible: maybe("irreversible"),
    digest: one("digest"),
    requester: one("requester"),
    host: one("host"),
    keys: all(lists.keys),
    signer: maybe("signed-by"),
    signerKey: maybe("signed-with"),
    signature: padded(maybe("signature")),
    created: one("created"),
    expires: one("expires"),
  };
  // Written again, it must be what was read: so nothing can stand in it that is not shown and signed.
  const body = bodyOf(request);
  const read = lines.filter((line) => !/^(sum|signature): /.test(line)).join("\n");
  if (body !== read || one("sum") !== sumOf(request))
    return fail("the approval request is damaged: its checksum does not match; ask for it again");
  if (!/^[0-9a-f]{64}$/.test(request.digest) || Number.isNaN(Date.parse(request.expires)))
    return fail("the approval request lacks its digest or its expiry");
  return ok(request);
}

function padded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("base64");
}

function sumOf(request: ApprovalRequest): string {
  const text = `${bodyOf(request)}${request.signature === undefined ? "" : `\n${request.signature}`}`;
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

const width = 76;

function wrap(line: string): readonly string[] {
  const lines: string[] = [];
  let [rest, prefix] = [line, ""];
  while (prefix.length + rest.length > width) {
    const room = width - prefix.length;
    const space = rest.lastIndexOf(" ", room);
    // The field's name stays with the beginning of its value.
    const at = space > 24 ? space : room;
    lines.push(prefix + rest.slice(0, at));
    const spaced = rest[at] === " ";
    rest = rest.slice(spaced ? at + 1 : at);
    prefix = spaced ? "+ " : "& ";
  }
  return [...lines, prefix + rest];
}
