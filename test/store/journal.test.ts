import { spawnSync } from "node:child_process";
import fs, {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  appendFileSync,
} from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/ports/ports.ts";
import type { JournalRecord } from "../../src/events/record.ts";
import { genesis, sealed } from "../../src/store/chain.ts";
import { readJournal } from "../../src/store/journal-record.ts";
import { JournalFault, openJournal, type OpenJournal } from "../../src/store/journal.ts";
import { bundled, start, temporaryFolder } from "../program.ts";

const clock: Clock = {
  now: () => new Date(Date.UTC(2026, 0, 31, 14, 15, 2, 7)),
  monotonic: () => 1234.6,
  sleep: () => Promise.resolve(),
};

async function opened(folder: string, shared = false): Promise<OpenJournal> {
  return await openJournal({ folder, actor: "ana", host: "ops-1", clock, shared });
}

const note = (text = "n"): JournalRecord => ({ type: "incident.note", data: { text } });

const preview = {
  run: "RUN-1",
  step: "act",
  section: "steps" as const,
  effect: "change" as const,
  action: "act",
  lines: [],
  digest: "d",
};

/** A journal with so many records, closed. @returns its path. */
async function written(count: number): Promise<string> {
  const journal = await opened(temporaryFolder());
  for (let index = 1; index <= count; index++) await journal.append(note(`n${index}`));
  journal.close();
  return journal.path;
}

describe("what is appended", () => {
  test("reads back in order, numbered, each tied to the one before", async () => {
    const journal = await opened(temporaryFolder());
    // Wider than a double holds: it is written digit for digit.
    const data = { ...preview, counters: { wide: 9007199254740993n as unknown as number } };
    const wide: JournalRecord = { type: "preview", data };
    await Promise.all([journal.append(wide), journal.append(note(), { sync: true })]);
    journal.close();
    const { records, head, problem, torn } = readJournal(journal.path);
    expect(problem).toBeUndefined();
    expect(torn).toBe(false);
    expect(records.map(({ seq, type, prev }) => [seq, type, prev])).toEqual([
      [1, "preview", genesis],
      [2, "incident.note", records[0]?.sum],
    ]);
    expect(head).toBe(records[1]?.sum);
    expect(records[0]).toMatchObject({
      v: 2,
      desk: "ops-1",
      boot: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
      time: "2026-01-31T14:15:02.007Z",
      mono: 1235,
      actor: "ana",
      host: "ops-1",
    });
    expect(readFileSync(journal.path, "utf8")).toContain('"wide":9007199254740993');
  });

  test("goes on where an earlier process left off", async () => {
    const path = await written(2);
    const again = await opened(join(path, ".."));
    await again.append(note("n3"));
    again.close();
    expect(readJournal(path)).toMatchObject({ problem: undefined, records: { length: 3 } });
  });

  test("is for the operator alone, whatever the folder and the file allowed before", async () => {
    const parent = temporaryFolder();
    const journal = await opened(join(parent, "incidents", "INC-1"));
    const kept = await journal.attach("runbook.yaml", "runbook: x\n");
    journal.close();
    expect(statSync(join(parent, "incidents")).mode & 0o777).toBe(0o700);
    expect(statSync(join(parent, "incidents", "INC-1")).mode & 0o777).toBe(0o700);
    expect(statSync(journal.path).mode & 0o777).toBe(0o600);
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    chmodSync(journal.path, 0o644);
    (await opened(join(parent, "incidents", "INC-1"))).close();
    expect(statSync(journal.path).mode & 0o777).toBe(0o600);
  });
});

describe("the chain", () => {
  test("finds every change of a single byte, and says in which record", async () => {
    const path = await written(3);
    const whole = readFileSync(path);
    const lineOf = (at: number): number => whole.subarray(0, at).filter((byte) => byte === 0x0a).length + 1;
    for (let at = 0; at < whole.length - 1; at++) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ (at % 2 === 0 ? 1 : 0x80);
      writeFileSync(path, changed);
      expect(readJournal(path).problem?.line, `byte ${at}`).toBe(lineOf(at));
    }
  });

  test("finds a record that was removed, moved or put in twice", async () => {
    const path = await written(4);
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    const [a = "", b = "", c = "", d = ""] = lines;
    for (const [order, first] of [
      [[b, c, d], 1],
      [[a, c, d], 2],
      [[a, b, d], 3],
      [[b, a, c, d], 1],
      [[a, c, b, d], 2],
      [[a, b, d, c], 3],
      [[a, a, b, c, d], 2],
    ] as const) {
      writeFileSync(path, order.map((line) => `${line}\n`).join(""));
      expect(readJournal(path).problem).toEqual({
        line: first,
        message: "does not follow from the record before it",
      });
    }
  });

  test("cut off at its end shows in its head", async () => {
    const path = await written(3);
    const { head } = readJournal(path);
    const lines = readFileSync(path, "utf8").split("\n");
    writeFileSync(path, `${lines.slice(0, 2).join("\n")}\n`);
    expect(readJournal(path)).toMatchObject({ problem: undefined, records: { length: 2 } });
    expect(readJournal(path).head).not.toBe(head);
  });

  test.each([
    ["not JSON", "is not a record"],
    ["null", "is not a record"],
    ['{"v":3}', "has format 3, written by a newer lav-ir; upgrade lav-ir"],
    ['{"v":"2"}', "has the unknown format 2"],
    ['{"v":2}', "was changed after it was written"],
    ['{"v":1,"seq":1}', "was changed after it was written"],
  ])("says of %s that it %s", (line, message) => {
    const path = join(temporaryFolder(), "journal.ndjson");
    writeFileSync(path, `${line}\n`);
    expect(readJournal(path)).toEqual({
      records: [],
      unread: [],
      length: 0,
      sums: [],
      incomplete: false,
      head: genesis,
      problem: { line: 1, message },
      torn: false,
    });
  });
});

describe("a record of a newer version", () => {
  test.each([
    [undefined, false],
    [true, true],
  ])("with must %s is kept, verified and counted; incomplete: %s", async (must, incomplete) => {
    const path = await written(1);
    const { head } = readJournal(path);
    const own = { v: 2, desk: "ny1", seq: 2, time: "2026-01-31T14:15:02.007Z", mono: 1, boot: "b" };
    const rest = { actor: "ana", host: "ops-1", type: "run.rewound", data: { to: 1 }, must, prev: head };
    appendFileSync(path, `${sealed(JSON.stringify({ ...own, ...rest })).line}\n`);
    const journal = await opened(join(path, ".."));
    await journal.append(note());
    journal.close();
    expect(readJournal(path)).toMatchObject({
      problem: undefined,
      length: 3,
      records: { length: 2 },
      unread: [{ line: 2, type: "run.rewound", why: "unknown", must: incomplete }],
      incomplete,
    });
  });
});

describe("a torn last line", () => {
  test("is seen when it is read", async () => {
    const path = await written(1);
    appendFileSync(path, '{"v":1,"se');
    expect(readJournal(path)).toMatchObject({ torn: true, problem: undefined, records: { length: 1 } });
  });

  test("is kept aside, byte by byte, and reported in a record when the journal is opened", async () => {
    const path = await written(1);
    appendFileSync(path, Buffer.from([0x7b, 0xff, 0xc3]));
    const journal = await opened(join(path, ".."));
    await journal.append(note());
    journal.close();
    const { records, problem, torn } = readJournal(path);
    expect([problem, torn]).toEqual([undefined, false]);
    expect(records.map(({ type }) => type)).toEqual(["incident.note", "journal.torn", "incident.note"]);
    expect(records[1]?.data).toEqual({ bytes: 3, kept: "journal.torn-2026-01-31T141502007Z" });
    expect(readFileSync(join(path, "..", "journal.torn-2026-01-31T141502007Z"))).toEqual(
      Buffer.from([0x7b, 0xff, 0xc3]),
    );
  });

  test("that another process left in a shared journal is kept aside too", async () => {
    const folder = temporaryFolder();
    const journal = await opened(folder, true);
    await journal.append(note());
    appendFileSync(journal.path, "half");
    await journal.append(note());
    journal.close();
    expect(readJournal(journal.path)).toMatchObject({
      problem: undefined,
      torn: false,
      records: { length: 3 },
    });
    expect(readFileSync(join(folder, "journal.torn-2026-01-31T141502007Z"), "utf8")).toBe("half");
  });
});

describe("shared by processes", () => {
  test("two write at once, one is killed, and the chain holds", async () => {
    const folder = temporaryFolder();
    const program = await bundled("journal-writer", folder);
    const journal = await opened(join(folder, "j"), true);
    const killed = start(program, [join(folder, "j"), "killed", "100000", "shared"]);
    const ends = [1, 2].map(
      (number) => start(program, [join(folder, "j"), `w${number}`, "60", "shared"]).ended,
    );
    while (!readJournal(journal.path).records.some(({ actor }) => actor === "killed")) {
      await journal.append(note());
    }
    killed.child.kill("SIGKILL");
    expect((await Promise.all(ends)).map(({ code, stderr }) => `${code}${stderr}`)).toEqual(["0", "0"]);
    await journal.append(note("last"));
    journal.close();
    const { records, problem, torn } = readJournal(journal.path);
    expect([problem, torn]).toEqual([undefined, false]);
    expect(records.filter(({ actor }) => actor.startsWith("w"))).toHaveLength(120);
    expect(records.at(-1)).toMatchObject({ data: { text: "last" }, seq: records.length });
  }, 60_000);

  test("a journal that somebody shortened meanwhile is not written on", async () => {
    const journal = await opened(temporaryFolder(), true);
    await journal.append(note());
    writeFileSync(journal.path, "");
    await expect(journal.append(note())).rejects.toThrow("somebody else truncated it");
    journal.close();
  });
});

describe("that cannot be written", () => {
  test("on a full disk: one sentence, and the same for the next record", async () => {
    const folder = temporaryFolder();
    const journal = await openJournal({ folder, actor: "a", host: "h", clock, shared: false });
    const { writeSync } = fs;
    fs.writeSync = () => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    };
    syncBuiltinESMExports();
    try {
      for (let count = 0; count < 2; count++) {
        await expect(journal.append(note())).rejects.toThrow(new JournalFault("the disk is full"));
      }
    } finally {
      fs.writeSync = writeSync;
      syncBuiltinESMExports();
    }
    journal.close();
  });

  test("half a line that a full disk took is cut off again: the records before it stand", async () => {
    const folder = temporaryFolder();
    const program = await bundled("journal-writer", folder);
    // The largest file this shell may write, in blocks of 512 or 1024 bytes, plays the full disk.
    const limited = spawnSync(
      "sh",
      ["-c", `ulimit -f 4; exec "$0" "$@"`, process.execPath, program, join(folder, "j"), "a", "50"],
      {
        encoding: "utf8",
      },
    );
    const path = join(folder, "j", "journal.ndjson");
    expect(limited.stderr).toBe("JournalFault: the file may not grow any more\n");
    const { records, problem, torn } = readJournal(path);
    expect([problem, torn]).toEqual([undefined, false]);
    expect(records.length).toBeGreaterThan(2);
  });

  test.each<[string, (parent: string) => string, RegExp]>([
    [
      "a file where the folder must be",
      (parent) => {
        writeFileSync(join(parent, "j"), "");
        return join(parent, "j");
      },
      /^a part of its path is a file: \S+\/j is a file$/,
    ],
    [
      "a file in the path",
      (parent) => {
        writeFileSync(join(parent, "state"), "");
        return join(parent, "state", "j");
      },
      /^a part of its path is a file: \S+\/state is a file$/,
    ],
    [
      "a folder where the file must be",
      (parent) => {
        mkdirSync(join(parent, "journal.ndjson"));
        return parent;
      },
      /^\S+journal.ndjson is a folder \(owner uid \d+, mode 0755\), not a regular file; inspect it, then: mv /,
    ],
  ])("because of %s: one sentence", async (_what, make, why) => {
    const folder = make(temporaryFolder());
    const opening = openJournal({ folder, actor: "a", host: "h", clock, shared: true });
    await expect(opening).rejects.toThrow(JournalFault);
    await expect(opening).rejects.toThrow(why);
  });

  test("because of its lock, which a living process holds", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "journal.ndjson.lock"), `1 ${startOfInit()} its-nonce`);
    const journal = openJournal({ folder, actor: "a", host: "h", clock, shared: true, patience: 20 });
    await expect(journal).rejects.toThrow(/^process 1 holds \S+journal\.ndjson\.lock$/);
    expect(readdirSync(folder)).toContain("journal.ndjson.lock");
  });
});

function startOfInit(): string {
  const stat = readFileSync("/proc/1/stat", "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
