import { readFile } from "node:fs/promises";
import { fail, ok, type Result } from "../../base/result.ts";
import { bagitText, manifest, readManifest, tagFiles, tagManifest } from "./bag.ts";
import { walkBundle, type Walked } from "./bundle.ts";
import { Contents, parse } from "./contents.ts";
import { brokenCustody } from "./custody.ts";
import type { Problem } from "./problem.ts";
import type { SnapshotRow } from "./rows.ts";
import { isSnapshotRow } from "./rows-read.ts";
import { fingerprintOf, holdsFor, readSshSignature } from "../../ssh/sshsig.ts";

/** Who vouches for a sealed file. `key` is as ssh-keygen -l shows it. */
export type Signer =
  | { readonly verdict: "trusted"; readonly name: string; readonly key: string }
  | { readonly verdict: "another"; readonly key: string }
  | { readonly verdict: "none" }
  | { readonly verdict: "invalid"; readonly why: string };

/** Three verdicts that say nothing of each other: a whole bag may be signed by a stranger, and be partial. */
export interface VerifiedBundle {
  readonly path: string;
  readonly sha256: string;
  readonly problems: readonly Problem[];
  /** There is a .sha256 beside it, and it is of this file. */
  readonly digest: "matches" | "differs" | "absent";
  readonly signer: Signer;
  /** Undefined when it does not say. */
  readonly completeness: "complete" | "partial" | undefined;
  readonly snapshot: SnapshotRow | undefined;
}

/** @param trusted who may sign, by their public key in base64. */
export async function verifySnapshot(
  path: string,
  trusted: ReadonlyMap<string, string>,
): Promise<Result<VerifiedBundle, string>> {
  const contents = new Contents();
  const walked = await walkBundle(path, contents);
  if (!walked.ok) return fail(walked.failure);
  const digest = await checkDigest(path, walked.value);
  const snapshot = snapshotOf(contents);
  const problems = [
    ...(digest === "differs" ? [{ type: "digest", path: "" } as const] : []),
    ...contents.problems,
    ...checkManifests(contents),
    ...checkOwn(contents, snapshot),
  ];
  return ok({
    path,
    sha256: walked.value.sha256.toString("hex"),
    problems,
    digest,
    signer: await checkSigner(path, walked.value, trusted),
    completeness: snapshot?.verdict,
    snapshot,
  });
}

function besideOf(path: string, ending: string): string {
  return `${path.replace(/\.tar\.gz$/, "")}${ending}`;
}

async function checkDigest(path: string, walked: Walked): Promise<VerifiedBundle["digest"]> {
  const text = await readFile(besideOf(path, ".sha256"), "utf8").catch(() => undefined);
  if (text === undefined) return "absent";
  return text.split(/\s/)[0] === walked.sha256.toString("hex") ? "matches" : "differs";
}

async function checkSigner(
  path: string,
  walked: Walked,
  trusted: ReadonlyMap<string, string>,
): Promise<Signer> {
  const text = await readFile(besideOf(path, ".sig"), "utf8").catch(() => undefined);
  if (text === undefined) return { verdict: "none" };
  const signature = readSshSignature(text);
  if (typeof signature === "string") return { verdict: "invalid", why: signature };
  if (!holdsFor(signature, walked[signature.hash])) {
    return { verdict: "invalid", why: "the signature is not of this file" };
  }
  const key = fingerprintOf(signature.publicKey);
  const name = trusted.get(signature.publicKey);
  return name === undefined ? { verdict: "another", key } : { verdict: "trusted", name, key };
}

export function snapshotOf(contents: Contents): SnapshotRow | undefined {
  const row = parse(contents.texts.get("snapshot.json") ?? "");
  return isSnapshotRow(row) ? row : undefined;
}

function checkManifests(contents: Contents): readonly Problem[] {
  const payload = readManifest(contents.texts.get(manifest) ?? "");
  const tags = readManifest(contents.texts.get(tagManifest) ?? "");
  if (payload === undefined) return [{ type: "unreadable", path: manifest }];
  if (tags === undefined) return [{ type: "unreadable", path: tagManifest }];
  const wanted = new Map([...payload, ...tags]);
  const byHash = new Map([...wanted].map(([path, hash]) => [hash, path]));
  const problems: Problem[] = [];
  for (const [path, hash] of wanted) {
    const found = contents.files.get(path);
    if (found === undefined) problems.push({ type: "missing", path });
    else if (found.hash !== hash) {
      const type = found.begins === hash ? "appended" : byHash.has(found.hash) ? "swapped" : "changed";
      problems.push({ type, path });
    }
  }
  for (const path of contents.files.keys()) {
    const known = path.startsWith("data/") ? payload.has(path) : tags.has(path) || path === tagManifest;
    if (!known) problems.push({ type: "extra", path });
  }
  for (const path of [...tagFiles, manifest]) {
    if (!tags.has(path)) problems.push({ type: "missing", path });
  }
  if (!contents.files.has(tagManifest)) problems.push({ type: "missing", path: tagManifest });
  return problems;
}

/** What the bag's own files say must agree with each other. */
function checkOwn(contents: Contents, snapshot: SnapshotRow | undefined): readonly Problem[] {
  const problems: Problem[] = [];
  if (contents.files.has("bagit.txt") && contents.texts.get("bagit.txt") !== bagitText) {
    problems.push({ type: "unreadable", path: "bagit.txt" });
  }
  if (contents.files.has("snapshot.json") && (snapshot === undefined || snapshot.name !== contents.folder)) {
    problems.push({ type: "unreadable", path: "snapshot.json" });
  }
  const custody = contents.texts.get("custody.jsonl");
  if (
    custody !== undefined &&
    (brokenCustody(custody) !== undefined || !custody.includes(`"sum":"${snapshot?.custody ?? ""}"`))
  ) {
    problems.push({ type: "custody", path: "custody.jsonl" });
  }
  return problems;
}
