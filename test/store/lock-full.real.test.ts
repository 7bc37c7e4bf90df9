// Locks on a disk without a free block. Mounts memory, so it needs root.
import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { lockHolder, takeLock } from "../../src/store/lock.ts";

/** A disk of one page, which is taken. */
class FullDisk implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "lav-ir-disk-"));
  readonly lock = join(this.path, "a.lock");

  constructor() {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4k,mode=0700", "none", this.path]);
    writeFileSync(join(this.path, "ballast"), Buffer.alloc(4096));
  }

  get names(): readonly string[] {
    return readdirSync(this.path).filter((name) => name !== "ballast");
  }

  [Symbol.dispose](): void {
    execFileSync("umount", ["-l", this.path]);
    rmSync(this.path, { recursive: true });
  }
}

async function taken(path: string): Promise<{ release(): Promise<void> }> {
  const lock = await takeLock(path, 1000);
  if ("heldBy" in lock) throw new Error(`process ${lock.heldBy.pid} holds it`);
  return lock;
}

test("a lock is taken, says by whom and since when, keeps others out and leaves nothing", async () => {
  using disk = new FullDisk();
  expect(() => writeFileSync(join(disk.path, "more"), "x")).toThrow("ENOSPC");
  rmSync(join(disk.path, "more"));
  const lock = await taken(disk.lock);
  expect(lstatSync(disk.lock).isSymbolicLink()).toBe(true);
  expect(readlinkSync(disk.lock).length).toBeLessThan(60);
  const holder = { pid: process.pid, since: expect.any(Date) as Date, unseen: undefined };
  expect(lockHolder(disk.lock)).toMatchObject(holder);
  expect(await takeLock(disk.lock, 0)).toMatchObject({ heldBy: holder });
  expect(disk.names).toEqual(["a.lock"]);
  await lock.release();
  expect(disk.names).toEqual([]);
});

test("one that was taken before the disk was full keeps others out, and the other way round", async () => {
  using disk = new FullDisk();
  rmSync(join(disk.path, "ballast"));
  const before = await taken(disk.lock);
  writeFileSync(`${disk.lock}.ballast`, "");
  expect(await takeLock(disk.lock, 0)).toMatchObject({ heldBy: { pid: process.pid } });
  await before.release();
  writeFileSync(join(disk.path, "ballast"), Buffer.alloc(4096));
  const full = await taken(disk.lock);
  rmSync(join(disk.path, "ballast"));
  expect(await takeLock(disk.lock, 0)).toMatchObject({ heldBy: { pid: process.pid } });
  await full.release();
});

test("ten who take it at once have it one after the other", async () => {
  using disk = new FullDisk();
  let inside = 0;
  let most = 0;
  const one = async (): Promise<void> => {
    const lock = await taken(disk.lock);
    most = Math.max(most, (inside += 1));
    await Promise.resolve();
    inside -= 1;
    await lock.release();
  };
  await Promise.all(Array.from({ length: 10 }, one));
  expect(most).toBe(1);
  expect(disk.names).toEqual([]);
});

const dead = "999999999 1 0123456789ab";

test("a dead holder's is taken over, and his who died while he took it over", async () => {
  using disk = new FullDisk();
  const lock = await taken(disk.lock);
  const here = readlinkSync(disk.lock).split(" ").slice(3).join(" ");
  await lock.release();
  symlinkSync(`${dead} ${here}`, disk.lock);
  symlinkSync(`999999999 1 ba9876543210 ${here}`, `${disk.lock}.break-0123456789ab`);
  expect(lockHolder(disk.lock)).toBeUndefined();
  await (await taken(disk.lock)).release();
  expect(disk.names).toEqual([]);
});

test("of one on another host nobody knows whether it lives; a person may say that it is gone", async () => {
  using disk = new FullDisk();
  symlinkSync(`${dead} 00000000 4026531836`, disk.lock);
  expect(await takeLock(disk.lock, 0)).toMatchObject({
    heldBy: { pid: 999999999, unseen: "on another host" },
  });
  const lock = await takeLock(disk.lock, 0, { takeOver: true });
  expect(lock).toMatchObject({ takenFrom: { pid: 999999999 } });
});
