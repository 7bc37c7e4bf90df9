import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { JournalRecord } from "../../src/events/record.ts";
import type { Clock } from "../../src/ports/ports.ts";
import { deskKey } from "../../src/store/desk.ts";
import { headsProblem, readSigned } from "../../src/store/heads.ts";
import { headsFile } from "../../src/store/layout.ts";
import { readJournal } from "../../src/store/journal-record.ts";
import { openJournal, type OpenJournal } from "../../src/store/journal.ts";
import { forge } from "../cli/forge.ts";
import { temporaryFolder } from "../program.ts";

// A journal whose sums all hold may still be another than the one that was written: heads tell.

const clock: Clock = {
  now: () => new Date(Date.UTC(2026, 0, 31, 14, 15, 2, 7)),
  monotonic: () => 1234.6,
  sleep: () => Promise.resolve(),
};

let state: string;
let path: string;
beforeEach(async () => {
  state = join(temporaryFolder(), "state");
  path = await written([started, intent("one"), started, intent("two"), started]);
});

async function opened(): Promise<OpenJournal> {
  const folder = join(state, "runs", "RUN-1");
  return await openJournal({ folder, root: state, actor: "ana", host: "NY1.example", clock, shared: false });
}

/** @returns the journal's path */
async function written(records: readonly JournalRecord[]): Promise<string> {
  const journal = await opened();
  for (const record of records) await journal.append(record, { sync: true });
  journal.close();
  return journal.path;
}

const place = { run: "RUN-1", step: "act", section: "steps" } as const;
const started: JournalRecord = {
  type: "step.started",
  data: { ...place, title: "Act", kind: "http.post", effect: "change", action: "act" },
};
const intent = (key: string): JournalRecord => ({
  type: "step.intent",
  data: { ...place, key, action: "act", args: {}, digest: "d", idempotency_key: "i" },
});
const end: JournalRecord = {
  type: "run.finished",
  data: {
    run: "RUN-1",
    outcome: "completed",
    exit_code: 0,
    message: "every step completed",
    duration_ms: 5,
    journal: "j",
  },
};

const judged = () => readSigned(path, deskKey(state)).heads;
const lines = (file: string): readonly string[] => readFileSync(file, "utf8").split(/(?<=\n)/);
const keep = (file: string, count: number): void => writeFileSync(file, lines(file).slice(0, count).join(""));

describe("what is signed", () => {
  test("is each record of consent and of an end, by the desk that is called after its machine", async () => {
    await written([end]);
    const heads = lines(headsFile(path)).map((line) => line.split(" ").slice(0, 3));
    const { sums } = readJournal(path);
    expect(heads).toEqual([2, 4, 6].map((seq) => ["ny1", String(seq), sums[seq - 1]]));
    expect(judged()).toEqual({ verdict: "signed", to: 6 });
  });

  test("holds for ssh-keygen and sha256sum alone, as docs/records.md says", () => {
    const page = readFileSync(new URL("../../docs/records.md", import.meta.url), "utf8");
    const [, script = ""] = /```sh audit\n([\s\S]*?)```/.exec(page) ?? [];
    const folder = dirname(path);
    writeFileSync(
      join(folder, "allowed_signers"),
      `desk ${readFileSync(join(state, "desk", "key.pub"), "utf8")}`,
    );
    const run = () => spawnSync("sh", ["-eu", "-c", script], { cwd: folder, encoding: "utf8" });
    expect([run().stdout, run().status]).toEqual([
      expect.stringMatching(/^5 records, each sum holds\nGood "lav-ir-head" signature for desk with ED25519/),
      0,
    ]);
    keep(path, 3);
    expect(run().status).not.toBe(0);
  });
});

describe("is not believed", () => {
  const why = () => headsProblem(judged());

  test("when a change was put in and every sum made anew", () => {
    forge(path, (records) => records.map((one) => ({ ...one, actor: "eve" })));
    expect(readJournal(path).problem).toBeUndefined();
    expect(why()).toBe("the journal was rewritten: record 2 differs from the one that was signed");
  });

  test("when it was cut at a record's end", () => {
    keep(path, 3);
    expect(readJournal(path).problem).toBeUndefined();
    expect(why()).toBe("the journal was truncated: record 4 is signed, but only 3 records are left");
  });

  test("when its heads are gone", () => {
    rmSync(headsFile(path));
    expect(why()).toBe("signatures were removed: record 2 must be signed");
  });

  test.each([
    ["changed", (line: string) => line.replace("ny1", "ny2"), "head 1 was changed after it was signed"],
    ["no head", () => "garbage\n", "head 1 is not a signature"],
    [
      "cut",
      (line: string) => `${line.slice(0, 120)}\n`,
      "head 1 has no signature: it is not an Ed25519 signature",
    ],
  ])("when a head is %s", (_what, change, says) => {
    const [first = "", ...rest] = lines(headsFile(path));
    writeFileSync(headsFile(path), [change(first), ...rest].join(""));
    expect(why()).toContain(`${says.slice(0, 25)}`);
  });

  test("when another key signed it", () => {
    rmSync(join(state, "desk", "key"));
    expect(why()).toBe("head 1 is signed by a key that is not this desk's");
  });
});

describe("is believed", () => {
  test("when a process was killed between a record and its head", () => {
    keep(headsFile(path), 1);
    expect(judged()).toEqual({ verdict: "signed", to: 2 });
  });

  test("when one was killed while it wrote a head: the next is written in its place", async () => {
    appendFileSync(headsFile(path), "ny1 9 3fa9");
    expect(judged()).toEqual({ verdict: "signed", to: 4 });
    await written([end]);
    expect(judged()).toEqual({ verdict: "signed", to: 6 });
  });

  test("while somebody writes to it: a record may be there before its head", async () => {
    const journal = await opened();
    const seen = new Set<string>();
    for (let at = 0; at < 20; at++) {
      const written = journal.append(intent(String(at)), { sync: true }).then(() => true);
      // Until it is written, whatever stands there at each turn.
      for (let done = false; !done;) {
        seen.add(judged().verdict);
        done = await Promise.race([written, new Promise<false>((resolve) => setImmediate(resolve, false))]);
      }
    }
    journal.close();
    expect([...seen]).toEqual(["signed"]);
    expect(judged()).toEqual({ verdict: "signed", to: 25 });
  });

  test("when it began in format 1, and went on in format 2: one chain", async () => {
    rmSync(headsFile(path));
    forge(path, (records) => records.map((one) => ({ ...one, v: 1, desk: undefined, boot: undefined })));
    expect(judged()).toEqual({ verdict: "unsigned" });
    await written([intent("three"), end]);
    expect(readJournal(path)).toMatchObject({ problem: undefined, length: 7 });
    expect(judged()).toEqual({ verdict: "signed", to: 7 });
  });
});

test("a desk that cannot sign keeps a run from beginning a change, and no halt from being recorded", async () => {
  rmSync(join(state, "desk"), { recursive: true });
  mkdirSync(join(state, "desk", "key"), { recursive: true, mode: 0o700 });
  await expect(written([intent("three")])).rejects.toThrow(/desk\/key is a folder/);
  const folder = join(state, "halts", "HALT-1");
  const options = { folder, root: state, actor: "ana", host: "ny1", clock, shared: false };
  const journal = await openJournal({ ...options, evenUnsigned: true });
  await journal.append(intent("four"), { sync: true });
  journal.close();
  expect(readJournal(journal.path)).toMatchObject({ problem: undefined, length: 1 });
});

test("two that make the desk at once end up with one key", () => {
  expect(execFileSync("ls", [join(state, "desk")], { encoding: "utf8" })).toBe("desk.json\nkey\nkey.pub\n");
});
