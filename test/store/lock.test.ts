import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { takeLock } from "../../src/store/lock.ts";
import { bundled, start, temporaryFolder } from "../program.ts";

async function taken(path: string): Promise<{ release(): Promise<void> }> {
  const lock = await takeLock(path, 1000);
  if ("heldBy" in lock) throw new Error(`held by ${lock.heldBy}`);
  return lock;
}

test("a lock is held until it is released, and says by whom", async () => {
  const path = join(temporaryFolder(), "a.lock");
  const lock = await taken(path);
  expect(await takeLock(path, 0)).toEqual({ heldBy: process.pid });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await lock.release();
  await (await taken(path)).release();
});

test("one that waits gets it when it is released", async () => {
  const path = join(temporaryFolder(), "a.lock");
  const lock = await taken(path);
  const waiting = taken(path);
  await lock.release();
  await (await waiting).release();
});

test("nothing else is left beside it", async () => {
  const folder = temporaryFolder();
  const lock = await taken(join(folder, "a.lock"));
  expect(readdirSync(folder)).toEqual(["a.lock"]);
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test.each([
  ["a process id that nobody has", "999999999 123 dead-one"],
  ["this process's id with another start: the number was used again", `${process.pid} 1 dead-one`],
  ["nothing in it", ""],
  ["something else in it", "../../x y ../../z\n"],
])("a lock with %s is taken over", async (_what, text) => {
  const folder = temporaryFolder();
  const path = join(folder, "a.lock");
  writeFileSync(path, text);
  const lock = await taken(path);
  expect(readFileSync(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
  await lock.release();
  expect(readdirSync(folder)).toEqual([]);
});

test("the right to break a lock passes on when the one who took it died", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "a.lock");
  writeFileSync(path, "999999999 1 dead-one");
  writeFileSync(`${path}.break-dead-one`, "999999999 1 dead-two");
  writeFileSync(`${path}.break-dead-two`, "999999999 1 dead-three");
  await (await taken(path)).release();
  expect(readdirSync(folder)).toEqual([]);
});

test("a lock that somebody living is about to break is left to them", async () => {
  const path = join(temporaryFolder(), "a.lock");
  const other = join(temporaryFolder(), "other.lock");
  const living = await taken(other);
  writeFileSync(path, "999999999 1 dead-one");
  writeFileSync(`${path}.break-dead-one`, readFileSync(other, "utf8"));
  expect(await takeLock(path, 0)).toEqual({ heldBy: 999_999_999 });
  await living.release();
});

test("a holder on another machine cannot be looked at, and counts as alive", async () => {
  const path = join(temporaryFolder(), "a.lock");
  writeFileSync(path, `999999999 1 far-away not-${hostname()}`);
  expect(await takeLock(path, 0)).toEqual({ heldBy: 999_999_999 });
});

test("many processes that die with the lock in their hand never hold it together", async () => {
  const folder = temporaryFolder();
  const program = await bundled("lock-taker", folder);
  const counter = join(folder, "counter");
  writeFileSync(counter, "0");
  const rounds = [1, 2, 3, 1, 2, 3, 1, 2, 3, 1];
  const ends = await Promise.all(
    rounds.map((count) => start(program, [join(folder, "a.lock"), counter, String(count)]).ended),
  );
  expect(ends.map(({ signal, stderr }) => `${signal}${stderr}`)).toEqual(rounds.map(() => "SIGKILL"));
  expect(readFileSync(counter, "utf8")).toBe(String(rounds.reduce((sum, count) => sum + count)));
}, 60_000);
