import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { walkBundle } from "../../src/evidence/bundle/bundle.ts";
import { Contents } from "../../src/evidence/bundle/contents.ts";
import { readStage } from "../../src/evidence/bundle/salvage.ts";
import { takeSnapshot, type Taken } from "../../src/evidence/capture/snapshot.ts";
import { verifySnapshot } from "../../src/evidence/bundle/verify.ts";
import { bundled, temporaryFolder } from "../program.ts";
import { canary, collector, request, take, trusted } from "./bundle/bag.ts";

/** Hexadecimal that packs to half its size and no less. */
function noise(bytes: number): string {
  let text = "";
  for (let at = 0; text.length < bytes; at++)
    text += `${createHash("sha256").update(String(at)).digest("hex")}\n`;
  return text.slice(0, bytes);
}

const sealedIn = (out: string): string[] => readdirSync(out).filter((name) => name.endsWith(".tar.gz"));
const stagesIn = (out: string): string[] => readdirSync(out).filter((name) => name.endsWith(".stage"));

async function salvage(stage: string, out: string): Promise<Taken> {
  const left = readStage(stage);
  if (!left.ok) throw new Error(left.failure);
  const { name, incident, custody, planned, collectors } = left.value;
  return await take(out, collectors, { incident, salvaged: { name, custody, planned } });
}

async function expectSound(
  path: string,
  completeness: "complete" | "partial",
  signer: "trusted" | "another" = "trusted",
): Promise<void> {
  const verified = await verifySnapshot(path, trusted);
  expect(verified).toMatchObject({
    ok: true,
    value: { problems: [], signer: { verdict: signer }, completeness },
  });
}

// What only root may do: a real file system that is too small.
if (process.getuid?.() === 0)
  describe("a disk that is full", () => {
    function tinyDisk(size: string): string {
      const folder = mkdtempSync(join(tmpdir(), "lav-ir-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
      onTestFinished(() => {
        execFileSync("umount", ["-l", folder]);
        rmSync(folder, { recursive: true });
      });
      return folder;
    }

    const large = (keep: "newest" | "oldest") =>
      collector("large", ({ file }) => file("a.log", { kind: "text", keep }).write(noise(6_000_000)), {
        cap: 10_000_000,
      });

    test.each(["newest", "oldest"] as const)(
      "of what came more than it holds, the %s is sealed",
      async (keep) => {
        const out = tinyDisk("2m");
        const { sealed, snapshot } = await take(out, [large(keep)]);
        await expectSound(sealed.path, "partial");
        expect(snapshot.missing[0]?.why).toMatch(
          /^over its limit: the (?:oldest|newest) \d+ bytes were dropped$/,
        );
        expect(stagesIn(out)).toEqual([]);
      },
    );

    test("filled by others while it captures: what was lost is on record", async () => {
      const out = tinyDisk("3m");
      const { sealed, snapshot } = await take(out, [
        collector(
          "large",
          ({ file }) => {
            const sink = file("a.log", { kind: "text", keep: "oldest" });
            writeFileSync(join(out, "others"), Buffer.alloc(2_700_000));
            sink.write(noise(1_000_000));
            sink.end();
            rmSync(join(out, "others"));
          },
          { cap: 10_000_000 },
        ),
      ]);
      await expectSound(sealed.path, "partial");
      expect(snapshot.missing[0]).toMatchObject({ what: "data/large/a.log", why: "the disk is full" });
    });

    test("at the sealing: nothing looks sealed, and the rest can be sealed elsewhere", async () => {
      const out = tinyDisk("2m");
      const taken = await takeSnapshot(
        request(out, [large("newest")], {
          progress: () => writeFileSync(join(out, "others"), Buffer.alloc(700_000)),
        }),
      );
      expect(taken).toMatchObject({ ok: false, failure: { message: "the disk is full" } });
      expect(new Set(readdirSync(out))).toEqual(new Set([stagesIn(out)[0], "others"]));
      const elsewhere = temporaryFolder();
      const saved = await salvage(join(out, stagesIn(out)[0] ?? ""), elsewhere);
      await expectSound(saved.sealed.path, "partial");
    });
  });

describe("killed at any moment", () => {
  let program: string;
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-kill-"));
  beforeAll(async () => {
    program = await bundled("snapshot-taker", folder);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Kills the program so long after it has said something. @returns the folder it wrote into. */
  async function killed(after: string, ms: number): Promise<string> {
    const out = temporaryFolder();
    const child = spawn(process.execPath, [program, out], { stdio: ["ignore", "pipe", "inherit"] });
    const closed = once(child, "close");
    let said = "";
    for await (const text of child.stdout.setEncoding("utf8")) {
      said += String(text);
      if (said.includes(after)) break;
    }
    expect(said).toContain(after);
    await sleep(ms);
    child.kill("SIGKILL");
    await closed;
    return out;
  }

  test.each([
    ["capturing", 0],
    ["capturing", 60],
    ["capturing", 250],
    ["took one", 0],
    ["took two", 5],
    ["took two", 40],
    ["took two", 90],
    ["signing", 0],
    ["signing", 3],
    ["sealed", 0],
  ])(
    "after it said “%s”, %i ms later: it is whole, or does not look it, and can be salvaged",
    async (after, ms) => {
      const out = await killed(after, ms);
      for (const name of sealedIn(out)) await expectSound(join(out, name), "partial", "another");
      if (sealedIn(out).length > 0) return;
      const [stage] = stagesIn(out);
      const path = join(out, stage ?? "");
      // Killed before it had begun: nothing was captured.
      if (after === "capturing" && (stage === undefined || !readStage(path).ok)) return;
      const { sealed, snapshot } = await salvage(path, out);
      await expectSound(sealed.path, "partial");
      expect(snapshot.salvaged).toBe(stage?.replace(".stage", ""));
      const contents = new Contents(() => true);
      await walkBundle(sealed.path, contents);
      if (after !== "capturing")
        expect(contents.texts.get("data/one/a.log")?.length).toBeGreaterThan(3_000_000);
      const lines = (contents.texts.get("data/one/a.log") ?? "").trimEnd().split("\n").slice(1, -1);
      for (const line of lines) expect(line).toMatch(/^line \d+ [0-9a-f]{64}$/);
    },
  );
});

describe("what stands in a folder that is salvaged", () => {
  async function stageWith(fill: (data: string) => void): Promise<string> {
    const out = temporaryFolder();
    const stopped = await takeSnapshot(
      request(
        out,
        [collector("one", ({ file }) => file("a.log", { kind: "text", keep: "oldest" }).write("kept\n"))],
        {
          kill: AbortSignal.abort(),
        },
      ),
    );
    if (stopped.ok || stopped.failure.stage === undefined) throw new Error("it was sealed");
    const { stage } = stopped.failure;
    fill(join(stage, readdirSync(stage).find((name) => name.startsWith("lav-ir")) ?? "", "data", "one"));
    return stage;
  }

  test("links, pipes and devices are left out, and named", async () => {
    const stage = await stageWith((data) => {
      symlinkSync("/etc/passwd", join(data, "link"));
      symlinkSync("/etc", join(data, "folder"));
      execFileSync("mkfifo", [join(data, "pipe")]);
      if (process.getuid?.() === 0) execFileSync("mknod", [join(data, "device"), "c", "1", "5"]);
    });
    const { sealed, snapshot } = await salvage(stage, temporaryFolder());
    await expectSound(sealed.path, "partial");
    const left = snapshot.missing.filter(({ why }) => why === "it is not a file, or may not be read");
    expect(left.map(({ what }) => what)).toEqual(
      expect.arrayContaining(["one/folder", "one/link", "one/pipe"]),
    );
    const contents = new Contents(() => true);
    await walkBundle(sealed.path, contents);
    expect([...contents.files.keys()].filter((path) => path.startsWith("data/"))).toEqual(["data/one/a.log"]);
    expect(contents.texts.get("data/one/a.log")).toBe("kept\n");
  });

  test("secrets are searched for once more", async () => {
    const stage = await stageWith((data) => {
      writeFileSync(join(data, "late.log"), `password: ${canary}\n`);
      writeFileSync(join(data, "late.bin"), `\0${canary}\0`);
    });
    const { sealed } = await salvage(stage, temporaryFolder());
    const contents = new Contents(() => true);
    await walkBundle(sealed.path, contents);
    expect([...contents.texts.values()].join("\n")).not.toContain(canary);
    expect(contents.texts.get("data/one/late.log")).toMatch(/^password: ‹secret:known:[0-9a-f]{8}›\n$/);
    expect(contents.files.has("data/one/late.bin")).toBe(false);
  });

  test("the chain of custody goes on where it was cut", async () => {
    const stage = await stageWith(() => {});
    const { sealed } = await salvage(stage, temporaryFolder());
    const contents = new Contents();
    await walkBundle(sealed.path, contents);
    const acts = contents.rows<{ act: string }>("custody.jsonl").map(({ act }) => act);
    expect(acts.slice(-4)).toEqual(["salvage.begun", "capture.ended", "sealing.begun", "bag.sealed"]);
    expect(acts[0]).toBe("capture.begun");
  });

  test.each(["", "lav-ir-none-20261124T210000Z-123456.stage", "other.stage"])(
    "another folder (%s) is none",
    (name) => {
      const folder = join(temporaryFolder(), name);
      mkdirSync(folder, { recursive: true });
      expect(readStage(folder)).toMatchObject({ ok: false });
    },
  );
});
