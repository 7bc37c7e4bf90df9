import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, onTestFinished, test } from "vitest";
import { createRedactor } from "../../src/secrets/redactor.ts";
import { LogReader } from "../../src/drivers/docker/log-frames.ts";
import { walkBundle } from "../../src/evidence/bundle/bundle.ts";
import { Contents } from "../../src/evidence/bundle/contents.ts";
import { RedactStream } from "../../src/secrets/stream.ts";
import { readStage } from "../../src/evidence/bundle/salvage.ts";
import { takeSnapshot } from "../../src/evidence/capture/snapshot.ts";
import { temporaryFolder } from "../program.ts";
import { canary, collector, request, take } from "./bundle/bag.ts";

async function textsOf(path: string): Promise<ReadonlyMap<string, string>> {
  const contents = new Contents(() => true);
  const walked = await walkBundle(path, contents);
  expect([walked.ok, contents.problems]).toEqual([true, []]);
  return contents.texts;
}

const root = process.getuid?.() === 0;
const nobody = 65_534;

/** Does something as a user who may not do everything. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (!root) return await work();
  process.seteuid?.(nobody);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

/** A folder of that user's. */
function nobodysFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-nobody-"));
  if (root) chownSync(folder, nobody, nobody);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe("a line without an end", () => {
  test("of 50 MB is captured whole, without its secrets", async () => {
    const piece = `{"note":"${"x".repeat(3000)}","password":"canaryJson123","dsn":"${canary}"},`;
    const pieces = Math.ceil(50_000_000 / piece.length);
    const { sealed, snapshot } = await take(temporaryFolder(), [
      collector(
        "logs",
        ({ file }) => {
          const sink = file("a.log", { kind: "text", keep: "oldest" });
          for (let at = 0; at < pieces; at++) sink.write(piece);
        },
        { cap: 100_000_000, deadline: 60_000 },
      ),
    ]);
    expect(snapshot.missing).toEqual([]);
    const text = (await textsOf(sealed.path)).get("data/logs/a.log") ?? "";
    expect([text.includes("canaryJson123"), text.includes(canary)]).toEqual([false, false]);
    expect(text.length).toBeGreaterThan(50_000_000);
  });
});

describe("a secret split over two texts", () => {
  test("by the engine, which puts a time into the middle of a long line", () => {
    const redactor = createRedactor([canary]);
    const frame = (text: string): Buffer => {
      const payload = Buffer.from(`2026-11-24T21:00:00.000000001Z ${text}`);
      const head = Buffer.alloc(8);
      head[0] = 1;
      head.writeUInt32BE(payload.length, 4);
      return Buffer.concat([head, payload]);
    };
    for (let kept = 1; kept < canary.length; kept++) {
      let out = "";
      const stream = new RedactStream(redactor, (clean) => (out += clean), canary.length);
      const reader = new LogReader(true, ({ stream: name, text }) => stream.write(`${text}\n`, name));
      const line = `${"x ".repeat(8192).slice(0, 16_384 - kept)}${canary} and more`;
      reader.push(frame(line.slice(0, 16_384)));
      reader.push(frame(`${line.slice(16_384)}\n`));
      reader.end();
      stream.end();
      expect(out.slice(-60)).toMatch(/‹secret:known:[0-9a-f]{8}› and more\n$/);
    }
  });

  test("by the pieces in which the last search before sealing reads", async () => {
    const gap = { text: (text: string) => text, value: <T>(value: T) => value };
    const sound = createRedactor([canary]);
    const piece = 524_288;
    for (const before of [1, 7, canary.length - 1]) {
      let captured = false;
      const taken = await takeSnapshot(
        request(
          temporaryFolder(),
          [
            collector("one", ({ file }) =>
              file("a.log", { kind: "text", keep: "oldest" }).write(
                `${"x".repeat(piece - before)}${canary}${"y".repeat(9)}`,
              ),
            ),
          ],
          {
            // One that passes it by while it is captured.
            redactor: { ...gap, text: (text) => (captured ? sound.text(text) : text) },
            progress: () => (captured = true),
          },
        ),
      );
      expect(taken).toMatchObject({
        ok: false,
        failure: { message: "the last search before sealing found a known secret in data/one/a.log" },
      });
    }
  });
});

describe("what somebody puts in the place of a captured file before it is sealed", () => {
  const others: readonly (readonly [string, (path: string) => void])[] = [
    ["a link", (path) => symlinkSync("/etc/passwd", path)],
    ["a pipe", (path) => execFileSync("mkfifo", [path])],
    ["a folder", (path) => mkdirSync(path)],
    ...(root ? [["a device", (path: string) => execFileSync("mknod", [path, "c", "1", "5"])] as const] : []),
  ];
  test.each(others)("%s is not followed and not waited for: nothing is sealed", async (_what, put) => {
    const out = temporaryFolder();
    const one = collector("one", ({ file }) =>
      file("a.log", { kind: "text", keep: "oldest" }).write("kept\n"),
    );
    const taken = await takeSnapshot(
      request(out, [one], {
        progress: () => {
          const [found = ""] = readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) =>
            path.endsWith("one/a.log"),
          );
          unlinkSync(join(out, found));
          put(join(out, found));
        },
      }),
    );
    expect(taken.ok).toBe(false);
    expect(readdirSync(out).filter((name) => !name.endsWith(".stage"))).toEqual([]);
  });
});

describe("a folder that may not be", () => {
  test("written into: not sealed, and it says why", async () => {
    const folder = nobodysFolder();
    chmodSync(folder, 0o555);
    const taken = await asNobody(() =>
      takeSnapshot(request(join(folder, "out"), [collector("a", () => {})])),
    );
    expect(taken).toMatchObject({
      ok: false,
      failure: { message: `cannot write to ${folder}/out: this user may not write there` },
    });
  });

  test("read, in what a killed capture left: named, and the rest is sealed", async () => {
    const folder = nobodysFolder();
    const name = "lav-ir-none-20260101T000000Z-abcdef";
    const stage = join(folder, `${name}.stage`);
    const { sealed, snapshot } = await asNobody(async () => {
      mkdirSync(join(stage, name, "data", "one", "denied"), { recursive: true });
      writeFileSync(join(stage, name, "custody.jsonl"), '{"data":{"collectors":["one"]}}\n');
      writeFileSync(join(stage, name, "data", "one", "a.log"), "kept\n");
      writeFileSync(join(stage, name, "data", "one", "b.log"), "not for us\n", { mode: 0o000 });
      chmodSync(join(stage, name, "data", "one", "denied"), 0o000);
      const left = readStage(stage);
      if (!left.ok) throw new Error(left.failure);
      const { collectors, custody, planned, incident } = left.value;
      const taken = await take(join(folder, "out"), collectors, {
        incident,
        salvaged: { name, custody, planned },
      });
      chmodSync(join(stage, name, "data", "one", "denied"), 0o700);
      return taken;
    });
    expect(snapshot.verdict).toBe("partial");
    const missing = snapshot.missing.map(({ what }) => what);
    expect(missing).toContain("one/denied/");
    expect(missing).toContain("one/b.log");
    expect((await textsOf(sealed.path)).get("data/one/a.log")).toBe("kept\n");
  });

  if (root)
    test("written into because its disk is read-only", async () => {
      const folder = mkdtempSync(join(tmpdir(), "lav-ir-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "ro", "tmpfs", folder]);
      onTestFinished(() => {
        execFileSync("umount", ["-l", folder]);
        rmSync(folder, { recursive: true });
      });
      const taken = await takeSnapshot(request(join(folder, "out"), [collector("a", () => {})]));
      expect(taken).toMatchObject({
        ok: false,
        failure: { message: expect.stringContaining("read-only") as string },
      });
    });
});
