import { createHash } from "node:crypto";

/** The bag's own files besides its manifests, in the order they stand in it. */
export const tagFiles = [
  "bagit.txt",
  "bag-info.txt",
  "snapshot.json",
  "collectors.jsonl",
  "redactions.jsonl",
  "custody.jsonl",
  "report.html",
] as const;

/** Written when the rest of the bag is known: its last row binds all of it. */
export const custodyFile = "custody.jsonl";
export const manifest = "manifest-sha256.txt";
export const tagManifest = "tagmanifest-sha256.txt";

export const bagitText = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

export interface BagInfo {
  readonly agent: string;
  readonly date: Date;
  readonly incident: string | undefined;
  readonly id: string;
  readonly description: string;
  /** Of the files below data/. */
  readonly bytes: number;
  readonly files: number;
}

export function bagInfoText({ agent, date, incident, id, description, bytes, files }: BagInfo): string {
  const rows: readonly (readonly [string, string])[] = [
    ["Bag-Software-Agent", agent],
    ["Bagging-Date", date.toISOString().slice(0, 10)],
    ["External-Identifier", id],
    ["External-Description", description],
    ...(incident === undefined ? [] : [["Internal-Sender-Identifier", incident] as const]),
    ["Payload-Oxum", `${bytes}.${files}`],
  ];
  // A value that held a line's end would be another row.
  return rows.map(([name, value]) => `${name}: ${value.replaceAll(/\s+/g, " ")}\n`).join("");
}

/** Hash and path by row, sorted: the same files always make the same text. */
export function manifestText(hashes: ReadonlyMap<string, string>): string {
  return [...hashes]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, hash]) => `${hash}  ${path}\n`)
    .join("");
}

/** @returns hashes by path; undefined when a row is none, or a path stands there twice. */
export function readManifest(text: string): ReadonlyMap<string, string> | undefined {
  const hashes = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, hash, path] = /^([0-9a-f]{64}) [ *](\S.*)$/.exec(line) ?? [];
    if (hash === undefined || path === undefined || hashes.has(path)) return undefined;
    hashes.set(path, hash);
  }
  return hashes;
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
