import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { stateFolder } from "../../tools/places.ts";
import { isUsed, whileUsed, withLock } from "../../sandbox/lock.ts";

const name = `test-${process.pid}`;
const file = join(stateFolder("locks"), name);

afterEach(() => rmSync(file, { force: true }));

it("lets one task after the other in, and leaves no file", async () => {
  const events: string[] = [];
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  const first = withLock(name, async () => {
    events.push("first in");
    await left;
    events.push("first out");
  });
  await expect.poll(() => events).toEqual(["first in"]);
  const second = withLock(name, async () => void events.push("second in"));
  leave();
  await Promise.all([first, second]);
  expect(events).toEqual(["first in", "first out", "second in"]);
  expect(readdirSync(stateFolder("locks")).filter((entry) => entry.startsWith(name))).toEqual([]);
});

it("takes over from a holder that has ended", async () => {
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(file, String(pid));
  expect(await withLock(name, async () => "in", 5000)).toBe("in");
});

it("gives up on a holder that lives, and says who it is", async () => {
  writeFileSync(file, String(process.ppid));
  await expect(withLock(name, async () => "in", 200)).rejects.toThrow(
    `${name} is in use by process ${process.ppid}`,
  );
  expect(existsSync(file)).toBe(true);
});

it("is in use while one of those who use it is at work, and not for one that was killed", async () => {
  let leave = (): void => {};
  const left = new Promise<void>((resolve) => (leave = resolve));
  expect(isUsed(name)).toBe(false);
  const first = whileUsed(name, async () => await left);
  await whileUsed(name, async () => {});
  expect(isUsed(name)).toBe(true);
  leave();
  await first;
  expect(isUsed(name)).toBe(false);
  const { pid } = spawnSync(process.execPath, ["-e", ""]);
  writeFileSync(`${file}.used.${pid}.1`, "");
  expect(isUsed(name)).toBe(false);
  expect(existsSync(`${file}.used.${pid}.1`)).toBe(false);
});
