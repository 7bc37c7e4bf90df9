import { fail, ok, type Result } from "../../base/result.ts";
import { walkBundle } from "./bundle.ts";
import { Contents } from "./contents.ts";
import { problemText } from "./problem.ts";
import type { CollectorRow, RedactionRow, SnapshotRow } from "./rows.ts";
import { isCollectorRow, isRedactionRow } from "./rows-read.ts";
import { snapshotOf } from "./verify.ts";

/** A sealed file as it is looked at: the bag's own rows, and what each of its files is. */
export interface ReadSnapshot {
  readonly path: string;
  readonly snapshot: SnapshotRow;
  readonly rows: readonly CollectorRow[];
  readonly redactions: readonly RedactionRow[];
  /** Hash and size of every file below data/. */
  readonly files: ReadonlyMap<string, { readonly hash: string; readonly size: number }>;
  /** Text of those that were wanted. */
  readonly texts: ReadonlyMap<string, string>;
  /** Something is wrong with the archive itself; `verify` says what. */
  readonly sound: boolean;
}

/** @returns why it cannot be read, as a sentence. */
export async function readSnapshot(
  path: string,
  wanted: (path: string, size: number) => boolean = () => false,
): Promise<Result<ReadSnapshot, string>> {
  const contents = new Contents(wanted);
  const walked = await walkBundle(path, contents);
  if (!walked.ok) return walked;
  const snapshot = snapshotOf(contents);
  if (snapshot === undefined) {
    const [first] = contents.problems;
    return fail(`${path} is not a snapshot${first === undefined ? "" : `: ${problemText(first)}`}`);
  }
  const texts = new Map([...contents.texts].filter(([name]) => name.startsWith("data/")));
  return ok({
    path,
    snapshot,
    rows: contents.rows<unknown>("collectors.jsonl").filter(isCollectorRow),
    redactions: contents.rows<unknown>("redactions.jsonl").filter(isRedactionRow),
    files: new Map([...contents.files].filter(([name]) => name.startsWith("data/"))),
    texts,
    sound: contents.problems.length === 0,
  });
}
