import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root, stateFolder } from "../tools/places.ts";
import { whereIs } from "../tools/programs.ts";
import { runProgram } from "../tools/wait.ts";
import { askEngine, containersOf } from "./docker.ts";
import { isUsed, withLock } from "./lock.ts";

/**
 * The Docker Engine the stack runs on: the machine's where one answers, else Debian's `dockerd` as a
 * process of our own. Ours has its own socket, data and network settings: it makes no bridge and no
 * firewall rule outside the Compose projects' own bridges, and ports are published by its proxy, on
 * loopback only. So it can run beside any other.
 */
export interface RunningEngine {
  /** `unix:///path`, for DOCKER_HOST. */
  readonly host: string;
  readonly own: boolean;
}

/** Folders of this clone's engines: the one that its stacks share, and one for the test that kills it. */
export const engineNames = ["engine", "engine-apart"] as const;
export type EngineName = (typeof engineNames)[number];

/** The machine's engine, or ours when it runs; undefined when none answers. */
export async function answeringEngine(name: EngineName = "engine"): Promise<RunningEngine | undefined> {
  const own = ownHost(name);
  if (existsSync(own.slice("unix://".length)) && (await answers(own))) return { host: own, own: true };
  const named = process.env["DOCKER_HOST"];
  if (named !== undefined && named !== own && (await answers(named))) return { host: named, own: false };
  const usual = "unix:///var/run/docker.sock";
  if (existsSync("/var/run/docker.sock") && (await answers(usual))) return { host: usual, own: false };
  return undefined;
}

/** An engine that answers, started when there is none. Ours outlives this process: see `stopEngine`. */
export async function ensureEngine(name: EngineName = "engine"): Promise<RunningEngine> {
  return await withLock(name, async () => (await answeringEngine(name)) ?? (await startEngine(name)));
}

async function startEngine(name: EngineName): Promise<RunningEngine> {
  const dockerd = whereIs("dockerd");
  if (dockerd === undefined) throw new Error("no Docker Engine answers, and there is no dockerd to start");
  await endLeftovers(name);
  const host = ownHost(name);
  const log = openSync(logFile(name), "w");
  const child = spawn(dockerd, engineArguments(name), {
    detached: true,
    // It outlives the run of tests that starts it, and with that the run's temporary folder.
    env: { ...process.env, TMPDIR: undefined },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, signal) => (ended = `ended with ${code ?? signal}`));
  const deadline = performance.now() + 60_000;
  while (!(await answers(host))) {
    if (performance.now() > deadline) child.kill("SIGKILL");
    if (ended !== undefined) throw new Error(`dockerd does not answer: ${ended}\n${engineLog(name)}`);
    await sleep(50);
  }
  return { host, own: true };
}

/**
 * Ends our engine, unless something runs on it, comes up there or is being removed. Waits until its processes
 * are gone.
 */
export async function stopEngine(name: EngineName = "engine"): Promise<void> {
  await withLock(name, async () => {
    if (isUsed(name)) return;
    const host = ownHost(name);
    const left = (await answers(host)) ? await containersOf(host) : [];
    if (left.some(({ state }) => state === "running" || state === "paused")) return;
    await endLeftovers(name);
    rmSync(runFolder(name), { recursive: true, force: true });
  });
}

/** Every process of our engine, its containers' included, also those that a killed run left. */
export function engineProcesses(name: EngineName = "engine"): number[] {
  const all = processes();
  const named = all.filter(({ command }) => command.includes(runFolder(name)));
  // A container's own processes do not name the folder: they are below its shim.
  const found = new Set(named.map(({ pid }) => pid));
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found].filter((pid) => pid !== process.pid);
}

/** Our dockerd, when it runs. */
export function daemonPid(name: EngineName = "engine"): number | undefined {
  const own = `--exec-root=${runFolder(name)} `;
  return processes().find(({ command }) => /^\S*dockerd /.test(command) && command.includes(own))?.pid;
}

/** dockerd first, gently: it ends its containers and its containerd. What then remains was orphaned. */
async function endLeftovers(name: EngineName): Promise<void> {
  const daemon = daemonPid(name);
  if (daemon !== undefined) await end([daemon], "SIGTERM", 15_000);
  await end(engineProcesses(name), "SIGKILL", 5000);
  await unmountLeftovers(name);
  rmSync(join(runFolder(name), "docker.pid"), { force: true });
}

/** A killed engine leaves its containers' file systems and network namespaces mounted. */
async function unmountLeftovers(name: EngineName): Promise<void> {
  const folders = [`${runFolder(name)}/`, `${stateFolder(name, "data")}/`];
  const mounted = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => (line.split(" ")[1] ?? "").replaceAll("\\040", " "))
    .filter((path) => folders.some((folder) => `${path}/`.startsWith(folder)));
  // The last mounted first: one may lie on another.
  if (mounted.length > 0) await runProgram("umount", ["-l", ...mounted.toReversed()]).catch(() => "");
}

async function end(pids: readonly number[], signal: NodeJS.Signals, within: number): Promise<void> {
  const deadline = performance.now() + within;
  const alive = (): number[] => pids.filter((pid) => existsSync(`/proc/${pid}`));
  for (const pid of alive()) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended meanwhile.
    }
  }
  while (alive().length > 0 && performance.now() < deadline) await sleep(20);
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      const [state, parent] = readFileSync(`/proc/${name}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return state === "Z" ? [] : [{ pid: Number(name), parent: Number(parent), command }];
    } catch {
      return [];
    }
  });
}

function engineArguments(name: EngineName): string[] {
  const run = runFolder(name);
  mkdirSync(run, { recursive: true });
  return [
    `--host=${ownHost(name)}`,
    `--data-root=${stateFolder(name, "data")}`,
    `--exec-root=${run}`,
    `--pidfile=${join(run, "docker.pid")}`,
    // One that the machine's own containerd would have to keep apart, should it run.
    `--containerd-namespace=lav-ir-${key(name)}`,
    "--bridge=none",
    "--iptables=false",
    "--ip6tables=false",
    "--ip-masq=false",
    "--ip-forward=false",
    "--shutdown-timeout=3",
    "--log-level=warn",
  ];
}

/** The last lines of dockerd's log. */
function engineLog(name: EngineName): string {
  return existsSync(logFile(name))
    ? readFileSync(logFile(name), "utf8").trim().split("\n").slice(-20).join("\n")
    : "";
}

function logFile(name: EngineName): string {
  return join(stateFolder(name), "dockerd.log");
}

/** Sockets lie in it, and a socket's path may have 107 bytes: deep clones get a short one. */
function runFolder(name: EngineName): string {
  const folder = join(root, ".stack", name, "run");
  return folder.length <= 66 ? folder : join("/tmp", `lav-ir-${key(name)}`);
}

function ownHost(name: EngineName): string {
  return `unix://${join(runFolder(name), "docker.sock")}`;
}

/** Tells this clone's engine from another's, and from its other one. */
function key(name: EngineName): string {
  return `${name}-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`;
}

async function answers(host: string): Promise<boolean> {
  try {
    return (await askEngine(host, { path: "/_ping", within: 3000 })).status === 200;
  } catch {
    return false;
  }
}
