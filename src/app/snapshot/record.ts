import { basename } from "node:path";
import type { Result } from "../../base/result.ts";
import type { KeptSnapshot } from "../../evidence/bundle/kept-snapshots.ts";
import type { NotSealed, Taken } from "../../evidence/capture/snapshot.ts";
import type { VerifiedBundle } from "../../evidence/bundle/verify.ts";
import type { JournalRecord } from "../../events/record.ts";
import type { SnapshotData } from "../../events/snapshot-record.ts";
import type { JournalLine } from "../../store/journal-record.ts";
import { snapshotRecordFolder } from "../../store/layout.ts";
import type { Sealing } from "../../store/sealings.ts";
import { storeOf } from "../context/store.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { stateFolder } from "../context/state-folder.ts";

/** The digest goes into the incident's journal, or into that of the snapshots outside of one. */
export async function recordSealing(
  world: World,
  options: GlobalOptions,
  incident: string | undefined,
  result: Result<Taken, NotSealed>,
): Promise<void> {
  // A snapshot that nobody could note down is still one.
  await record(
    world,
    options,
    incident,
    result.ok
      ? { type: "snapshot.sealed", data: sealingOf(result.value) }
      : { type: "snapshot.failed", data: result.failure },
  );
}

/** That a snapshot is about to be removed. @returns whether it could be noted down. */
export async function recordRemoval(
  world: World,
  options: GlobalOptions,
  incident: string | undefined,
  { name, path, bytes, taken }: KeptSnapshot,
): Promise<boolean> {
  const data = { snapshot: name, path, bytes, taken: taken.toISOString() };
  return await record(world, options, incident, { type: "snapshot.removed", data });
}

async function record(
  world: World,
  options: GlobalOptions,
  incident: string | undefined,
  kept: JournalRecord,
): Promise<boolean> {
  const of = incident === undefined ? "snapshots" : { incident };
  try {
    const journal = await storeOf(world, options).journal(of);
    try {
      await journal.append(kept, { sync: true });
    } finally {
      journal.close();
    }
    return true;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const folder = snapshotRecordFolder(stateFolder(world, options), incident);
    world.stderr.write(`cannot write the journal in ${folder}: ${why}\n`);
    return false;
  }
}

function sealingOf({ sealed, snapshot, custody }: Taken): SnapshotData<"snapshot.sealed"> {
  const { path, sha256, bytes, key } = sealed;
  const { name, verdict } = snapshot;
  return { snapshot: name, path, sha256, bytes, verdict, custody, ...(key === undefined ? {} : { key }) };
}

interface Where {
  readonly journal: string;
  readonly time: string;
  readonly actor: string;
}

/** What the journals of this machine say of a sealed file. */
export type Recorded =
  | ({ readonly verdict: "matches" } & Where)
  /** The file is the one recorded, and the signature beside it is not: `key` is the one that signed it then. */
  | ({ readonly verdict: "resigned"; readonly key: string } & Where)
  /** `sha256` is what was sealed; `chain` whether the file at least has the chain of custody that was. */
  | ({ readonly verdict: "differs"; readonly sha256: string; readonly chain: "same" | "another" } & Where)
  /** It is spoken of in a journal only behind the first record that does not hold. */
  | { readonly verdict: "broken"; readonly journal: string; readonly why: string }
  | { readonly verdict: "absent" };

export async function recordedOf(
  world: World,
  options: GlobalOptions,
  verified: VerifiedBundle,
): Promise<Recorded> {
  const name = verified.snapshot?.name ?? basename(verified.path).replace(/\.tar\.gz$/, "");
  const incident = verified.snapshot?.incident ?? undefined;
  let broken: Recorded | undefined;
  for (const { journal, sealings, problem } of await storeOf(world, options).sealings(name, incident)) {
    const [first] = sealings;
    const same = sealings.find(({ data }) => data.sha256 === verified.sha256);
    if (same !== undefined) return matching(verified, journal, same);
    if (first !== undefined) {
      const chain = first.data.custody === verified.custody ? "same" : "another";
      return { verdict: "differs", sha256: first.data.sha256, chain, ...where(journal, first) };
    }
    if (problem !== undefined) {
      broken ??= { verdict: "broken", journal, why: `line ${problem.line} ${problem.message}` };
    }
  }
  return broken ?? { verdict: "absent" };
}

function matching({ signer }: VerifiedBundle, journal: string, record: Sealing): Recorded {
  const { key } = record.data;
  const now = signer.verdict === "trusted" || signer.verdict === "another" ? signer.key : undefined;
  if (key !== undefined && now !== undefined && now !== key) {
    return { verdict: "resigned", key, ...where(journal, record) };
  }
  return { verdict: "matches", ...where(journal, record) };
}

function where(journal: string, { time, actor }: JournalLine): Where {
  return { journal, time, actor };
}
