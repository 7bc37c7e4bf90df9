import { generateKeyPairSync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { signatureBlob, sshPublicKey } from "../../src/ssh/sshsig.ts";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { readGrant, writeGrant } from "../../src/approval/grant.ts";
import { oneLine, readRequest, writeRequest, type ApprovalRequest } from "../../src/approval/request.ts";
import { cases } from "../cases.ts";

const request: ApprovalRequest = {
  request: "APR-0a1b2c3d",
  run: "RUN-20260131-141502-3fa9",
  runbook: "trading-resume (sha256 ab12)",
  platform: "lav-adaf PRODUCTION, environment eu",
  step: "reduce_only",
  action: "trading.resume: lets orders through that reduce a position",
  covers: ["one_venue: trading.resume: lets all orders through to ATLAS"],
  preview: ["2 instances", "halted by alice@desk"],
  irreversible: "what is traded stays traded",
  digest: "ab".repeat(32),
  requester: "alice",
  host: "desk",
  keys: ["SHA256:abc"],
  signer: undefined,
  signerKey: undefined,
  signature: undefined,
  created: "2026-01-31T14:15:02.000Z",
  expires: "2026-01-31T14:30:02.000Z",
};

test("nothing in a signed request looks like a secret, whatever the signature ends in", () => {
  // Base64 has letters enough for a name, and its padding makes an assignment of it: `…/pwdgg4=`, the next line its secret.
  for (const name of ["/pwdgg4=", "/tokenA=", "secretA="]) {
    const signature = `${randomBytes(90).toString("base64")}${name}`;
    const text = writeRequest({ ...request, signer: "alice", signerKey: "SHA256:abc", signature });
    expect(createRedactor([]).text(text)).toBe(text);
    const read = readRequest(text);
    expect(read.ok && Buffer.from(read.value.signature ?? "", "base64")).toEqual(
      Buffer.from(signature, "base64"),
    );
  }
});

test("no signature and no key of SSH looks like a vendor's token", () => {
  const redactor = createRedactor([]);
  for (let keys = 0; keys < 200; keys++) {
    const { privateKey } = generateKeyPairSync("ed25519");
    const signature = signatureBlob(privateKey, randomBytes(32), "lav-ir-approval-request").toString(
      "base64",
    );
    const text = writeRequest({ ...request, signer: "alice", signerKey: "SHA256:abc", signature });
    const key = `ssh-ed25519 ${sshPublicKey(privateKey).toString("base64")} alice`;
    expect(redactor.text(`${text}\n${key}`)).toBe(`${text}\n${key}`);
  }
});

test("a request is a block that reads as what it is", () => {
  expect(writeRequest(request).replace(/sum: [0-9a-f]{16}/, "sum: SUM")).toBe(
    [
      "-----BEGIN LAV-IR APPROVAL REQUEST-----",
      "version: 1",
      "request: APR-0a1b2c3d",
      "run: RUN-20260131-141502-3fa9",
      "runbook: trading-resume (sha256 ab12)",
      "platform: lav-adaf PRODUCTION, environment eu",
      "step: reduce_only",
      "action: trading.resume: lets orders through that reduce a position",
      "also: one_venue: trading.resume: lets all orders through to ATLAS",
      "preview: 2 instances",
      "preview: halted by alice@desk",
      "irreversible: what is traded stays traded",
      `digest: ${"ab".repeat(32)}`,
      "requester: alice",
      "host: desk",
      "requester-key: SHA256:abc",
      "created: 2026-01-31T14:15:02.000Z",
      "expires: 2026-01-31T14:30:02.000Z",
      "sum: SUM",
      "-----END LAV-IR APPROVAL REQUEST-----",
      "",
    ].join("\n"),
  );
});

const words = fc.string({ unit: "binary", maxLength: 300 }).map(oneLine);
const filled = words.filter((text) => text !== "");

test("whatever stands in it comes back, however it was quoted and its line ends changed", () => {
  const quotes = fc.constantFrom("", "> ", "  ", ">> ");
  fc.assert(
    fc.property(
      filled,
      fc.array(filled, { maxLength: 4 }),
      quotes,
      fc.boolean(),
      (action, preview, quote, crlf) => {
        const whole = { ...request, action, preview };
        const lines = writeRequest(whole).split("\n");
        const text = `Please look:\n${lines.map((line) => quote + line).join(crlf ? "\r\n" : "\n")}\nthanks`;
        expect(readRequest(text)).toEqual({ ok: true, value: whole });
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
      },
    ),
    cases(300),
  );
});

test("any changed character is found, or changes nothing that is read", () => {
  const block = writeRequest(request);
  fc.assert(
    fc.property(fc.nat(block.length - 1), fc.constantFrom("x", "0", " ", "\n", ":", ">"), (at, put) => {
      const read = readRequest(block.slice(0, at) + put + block.slice(at + 1));
      if (read.ok) expect(read.value).toEqual(request);
      else expect(read.failure).toMatch(/^(the|no) approval request/);
    }),
    cases(1000),
  );
});

test.each([
  ["nothing", "hello", "no approval request in this text"],
  [
    "a half",
    writeRequest(request).slice(0, 300),
    "the approval request is truncated: its last line is missing",
  ],
  [
    "a later version",
    writeRequest(request).replace("version: 1", "version: 2"),
    "the approval request has version 2, which this lav-ir cannot read; upgrade it",
  ],
])("%s is one clear sentence", (_what, text, failure) => {
  expect(readRequest(text)).toEqual({ ok: false, failure });
});

const grant = {
  request: "APR-0a1b2c3d",
  digest: "ab".repeat(32),
  approver: "bob",
  login: "bob",
  host: "desk-2",
  signed: "2026-01-31T14:20:00.000Z",
  signature: Buffer.from("SSHSIG and so on").toString("base64"),
};

test("an approval is one line, and is read although a mail program broke it", () => {
  const line = writeGrant(grant);
  expect(line).toMatch(/^lav-ir-approval\.1\.[\w-]+\.[\w-]+\.$/);
  const broken = line.replaceAll(/.{60}/g, (piece) => `${piece}\n> `);
  expect(readGrant(`Here:\n> ${broken}\n`)).toEqual({ ok: true, value: grant });
});

test.each([
  ["nothing", "yes", "no approval in this text; lav-ir approve prints one"],
  [
    "a half",
    writeGrant(grant).slice(0, 100),
    "the approval is truncated; paste the whole line, to its last dot",
  ],
  [
    "a later version",
    "lav-ir-approval.2.YQ.YQ.",
    "the approval has version 2, which this lav-ir cannot read; upgrade it",
  ],
  ["a strange one", "lav-ir-approval.1.YQ.YQ.", "the approval is damaged or truncated; ask for it again"],
])("an approval that is %s is one clear sentence", (_what, text, failure) => {
  expect(readGrant(text)).toEqual({ ok: false, failure });
});
