import { createPrivateKey } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { signedHead } from "../../src/store/heads.ts";
import { headsFile } from "../../src/store/layout.ts";
import { readJournal } from "../../src/store/journal-record.ts";
import { genesis, sealed } from "../../src/store/chain.ts";

export interface Record {
  readonly type: string;
  readonly time: string;
  readonly actor: string;
  readonly data: Readonly<{ [name: string]: unknown }>;
}

/** Rewrites a journal as somebody would who knows its format: every number and sum fits afterwards. */
export function forge(path: string, change: (records: readonly Record[]) => readonly Record[]): void {
  const records = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record);
  let prev = genesis;
  const lines = change(records).map((record, index) => {
    const { sum: _sum, ...rest } = record as Record & { readonly sum?: string };
    const { line, sum } = sealed(JSON.stringify({ ...rest, seq: index + 1, prev }));
    prev = sum;
    return `${line}\n`;
  });
  writeFileSync(path, lines.join(""));
}

/** Forges as somebody would who has the desk's key as well: the newest head is signed anew, the others are gone. */
export function forgeSigned(path: string, change: (records: readonly Record[]) => readonly Record[]): void {
  forge(path, change);
  const { head: sum, length: seq } = readJournal(path);
  const key = createPrivateKey(readFileSync(join(path, "..", "..", "..", "desk", "key")));
  writeFileSync(headsFile(path), signedHead({ desk: "forged", seq, sum }, key));
}

/** Changes the data of every record of a type. */
export function withData(
  records: readonly Record[],
  type: string,
  change: (data: Record["data"]) => Record["data"],
): readonly Record[] {
  return records.map((one) => (one.type === type ? { ...one, data: change(one.data) } : one));
}
