import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { expect, test } from "vitest";
import { readPublicKey } from "../../../src/ssh/key.ts";
import { approvalNamespace } from "../../../src/ports/signatures.ts";
import { createSignatures } from "../../../src/drivers/ssh-keygen/ssh-keygen.ts";
import { soon } from "../../patience.ts";
import { temporaryFolder } from "../../program.ts";

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const type = "sk-ssh-ed25519@openssh.com";
const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const raw = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
const blob = Buffer.concat([type, raw, "ssh:"].map((part) => field(part)));

/** What a hardware key answers, made by the same sums in software (PROTOCOL.u2f, PROTOCOL.sshsig of OpenSSH). */
function touched(message: string): string {
  const sha = (text: string | Buffer): Buffer => createHash("sha256").update(text).digest();
  const digest = createHash("sha512").update(message).digest();
  const what = [approvalNamespace, "", "sha512"].map((part) => field(part));
  const data = Buffer.concat([Buffer.from("SSHSIG"), ...what, field(digest)]);
  const counter = Buffer.from([1, 0, 0, 0, 7]);
  const signed = sign(undefined, Buffer.concat([sha("ssh:"), counter, sha(data)]), privateKey);
  const signature = Buffer.concat([field(type), field(signed), counter]);
  const version = Buffer.from([0, 0, 0, 1]);
  return Buffer.concat([Buffer.from("SSHSIG"), version, field(blob), ...what, field(signature)]).toString(
    "base64",
  );
}

test("a hardware key's signature holds, and for nothing but what was signed", async () => {
  const line = `${type} ${blob.toString("base64")} bob@token`;
  expect(readPublicKey(line)).toMatchObject({ type, comment: "bob@token" });
  const signatures = createSignatures(process.env, "nobody");
  const check = async (message: string, signature: string): Promise<boolean> =>
    (
      await signatures.verify({
        message,
        signature,
        person: "bob",
        keys: [line],
        signal: soon(),
      })
    ).ok;
  expect(await check("agreed", touched("agreed"))).toBe(true);
  expect(await check("something else", touched("agreed"))).toBe(false);
});

test("an agent that does not answer is not waited for, though memory is cleared meanwhile", async () => {
  const folder = temporaryFolder();
  const key = `${type} ${blob.toString("base64")} bob@token`;
  writeFileSync(join(folder, "ssh-add"), `#!/bin/sh\ntouch "${folder}/begun"\nsleep 20\necho '${key}'\n`);
  chmodSync(join(folder, "ssh-add"), 0o755);
  const env = { PATH: `${folder}:${process.env["PATH"]}`, HOME: folder, SSH_AUTH_SOCK: "/nowhere" };
  setFlagsFromString("--expose-gc");
  const clear = runInNewContext("gc") as () => void;
  const own = createSignatures(env, "nobody").own(new AbortController().signal);
  while (!existsSync(join(folder, "begun"))) await new Promise((resolve) => setTimeout(resolve, 5));
  clear();
  expect(await own).toEqual([]);
});
