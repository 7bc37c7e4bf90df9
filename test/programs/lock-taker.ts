import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setImmediate as nextTurn } from "node:timers/promises";
import { takeLock } from "../../src/store/lock.ts";

// Adds one to a counter, so many times, under a lock; then dies with the lock in its hand. An addition
// that is lost shows that two held it at once.
const [lockPath = "", counterPath = "", rounds = "0"] = process.argv.slice(2);
for (let round = 0; round < Number(rounds); round++) {
  const lock = await takeLock(lockPath, 60_000);
  if ("heldBy" in lock) throw new Error(`waited too long for ${lock.heldBy.pid}`);
  const count = Number(readFileSync(counterPath, "utf8"));
  await nextTurn();
  writeFileSync(counterPath, String(count + 1));
  if (round === Number(rounds) - 1) process.kill(process.pid, "SIGKILL");
  await lock.release();
}
