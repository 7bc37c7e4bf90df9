import { readFile } from "node:fs/promises";
import { fail, ok, type Result } from "../../base/result.ts";
import { bagitText, custodyFile, manifest, readManifest, tagFiles, tagManifest } from "./bag.ts";
import { walkBundle, type Walked } from "./bundle.ts";
import { Contents, parse } from "./contents.ts";
import { boundBy, brokenCustody } from "./custody.ts";
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
  /** The head of its chain of custody. */
  readonly custody: string | undefined;
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
  const found = [...contents.problems, ...checkManifests(contents), ...checkOwn(contents, snapshot)];
  const problems = [
    ...(digest === "differs" ? [{ type: "digest", path: "" } as const] : []),
    ...found,
    ...checkBound(contents, snapshot, new Set(found.map((one) => one.path))),
  ];
  return ok({
    path,
    sha256: walked.value.sha256.toString("hex"),
    problems,
    digest,
    signer: await checkSigner(path, walked.value, trusted),
    completeness: snapshot?.verdict,
    snapshot,
    custody: boundBy(contents.texts.get(custodyFile) ?? "")?.head ?? snapshot?.custody,
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
    return { verdict: "invalid", why: "the signature is for another file" };
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
  const custody = contents.texts.get(custodyFile);
  if (
    custody !== undefined &&
    (brokenCustody(custody) !== undefined || !custody.includes(`"sum":"${snapshot?.custody ?? ""}"`))
  ) {
    problems.push({ type: "custody", path: custodyFile });
  }
  return problems;
}

/**
 * The last row of the chain of custody has the digest of the manifest, the number of its entries and the digests of
 * the bag's own files. Manifests can be made anew around what was dropped or edited; the chain would then have
 * another head than the one on record.
 * @param known paths that something is wrong with already
 */
function checkBound(
  contents: Contents,
  snapshot: SnapshotRow | undefined,
  known: ReadonlySet<string>,
): readonly Problem[] {
  const custody = contents.texts.get(custodyFile);
  if (custody === undefined || known.has(custodyFile)) return [];
  const last = boundBy(custody);
  if (last === undefined || last.prev !== snapshot?.custody) return [{ type: "unbound", path: custodyFile }];
  const { manifest: digest, entries, files } = last.bound;
  const own = typeof files === "object" && files !== null ? Object.entries(files) : [];
  const changed = own.flatMap(([path, hash]) => (contents.files.get(path)?.hash === hash ? [] : [path]));
  const unbound = tagFiles.filter((path) => path !== custodyFile && !own.some(([name]) => name === path));
  const payload = readManifest(contents.texts.get(manifest) ?? "");
  const whole = contents.files.get(manifest)?.hash === digest && payload?.size === entries;
  return [...changed, ...unbound, ...(whole ? [] : [manifest])]
    .filter((path) => !known.has(path))
    .map((path) => ({ type: "unbound", path }));
}
