import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import type { VerifiedBundle } from "../../../src/evidence/bundle/verify.ts";
import { readSnapshot } from "../../../src/evidence/bundle/read.ts";
import { verifySnapshot } from "../../../src/evidence/bundle/verify.ts";
import { manifest, manifestText, sha256, tagManifest } from "../../../src/evidence/bundle/bag.ts";
import { Custody } from "../../../src/evidence/bundle/custody.ts";
import { createClock } from "../../../src/drivers/clock.ts";
import { checksum, padding, tarHeader } from "../../../src/evidence/bundle/tar.ts";
import { temporaryFolder } from "../../program.ts";
import { collector, entriesOf, repack, resign, resignAsOwn, take, trusted, type Entry } from "./bag.ts";

let path: string;
let entries: Entry[];
let name: string;
beforeEach(async () => {
  const taken = await take(temporaryFolder(), [
    collector("one.a", ({ file }) =>
      file("a.log", { kind: "text", keep: "newest" }).write("the first file\n"),
    ),
    collector("one.b", ({ file }) =>
      file("b.log", { kind: "text", keep: "newest" }).write("the other file\n"),
    ),
    collector("two", ({ file }) => file("empty.txt", { kind: "text", keep: "oldest" }).end()),
  ]);
  path = taken.sealed.path;
  name = taken.snapshot.name;
  entries = entriesOf(path);
});

async function verified(): Promise<VerifiedBundle> {
  const result = await verifySnapshot(path, trusted);
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

/** Problems as `type path`, without that of the hash of the whole file, after its tampering was signed as ours. */
async function problemsOf(blocks: readonly Buffer[], after?: Buffer): Promise<readonly string[]> {
  repack(path, blocks, after);
  resignAsOwn(path);
  const { problems, signer } = await verified();
  expect(signer.verdict).toBe("trusted");
  return problems.map((problem) => `${problem.type} ${problem.path}`.trim());
}

const wholes = (): Buffer[] => entries.map((entry) => entry.whole);
const indexOf = (end: string): number => entries.findIndex((entry) => entry.path.endsWith(end));

/** The entry with another content, as long as one wants. */
function withContent(end: string, content: Buffer): Buffer[] {
  const at = indexOf(end);
  const header = tarHeader(entries[at]?.path ?? "", content.length, new Date(0));
  return wholes().with(at, Buffer.concat([header, content, padding(content.length)]));
}

/** A header of another type or name, its sum made anew. */
function forged(change: (header: Buffer) => void): Buffer {
  const header = tarHeader(`${name}/data/forged`, 0, new Date(0));
  change(header);
  header.write(`${checksum(header).toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return header;
}

test("a bag as it was sealed: intact, signed by the one trusted, complete", async () => {
  const { problems, signer, completeness, digest } = await verified();
  expect(problems).toEqual([]);
  expect([signer.verdict, completeness, digest]).toEqual(["trusted", "complete", "matches"]);
});

describe("each tampering, even one that we signed", () => {
  test("a byte flipped", async () => {
    const content = Buffer.from("the First file\n");
    expect(await problemsOf(withContent("a.log", content))).toEqual(["changed data/one/a.log"]);
  });

  test("appended", async () => {
    const content = Buffer.from("the first file\nand more\n");
    expect(await problemsOf(withContent("a.log", content))).toEqual(["appended data/one/a.log"]);
  });

  test("swapped", async () => {
    const [a, b] = [indexOf("a.log"), indexOf("b.log")];
    const at = (index: number): Buffer => entries[index]?.content ?? Buffer.alloc(0);
    const one = withContent("a.log", at(b));
    const blocks = one.with(b, withContent("b.log", at(a))[b] ?? Buffer.alloc(0));
    expect(await problemsOf(blocks)).toEqual(["swapped data/one/a.log", "swapped data/one/b.log"]);
  });

  test("dropped", async () => {
    expect(await problemsOf(wholes().toSpliced(indexOf("a.log"), 1))).toEqual(["missing data/one/a.log"]);
    expect(await problemsOf(wholes().toSpliced(indexOf("/custody.jsonl"), 1))).toContain(
      "missing custody.jsonl",
    );
  });

  test("put in", async () => {
    const header = tarHeader(`${name}/data/new`, 0, new Date(0));
    expect(await problemsOf([...wholes(), header])).toEqual(["extra data/new"]);
    const beside = tarHeader("elsewhere/new", 0, new Date(0));
    expect(await problemsOf([...wholes(), beside])).toContain("extra elsewhere/new");
  });

  test("there twice", async () => {
    const whole = entries[indexOf("a.log")]?.whole ?? Buffer.alloc(0);
    expect(await problemsOf([...wholes(), whole])).toEqual(["duplicate data/one/a.log"]);
  });

  test.each([
    ["absolute", "/etc/passwd", "absolute /etc/passwd"],
    ["leading out", "../../etc/passwd", "parent ../../etc/passwd"],
  ])("a path that is %s", async (_what, to, problem) => {
    const bad = forged((header) => header.fill(0, 0, 100).write(to, 0, "latin1"));
    expect(await problemsOf([...wholes(), bad])).toContain(problem);
  });

  test.each([
    ["a hard link", "1", "link"],
    ["a symbolic link", "2", "link"],
    ["a character device", "3", "device"],
    ["a block device", "4", "device"],
    ["a folder", "5", "not-a-file"],
    ["a pipe", "6", "device"],
    ["an extended header", "x", "not-a-file"],
    ["a long name", "L", "not-a-file"],
  ])("%s", async (_what, type, problem) => {
    const bad = forged((header) => header.write(type, 156, "latin1"));
    expect(await problemsOf([...wholes(), bad])).toEqual([`${problem} data/forged`]);
  });

  test("something in a header, or behind the end of a file", async () => {
    const at = indexOf("a.log");
    const hidden = Buffer.from(entries[at]?.whole ?? Buffer.alloc(0));
    hidden[hidden.length - 1] = 1;
    expect(await problemsOf(wholes().with(at, hidden))).toEqual(["padding data/one/a.log"]);
    const owned = forged((header) => header.write("root", 265, "latin1"));
    expect(await problemsOf([...wholes(), owned])).toContain("header data/forged");
  });

  test.each([
    ["zeros", Buffer.alloc(700)],
    ["anything", Buffer.from("anything")],
    ["another archive", gzipSync("anything")],
  ])("bytes behind the end: %s", async (_what, after) => {
    expect(await problemsOf(wholes(), after)).toEqual(["trailing"]);
  });

  test("blocks behind the end", async () => {
    expect(await problemsOf([...wholes(), Buffer.alloc(2048)])).toContain("trailing");
  });

  test("the chain of custody broken", async () => {
    const text = entries[indexOf("/custody.jsonl")]?.content.toString() ?? "";
    const other = Buffer.from(text.replace('"actor":"tester"', '"actor":"nobody"'));
    expect(await problemsOf(withContent("/custody.jsonl", other))).toContain("custody custody.jsonl");
    const shorter = Buffer.from(`${text.trimEnd().split("\n").slice(0, -1).join("\n")}\n`);
    expect(await problemsOf(withContent("/custody.jsonl", shorter))).toContain("changed custody.jsonl");
  });
});

describe("a bag packed anew, its manifests made to fit, and signed by a key that is trusted", () => {
  /** The bag with files changed, or dropped where the text is undefined, and manifests as they then must be. */
  function packedAnew(change: (file: string, text: string) => string | undefined): Buffer[] {
    const kept = entries.flatMap(({ path: full, content }) => {
      const file = full.slice(name.length + 1);
      const text = change(file, content.toString());
      return file.endsWith(manifest) || text === undefined ? [] : [[file, text] as const];
    });
    const sums = (files: readonly (readonly [string, string])[]): string =>
      manifestText(new Map(files.map(([file, text]) => [file, sha256(text)])));
    const inData = ([file]: readonly [string, string]): boolean => file.startsWith("data/");
    const payload = [manifest, sums(kept.filter(inData))] as const;
    const tags = [tagManifest, sums([...kept.filter((one) => !inData(one)), payload])] as const;
    return [...kept, payload, tags].map(([file, text]) => {
      const bytes = Buffer.from(text);
      return Buffer.concat([
        tarHeader(`${name}/${file}`, bytes.length, new Date(0)),
        bytes,
        padding(bytes.length),
      ]);
    });
  }

  /** The chain of custody without its last row, and with another one that binds what the bag has now. */
  function chainedAnew(text: string, drop: number): string {
    const lines = text
      .trimEnd()
      .split("\n")
      .slice(0, drop === 0 ? undefined : -drop);
    const who = { actor: "tester", host: "here", clock: createClock() };
    const custody = new Custody(who, (line) => lines.push(line.trimEnd()), lines);
    custody.add("capture.ended");
    return `${lines.join("\n")}\n`;
  }

  test("with nothing changed is still what was sealed", async () => {
    expect(await problemsOf(packedAnew((_file, text) => text))).toEqual([]);
  });

  test.each([
    ["a file edited", "a.log", "the First file\n", ["unbound manifest-sha256.txt"]],
    ["a file dropped", "a.log", undefined, ["unbound manifest-sha256.txt"]],
    ["the report edited", "report.html", "<p>nothing happened</p>", ["unbound report.html"]],
    ["the rows of collectors emptied", "collectors.jsonl", "", ["unbound collectors.jsonl"]],
  ])("%s: is found", async (_what, end, other, problems) => {
    const blocks = packedAnew((file, text) => (file.endsWith(end) ? other : text));
    expect(await problemsOf(blocks)).toEqual(problems);
  });

  test("its verdict edited: is found", async () => {
    const blocks = packedAnew((file, text) =>
      file === "snapshot.json" ? text.replace('"leftOut":[]', '"leftOut":["x"]') : text,
    );
    expect(await problemsOf(blocks)).toEqual(["unbound snapshot.json"]);
  });

  test.each([
    ["cut before what it binds", (text: string) => `${text.trimEnd().split("\n").slice(0, -1).join("\n")}\n`],
    ["with another row in the place of that", (text: string) => chainedAnew(text, 1)],
    ["with another row behind that", (text: string) => chainedAnew(text, 0)],
  ])("its chain of custody %s: is found", async (_what, change) => {
    const blocks = packedAnew((file, text) => (file === "custody.jsonl" ? change(text) : text));
    expect(await problemsOf(blocks)).toEqual(["unbound custody.jsonl"]);
  });
});

describe("the file as a whole", () => {
  test("every single byte that is flipped is found", async () => {
    const sound = readFileSync(path);
    for (let at = 0; at < sound.length; at += 7) {
      const bad = Buffer.from(sound);
      bad[at] = (bad[at] ?? 0) ^ 0x10;
      writeFileSync(path, bad);
      const { problems, signer } = await verified();
      expect(problems.map(({ type }) => type)).toContain("digest");
      expect(signer.verdict).toBe("invalid");
    }
  });

  test("cut off anywhere", async () => {
    const sound = readFileSync(path);
    for (const size of [0, 1, 10, sound.length >> 1, sound.length - 9, sound.length - 1]) {
      writeFileSync(path, sound.subarray(0, size));
      resignAsOwn(path);
      const types = (await verified()).problems.map(({ type }) => type);
      expect(types.some((type) => type === "damaged" || type === "cut-off" || type === "trailing")).toBe(
        true,
      );
    }
    repack(path, wholes().slice(0, 3));
    const tar = gunzipSync(readFileSync(path));
    writeFileSync(path, gzipSync(tar.subarray(0, -1024)));
    expect((await verified()).problems.map(({ type }) => type)).toContain("cut-off");
  });

  test("signed again by somebody else: the bag is intact, the signer another", async () => {
    resign(path);
    const { problems, signer } = await verified();
    expect(problems).toEqual([]);
    expect(signer.verdict).toBe("another");
  });

  test("no signature, a signature of something else, and what is none", async () => {
    const sig = path.replace(/\.tar\.gz$/, ".sig");
    writeFileSync(sig, "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n");
    expect((await verified()).signer.verdict).toBe("invalid");
    rmSync(sig);
    expect((await verified()).signer.verdict).toBe("none");
  });
});

describe("what only looks like the bag's own rows", () => {
  const changed = (end: string, change: (text: string) => string): void => {
    const text = entries.find((entry) => entry.path.endsWith(end))?.content.toString() ?? "";
    repack(path, withContent(end, Buffer.from(change(text))));
  };

  test.each([
    { facts: "x" },
    { facts: [null, 5] },
    { facts: [{ type: "finding", text: 5 }] },
    { facts: [{ type: "measure" }] },
    { leftOut: 5 },
    { missing: [{ collector: {} }] },
    { took: "long" },
  ])("is no snapshot: %j", async (fields) => {
    changed("/snapshot.json", (text) => JSON.stringify({ ...JSON.parse(text), ...fields }));
    const read = await readSnapshot(path);
    expect(read).toMatchObject({ ok: false, failure: expect.stringContaining("is not a snapshot") });
    expect((await verified()).completeness).toBeUndefined();
  });

  test("is no row of a collector, and the archive around it is not called damaged", async () => {
    const rows = ["null", "5", '{"id":5}', '{"id":"a","files":[null]}', "[]"];
    changed("/collectors.jsonl", (text) => `${rows.join("\n")}\n${text}`);
    const read = await readSnapshot(path);
    expect(read.ok && read.value.rows.map(({ id }) => id)).toEqual(["one.a", "one.b", "two"]);
    expect((await verified()).problems.map(({ type }) => type)).not.toContain("damaged");
  });
});
