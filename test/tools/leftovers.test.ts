import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { atWork, closeLeft, closeRun, openRun } from "../../tools/run-folder.ts";
import { descendants, endAll, lives } from "../../tools/tree.mjs";

const begun: ChildProcess[] = [];
afterEach(() => {
  for (const child of begun.splice(0)) child.kill("SIGKILL");
});

/** A shell that has done what it was told so far, and what it printed then. */
async function shell(script: string, cwd: string): Promise<{ pid: number; said: string }> {
  const child = spawn("sh", ["-c", script], { cwd, stdio: ["ignore", "pipe", "ignore"] });
  begun.push(child);
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  return { pid: child.pid ?? 0, said: said.toString().trim() };
}

it("everything that a process began is found, and ends: what hears of it, and what does not", async () => {
  const deaf = `sh -c 'trap "" TERM; echo $$; while :; do sleep 1; done' & wait`;
  const { pid, said } = await shell(deaf, "/");
  expect(descendants(pid)).toContain(Number(said));
  const all = [pid, ...descendants(pid)];
  await endAll(all, 200);
  expect(all.filter(lives)).toEqual([]);
});

it("a run's folder goes with whoever is at work in it, though its parents are gone", async () => {
  const folder = openRun();
  const inside = join(folder, "lav-ir-x");
  mkdirSync(inside);
  // In a session of its own and without a parent, as what a killed worker leaves.
  const { said } = await shell("setsid sh -c 'echo $$; exec sleep 1000' & sleep 1000 & :", inside);
  expect(atWork(folder)).toContain(Number(said));
  await closeRun(folder);
  expect([existsSync(folder), lives(Number(said))]).toEqual([false, false]);
});

it("what is at work elsewhere goes on", async () => {
  const folder = openRun();
  const other = openRun();
  const { pid } = await shell("echo ready; exec sleep 1000", other);
  await closeRun(folder);
  expect(lives(pid)).toBe(true);
  await closeRun(other);
  expect(lives(pid)).toBe(false);
});

it("the next run removes what a killed one left, and nothing of one that is at work", async () => {
  const [killed, working] = [openRun(), openRun()];
  const dead = spawn("true");
  await once(dead, "close");
  writeFileSync(join(killed, "owner"), String(dead.pid));
  const said: string[] = [];
  await closeLeft((line) => void said.push(line));
  expect(said.join("\n")).toContain(killed);
  expect([existsSync(killed), existsSync(working)]).toEqual([false, true]);
  await closeRun(working);
});
