// faults 0.1, on real disks: one that is frozen, one that is full, one that takes no writes. Mounts loop files and
// memory, so it needs root.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HaltWorld } from "./halt-world.ts";
import type { Started } from "./rig.ts";
import { nobodyWrites } from "./still-writing.ts";

/** A disk of its own, below `folder`. */
class Disk implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "lav-ir-disk-"));
  readonly path = join(this.folder, "disk");
  private frozen = false;

  constructor(kind: "ext4" | "tiny") {
    mkdirSync(this.path);
    if (kind === "tiny") {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k,mode=0700", "none", this.path]);
      return;
    }
    const image = join(this.folder, "image");
    execFileSync("truncate", ["-s", "16M", image]);
    execFileSync("mkfs.ext4", ["-q", "-F", image]);
    execFileSync("mount", ["-o", "loop", image, this.path]);
  }

  get state(): string {
    return join(this.path, "state");
  }

  readOnly(): void {
    execFileSync("mount", ["-o", "remount,ro", this.path]);
  }

  freeze(): void {
    execFileSync("fsfreeze", ["-f", this.path]);
    this.frozen = true;
  }

  thaw(): void {
    if (this.frozen) execFileSync("fsfreeze", ["-u", this.path]);
    this.frozen = false;
  }

  /** The halts whose receipt is on it. */
  receipts(): readonly string[] {
    const halts = join(this.state, "halts");
    if (!existsSync(halts)) return [];
    return readdirSync(halts).filter((halt) => existsSync(join(halts, halt, "receipt.txt")));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.thaw();
    // Whoever was writing ends with the thaw, and would make the folder anew where the disk was.
    await nobodyWrites(world.rig.folder);
    execFileSync("umount", ["-l", this.path]);
    rmSync(this.folder, { recursive: true });
  }
}

let world: HaltWorld;
beforeEach(async () => {
  world = await HaltWorld.create();
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});

function start(state: string): Started {
  const args = ["halt-all", "--reason", "a test", "--yes", "--state-dir", state];
  return world.rig.start(args, { env: world.env() });
}

/** Resolves when every instance is being told. */
async function told(): Promise<void> {
  const asked = world.instances.map(({ server }) => server.arrives("POST /api/emergency/halt-all"));
  await Promise.all(asked);
}

test.each(["for the first time", "with the platform kept"])(
  "faults 0.1: the state folder's disk is frozen, %s: the halt is out, proof and receipt come, it ends; the record follows",
  async (when) => {
    await using disk = new Disk("ext4");
    if (when === "with the platform kept") expect((await start(disk.state).ended).code).toBe(0);
    const before = disk.receipts();
    disk.freeze();
    const out = told();
    const started = start(disk.state);
    await out;
    // The disk hangs, and nothing of this halt is on it.
    expect(disk.receipts()).toEqual(before);
    const { code, stdout } = await started.ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^PROVEN: trading is halted/);
    expect(stdout).toContain(
      `NOT RECORDED: the disk of ${disk.state} does not answer; do not wait for it: process`,
    );
    expect(disk.receipts()).toEqual(before);
    disk.thaw();
    await expect.poll(() => disk.receipts().length).toBe(before.length + 1);
    const late = disk.receipts().find((halt) => !before.includes(halt)) ?? "";
    const receipt = readFileSync(join(disk.state, "halts", late, "receipt.txt"), "utf8");
    expect(stdout.startsWith(receipt)).toBe(true);
  },
);

test.each(["SIGINT", "SIGTERM"] as const)(
  "faults 0.1: %s ends it on a frozen disk as on any",
  async (signal) => {
    await using disk = new Disk("ext4");
    disk.freeze();
    for (const { server } of world.instances) server.on("GET /api/emergency/status", "hang");
    const proving = world.instances.map(({ server }) => server.arrives("GET /api/emergency/status"));
    const started = start(disk.state);
    await Promise.all(proving);
    started.kill(signal);
    const { code, stdout, stderr } = await started.ended;
    expect(code).toBe(signal === "SIGINT" ? 130 : 143);
    expect(stdout).toContain("the proof was interrupted");
    expect(stderr).toContain("run lav-ir halt-all again to finish it");
  },
);

test("faults 0.1: a full disk, and one that takes no writes, are told with the receipt", async () => {
  await using full = new Disk("tiny");
  const one = await start(full.state).ended;
  expect([one.code, one.stdout]).toEqual([0, expect.stringContaining("NOT RECORDED: the disk is full")]);
  await using shut = new Disk("ext4");
  shut.readOnly();
  const two = await start(shut.state).ended;
  expect([two.code, two.stdout]).toEqual([0, expect.stringMatching(/NOT RECORDED: .*read-only/)]);
  expect(world.asked()).toBe(4);
});
