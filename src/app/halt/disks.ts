import { spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { Changes } from "../../base/changes.ts";
import { signalGroup } from "../../drivers/process/group.ts";
import { secretFile, secretNames, withoutSecrets } from "../wiring/secret-sources.ts";
import type { World } from "../context/world.ts";
import type { HaltFlags } from "./flags.ts";
import { keptFile } from "./kept-file.ts";
import { stateFolder } from "../context/state-folder.ts";

/**
 * What lies on disks that a halt must not wait for. A thread that waits in the kernel for a disk keeps its process
 * from ending, so another process is the first to touch them: a file that it has read to its end can be read
 * here, and what lies in the state folder is read there alone.
 */
export interface Disks {
  /** Whether this file answers, or is not there: as soon as it is so, after `within` milliseconds at the latest. */
  answer(path: string, within: number): Promise<boolean>;
  /** The newest incident, when its journal does not say that it is resolved; undefined also when that is not known in time. */
  incident(within: number): Promise<string | undefined>;
  /** What was kept of the platform file; undefined also when it does not come in time. */
  kept(within: number): Promise<string | undefined>;
  /** Ends the asking. */
  close(): void;
}

/**
 * Every question on its own, for each may hang. What was kept counts when it is this user's own file, which nobody
 * else can make. A pipe's only content is not for this to take, and no device is opened. Arguments: the folder
 * of incidents; the file that was kept; the other files.
 */
const script = `
look() { [ -f "$1" ] && head -c 70000 "$1" >/dev/null 2>&1; echo "file $2"; }
newest() {
  for one in "$1"/INC-*; do :; done
  journal=$one/journal.ndjson
  if [ -f "$journal" ] && [ ! -h "$journal" ] && ! head -c 4194304 "$journal" | grep -q '"type":"incident.resolved"'
  then echo "newest \${one##*/}"; else echo newest; fi
}
kept() { if [ -O "$1" ] && [ -f "$1" ] && [ ! -h "$1" ]; then exec head -c 1048576 "$1"; else echo; fi; }
kept "$2" >&3 2>/dev/null &
newest "$1" 2>/dev/null &
shift 2
at=0
for path; do look "$path" $at & at=$((at + 1)); done
wait`;

/**
 * Asks at once. Where no process can be started, every disk counts as answering, and nothing as kept.
 * @param platform the platform file's path
 */
export function askDisks(world: World, flags: HaltFlags, platform: string): Disks {
  const whole = (path: string): string => resolve(world.cwd, path);
  const incidents = `${whole(stateFolder(world, flags))}/incidents`;
  const files = secretNames.flatMap((name) => secretFile(world.env, name) ?? []).map(whole);
  const answered = new Set<string>();
  const changes = new Changes();
  let blind = false;
  let newest: string | undefined;
  let kept: string | undefined;
  const child = spawn(
    "/bin/sh",
    ["-c", script, "sh", incidents, keptFile(world, flags, platform), ...files],
    {
      cwd: "/",
      env: { ...withoutSecrets(world.env), PATH: `/usr/bin:/bin:${world.env["PATH"] ?? ""}` },
      // Of its own group: one that hangs is left behind, and no terminal's signal is for it.
      detached: true,
      stdio: ["ignore", "pipe", "ignore", "pipe"],
    },
  );
  child.unref();
  child.on("error", () => {
    blind = true;
    changes.tell();
  });
  const [, told, , held] = child.stdio as readonly Readable[];
  if (told === undefined || held === undefined) throw new Error("a pipe to the shell is missing");
  lines(told, (all) => {
    for (const line of all) {
      const [what, which = ""] = line.split(" ");
      if (what === "newest") newest = which;
      else answered.add(files[Number(which)] ?? "");
    }
    changes.tell();
  });
  lines(held, ([whole]) => {
    kept = whole;
    changes.tell();
  });
  return {
    answer: async (path, within) => await changes.until(() => blind || answered.has(whole(path)), within),
    incident: async (within) => {
      await changes.until(() => blind || newest !== undefined, within);
      return newest === "" ? undefined : newest;
    },
    kept: async (within) => {
      await changes.until(() => blind || kept !== undefined, within);
      return kept;
    },
    close: () => {
      told.destroy();
      held.destroy();
      if (child.pid !== undefined && child.exitCode === null) signalGroup(child.pid, "SIGKILL");
    },
  };
}

/** Hears all whole lines so far whenever there are more. */
function lines(from: Readable, hear: (all: readonly string[]) => void): void {
  let text = "";
  from.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    hear(text.split("\n").slice(0, -1));
  });
  from.on("error", () => {});
}
