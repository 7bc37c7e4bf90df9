import { readdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { holderText, takeLock } from "../../src/store/lock.ts";
import { bundled, start, temporaryFolder } from "../program.ts";

async function taken(path: string): Promise<{ release(): Promise<void> }> {
  const lock = await takeLock(path, 1000);
  if ("heldBy" in lock) throw new Error(holderText(lock.heldBy));
  return lock;
}

test("a lock is held until it is released, and says by whom", async () => {
  const path = join(temporaryFolder(), "a.lock");
  const lock = await taken(path);
  expect(await takeLock(path, 0)).toEqual({
    heldBy: {
      file: path,
      pid: process.pid,
      host: hostname(),
      since: expect.any(Date) as Date,
      unseen: undefined,
    },
  });
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
  expect(await takeLock(path, 0)).toEqual({
    heldBy: expect.objectContaining({ pid: 999_999_999 }) as object,
  });
  await living.release();
});

describe("a holder who cannot be seen from here counts as alive", () => {
  const since = "2026-01-31T14:15:02.000Z";
  const own = readlinkSync("/proc/self/ns/pid");
  const elsewhere: readonly (readonly [string, string])[] = [
    ["on another host", `999999999 1 far-away not-${hostname()} ${own} ${since}`],
    // Its number is that of a process here, which is another one.
    ["in another pid namespace", `${process.pid} 1 far-away ${hostname()} pid:[1] ${since}`],
  ];

  test.each(elsewhere)("%s: it is named, with the way out", async (why, text) => {
    const path = join(temporaryFolder(), "a.lock");
    writeFileSync(path, text);
    const lock = await takeLock(path, 0);
    if (!("heldBy" in lock)) throw new Error("it was taken");
    const [pid = "", , , host = ""] = text.split(" ");
    expect(holderText(lock.heldBy, "lav-ir resume RUN-1 --take-over")).toBe(
      `process ${pid} on ${host} holds ${path} since 2026-01-31 14:15:02 UTC; it is ${why}, so lav-ir cannot tell whether it is alive. Make sure that it is gone, then run: lav-ir resume RUN-1 --take-over`,
    );
    expect(holderText(lock.heldBy)).toContain(`then run: rm ${path}`);
  });

  test.each(elsewhere)("%s: a person's word takes it over", async (_why, text) => {
    const folder = temporaryFolder();
    const path = join(folder, "a.lock");
    writeFileSync(path, text);
    const lock = await takeLock(path, 0, { takeOver: true });
    expect("heldBy" in lock).toBe(false);
    expect(readFileSync(path, "utf8")).toMatch(new RegExp(`^${process.pid} `));
    expect(readdirSync(folder)).toEqual(["a.lock"]);
  });

  test("nobody's word takes one from a process that is seen to live", async () => {
    const path = join(temporaryFolder(), "a.lock");
    await taken(path);
    expect(await takeLock(path, 0, { takeOver: true })).toHaveProperty("heldBy.pid", process.pid);
  });

  test("one that an earlier version wrote says no namespace, and is looked at in this one", async () => {
    const path = join(temporaryFolder(), "a.lock");
    writeFileSync(path, `999999999 1 dead-one ${hostname()}`);
    await taken(path);
  });
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
