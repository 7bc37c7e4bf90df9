import { createPrivateKey, createHash, generateKeyPairSync, type KeyObject } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { failureText } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { createState, readState, writeStateSync } from "../../store/state-file.ts";
import type { Ports } from "../../ports/ports.ts";
import type { Sealing } from "../../evidence/bundle/seal.ts";
import { holdsFor, namespace, readSshSignature, sshPublicKey, sshSignature } from "../../ssh/sshsig.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { allowedSignersFile, signingKeyFile } from "../../store/layout.ts";
import { stateFolder } from "../context/state-folder.ts";

/** A key file of the operator's, to sign with instead of the one made for this installation. */
const variable = "LAV_IR_SIGNING_KEY";

/** Milliseconds for ssh-keygen to read and sign a file; a key behind a passphrase must not ask for it. */
const patience = 300_000;

/** How a sealed file is signed: with the configured key through ssh-keygen, else with the installation's. */
export function signer(world: World, options: GlobalOptions, ports: Ports): Sealing["sign"] {
  const configured = world.env[variable];
  if (configured !== undefined && configured !== "") {
    return (path, digest) => signWith(configured, world, ports, path, digest);
  }
  return async (_path, digest) => {
    try {
      return ok(sshSignature(await installationKey(world, options), digest));
    } catch (error) {
      return fail(
        `cannot use the installation's key: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
}

/** Bytes of a private key's file. */
const longestKey = 16_384;

/** Made on first use; two processes that make it at once end up with the same one. */
async function installationKey(world: World, options: GlobalOptions): Promise<KeyObject> {
  const root = stateFolder(world, options);
  const path = signingKeyFile(root);
  const standing = await readState(path, longestKey, { root, links: 2 });
  if (standing !== undefined) return createPrivateKey(standing);
  const { privateKey } = generateKeyPairSync("ed25519");
  createState(path, privateKey.export({ type: "pkcs8", format: "pem" }), { root, whole: true });
  const key = createPrivateKey((await readState(path, longestKey, { root, links: 2 })) ?? "");
  // What ssh-keygen -Y verify wants to be given, for whoever checks a snapshot without this tool.
  const line = `lav-ir@${world.host} namespaces="${namespace}" ${publicLine(key)}\n`;
  writeStateSync(allowedSignersFile(root), line, { root });
  return key;
}

function publicLine(key: KeyObject): string {
  return `ssh-ed25519 ${sshPublicKey(key).toString("base64")}`;
}

async function signWith(
  key: string,
  world: World,
  ports: Ports,
  path: string,
  sha256: Buffer,
): Promise<Result<string, string>> {
  const agent = world.env["SSH_AUTH_SOCK"];
  const ran = await ports.process.run({
    command: ["ssh-keygen", "-Y", "sign", "-q", "-f", key, "-n", namespace, path],
    env: { SSH_ASKPASS_REQUIRE: "never", ...(agent === undefined ? {} : { SSH_AUTH_SOCK: agent }) },
    maxBytes: 4096,
    signal: AbortSignal.timeout(patience),
  });
  if (!ran.ok) return fail(`${variable}: ${failureText(ran.failure)}`);
  if (ran.value.exitCode !== 0)
    return fail(`${variable}: ssh-keygen: ${ran.value.stderr.trim().split("\n")[0] ?? ""}`);
  const text = await readFile(`${path}.sig`, "utf8");
  await rm(`${path}.sig`, { force: true });
  const signature = readSshSignature(text);
  if (typeof signature === "string") return fail(`${variable}: ${signature}`);
  const digest = signature.hash === "sha256" ? sha256 : await sha512(path);
  return holdsFor(signature, digest)
    ? ok(text)
    : fail(`${variable}: the signature of ssh-keygen is not valid`);
}

async function sha512(path: string): Promise<Buffer> {
  const hash = createHash("sha512");
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest();
}

/** Public keys, in base64, whose signatures are taken as ours, with who they are. */
export async function trustedKeys(
  world: World,
  options: GlobalOptions,
  signers: string | undefined,
): Promise<Result<ReadonlyMap<string, string>, string>> {
  const trusted = new Map<string, string>();
  const root = stateFolder(world, options);
  const own = await readState(signingKeyFile(root), longestKey, { root, links: 2 });
  if (own !== undefined) {
    trusted.set(sshPublicKey(createPrivateKey(own)).toString("base64"), "this installation");
  }
  const configured = world.env[variable];
  const beside =
    configured === undefined
      ? undefined
      : await readFile(`${configured.replace(/\.pub$/, "")}.pub`, "utf8").catch(() => undefined);
  for (const [key, name] of keysIn(beside ?? "")) trusted.set(key, name === "" ? variable : name);
  if (signers === undefined) return ok(trusted);
  try {
    for (const [key, name] of keysIn(await readFile(signers, "utf8"))) trusted.set(key, name);
    return ok(trusted);
  } catch {
    return fail(`cannot read the signers from ${signers}`);
  }
}

/** Lines of an allowed_signers or a .pub file: the principal, or the comment, names the key. */
function keysIn(text: string): readonly (readonly [string, string])[] {
  return text.split("\n").flatMap((line) => {
    const [, before = "", key, after = ""] =
      /^(?!#)(.*?)\bssh-ed25519\s+([\w+/]+=*)\s*(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, before.trim().split(/\s/)[0] || after.trim()] as const];
  });
}
