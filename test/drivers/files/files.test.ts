/** Files below a folder: what leads out of it, what is no file, and what changes while it is read. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFiles } from "../../../src/drivers/files/files.ts";
import type { Result } from "../../../src/base/result.ts";
import type { Files, OpenFile } from "../../../src/ports/files.ts";

const never = new AbortController().signal;
let folder: string;
let files: Files;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lav-files-"));
  for (const name of ["logs", "logs/deep", "outside"]) mkdirSync(join(folder, name));
  put("outside/secret", "out");
  files = createFiles({ logs: join(folder, "logs"), none: join(folder, "none"), proc: "/proc/self" });
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(name: string, text: string | Buffer): void {
  writeFileSync(join(folder, name), text);
}

const open = (path: string, root = "logs") => files.open({ root, path });

async function failureOf(path: string, root?: string) {
  const opened = await open(path, root);
  if (!opened.ok) return opened.failure;
  await opened.value[Symbol.asyncDispose]();
  throw new Error("it was opened");
}

/** The pieces, the newest first, as texts. */
async function pieces(opened: Result<OpenFile>): Promise<readonly string[]> {
  if (!opened.ok) throw new Error(opened.failure.type);
  await using file = opened.value;
  const found: string[] = [];
  for await (const piece of file.backwards(never)) {
    if (!piece.ok) throw new Error("message" in piece.failure ? piece.failure.message : piece.failure.type);
    found.push(Buffer.from(piece.value).toString("utf8"));
  }
  return found;
}

describe("no link leads out", () => {
  test("a file, and a link within the folder, are read", async () => {
    put("logs/a.log", "one\ntwo\n");
    symlinkSync("../a.log", join(folder, "logs/deep/link"));
    expect(await pieces(await open("a.log"))).toEqual(["one\ntwo\n"]);
    expect(await pieces(await open("deep/link"))).toEqual(["one\ntwo\n"]);
  });

  test.each([
    ["a link to a file", () => symlinkSync("../outside/secret", join(folder, "logs/x")), "x"],
    ["a link to a folder", () => symlinkSync("../outside", join(folder, "logs/x")), "x/secret"],
    ["an absolute link", () => symlinkSync("/etc/passwd", join(folder, "logs/x")), "x"],
    [
      "a link by way of another",
      () => {
        symlinkSync("y", join(folder, "logs/x"));
        symlinkSync("../outside", join(folder, "logs/y"));
      },
      "x/secret",
    ],
    ["dots", () => {}, "../outside/secret"],
  ])("%s is refused", async (_what, make, path) => {
    make();
    expect(await failureOf(path)).toMatchObject({
      type: "denied",
      message: expect.stringContaining("a link leads out of "),
    });
  });

  test("the folder itself may be a link, and one whose name begins alike is another", async () => {
    put("logs/a.log", "x");
    mkdirSync(join(folder, "logs2"));
    put("logs2/b", "y");
    symlinkSync("logs", join(folder, "linked"));
    files = createFiles({ logs: join(folder, "linked") });
    expect(await pieces(await open("a.log"))).toEqual(["x"]);
    expect(await failureOf("../logs2/b")).toMatchObject({ type: "denied" });
  });
});

describe("what cannot be read", () => {
  test("is missing, a folder, a pipe, a device, or without its folder", async () => {
    execFileSync("mkfifo", [join(folder, "logs/pipe")]);
    put("logs/file", "x");
    expect(await failureOf("nothing")).toMatchObject({
      type: "missing",
      message: "there is no file logs/nothing",
    });
    expect(await failureOf("file/below")).toMatchObject({ type: "missing" });
    expect(await failureOf("deep")).toMatchObject({
      type: "unreadable",
      message: "it is not a regular file",
    });
    expect(await failureOf("pipe")).toMatchObject({
      type: "unreadable",
      message: "it is not a regular file",
    });
    expect(await failureOf("a", "none")).toMatchObject({
      type: "unreadable",
      message: expect.stringMatching(/^its folder .*none cannot be read: ENOENT$/),
    });
    expect(await failureOf("a", "nowhere")).toMatchObject({ type: "argument" });
  });

  test("a link that leads in a circle", async () => {
    symlinkSync("y", join(folder, "logs/x"));
    symlinkSync("x", join(folder, "logs/y"));
    expect(await failureOf("x")).toMatchObject({ type: "unreadable" });
  });
});

describe("while it is read", () => {
  test("what is written to it is not read; it knows whether it is still the one of its name", async () => {
    put("logs/a.log", "one\n");
    const opened = await open("a.log");
    if (!opened.ok) throw new Error("not opened");
    appendFileSync(join(folder, "logs/a.log"), "two\n");
    expect(await opened.value.isStill({ root: "logs", path: "a.log" })).toBe(true);
    renameSync(join(folder, "logs/a.log"), join(folder, "logs/a.log.1"));
    expect(await opened.value.isStill({ root: "logs", path: "a.log" })).toBe(false);
    expect(await opened.value.isStill({ root: "logs", path: "a.log.1" })).toBe(true);
    expect(await pieces(opened)).toEqual(["one\n"]);
  });

  test("one that becomes shorter is a failure", async () => {
    put("logs/a.log", "one\ntwo\n");
    const opened = await open("a.log");
    truncateSync(join(folder, "logs/a.log"), 2);
    await expect(pieces(opened)).rejects.toThrow("it became shorter while it was read");
  });

  test("ends with its signal", async () => {
    put("logs/a.log", "x\n".repeat(300_000));
    const opened = await open("a.log");
    if (!opened.ok) throw new Error("not opened");
    await using file = opened.value;
    const controller = new AbortController();
    const found: boolean[] = [];
    for await (const piece of file.backwards(controller.signal)) {
      found.push(piece.ok);
      controller.abort();
    }
    expect(found).toEqual([true, false]);
  });
});

test("the kernel's files call themselves empty, and are not; an empty one has nothing", async () => {
  put("logs/empty", "");
  expect((await pieces(await open("status", "proc"))).join("")).toMatch(/^Name:/);
  expect(await pieces(await open("empty"))).toEqual([]);
});

test("pieces are the file, and each begins with a line but where one is very long", async () => {
  const line = fc.integer({ min: 0, max: 200_000 }).map((length) => "x".repeat(length));
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), async (lines, ended) => {
      const text = lines.join("\n") + (ended ? "\n" : "");
      put("logs/a.log", text);
      const found = (await pieces(await open("a.log"))).toReversed();
      expect(found.join("")).toBe(text);
      for (const piece of found.slice(0, -1)) expect(piece.endsWith("\n")).toBe(true);
    }),
    { seed: 11, numRuns: 40 },
  );
  put("logs/a.log", `${"y".repeat(3_000_000)}\nend\n`);
  expect((await pieces(await open("a.log"))).toReversed().join("")).toHaveLength(3_000_005);
});
