import { spawn } from "node:child_process";
import { resolve } from "node:path";
import type { Readable } from "node:stream";
import { Changes } from "../../base/changes.ts";
import { signalGroup } from "../../drivers/process/group.ts";
import { secretFile, secretNames, withoutSecrets } from "../context/secret-sources.ts";
import type { World } from "../context/world.ts";
import type { HaltFlags } from "./flags.ts";
import { keptFile } from "./kept-file.ts";
import { decidingTexts, incidentStateOf } from "../../store/incident-state.ts";
import { incidentsFolder, isIncidentId, journalName, longestJournal } from "../../store/layout.ts";
import { openOnes, type OpenIncident } from "../../store/pick-incident.ts";
import { findRules } from "../../store/state-check.ts";
import type { StateLine } from "../../store/state-lines.ts";
import { stateFolder } from "../context/state-folder.ts";

/**
 * What lies on disks that a halt must not wait for. A thread that waits in the kernel for a disk keeps its process
 * from ending, so another process is the first to touch them: a file that it has read to its end can be read
 * here, and what lies in the state folder is read there alone.
 */
export interface Disks {
  /** Whether this file answers, or is not there: as soon as it is so, after `within` milliseconds at the latest. */
  answer(path: string, within: number): Promise<boolean>;
  /** The open incident of the highest severity, of several the last; undefined also when it is not known in time. */
  incident(within: number): Promise<string | undefined>;
  /** What was kept of the platform file; undefined also when it does not come in time. */
  kept(within: number): Promise<string | undefined>;
  /** Ends the asking. */
  close(): void;
}

/**
 * Every question on its own, for each may hang. What was kept counts when it is this user's own file, which nobody
 * else can make. A pipe's only content is not for this to take, and no device is opened. Of incidents it finds the
 * lines that decide, in files by the rule that the rest of the program has; what they say is judged here.
 * Arguments: the state folder; the folder of incidents; the name of a journal; the file that was kept; the others.
 */
const script = `
look() { [ -f "$1" ] && head -c 70000 "$1" >/dev/null 2>&1; echo "file $2"; }
incidents() {
  ${findRules}
  if [ "$(find "$1" "$2" -prune $folder | wc -l)" -eq 2 ] && cd "$2"
  then
    find INC-* -type d ! \\( $folder \\) -prune -o -type d -path '*/*' -prune -o -path "INC-*/$3" $file \\
      -size -${longestJournal + 1}c -exec grep -aHnF ${decidingTexts.map((text) => `-e '${text}'`).join(" ")} {} +
  fi
  echo end
}
kept() { if [ -O "$1" ] && [ -f "$1" ] && [ ! -h "$1" ]; then exec head -c 1048576 "$1"; else echo; fi; }
kept "$4" >&3 2>/dev/null &
LC_ALL=C incidents "$1" "$2" "$3" >&4 2>/dev/null &
shift 4
at=0
for path; do look "$path" $at & at=$((at + 1)); done
wait`;

/**
 * Asks at once. Where no process can be started, every disk counts as answering, and nothing as kept.
 * @param platform the platform file's path
 * @param more files that are asked for besides those of the secrets
 */
export function askDisks(
  world: Pick<World, "cwd" | "env">,
  flags: HaltFlags,
  platform: string,
  more: readonly string[] = [],
): Disks {
  const whole = (path: string): string => resolve(world.cwd, path);
  const state = whole(stateFolder(world, flags));
  const own = secretNames.flatMap((name) => secretFile(world.env, name) ?? []);
  const files = [...own, ...more].map(whole);
  const answered = new Set<string>();
  const changes = new Changes();
  let blind = false;
  let incidents: readonly OpenIncident[] | undefined;
  let kept: string | undefined;
  const child = spawn(
    "/bin/sh",
    [
      "-c",
      script,
      "sh",
      state,
      incidentsFolder(state),
      journalName,
      keptFile(world, flags, platform),
      ...files,
    ],
    {
      cwd: "/",
      env: { ...withoutSecrets(world.env), PATH: `/usr/bin:/bin:${world.env["PATH"] ?? ""}` },
      // Of its own group: one that hangs is left behind, and no terminal's signal is for it.
      detached: true,
      stdio: ["ignore", "pipe", "ignore", "pipe", "pipe"],
    },
  );
  child.unref();
  child.on("error", () => {
    blind = true;
    changes.tell();
  });
  const [, told, , held, found] = child.stdio as readonly Readable[];
  if (told === undefined || held === undefined || found === undefined)
    throw new Error("a pipe to the shell is missing");
  lines(told, (line) => {
    const [, which = ""] = line.split(" ");
    answered.add(files[Number(which)] ?? "");
    changes.tell();
  });
  lines(held, (line) => {
    kept ??= line;
    changes.tell();
  });
  const deciding: string[] = [];
  lines(found, (line) => {
    if (line !== "end") deciding.push(line);
    else incidents = openOf(deciding);
    changes.tell();
  });
  return {
    answer: async (path, within) => await changes.until(() => blind || answered.has(whole(path)), within),
    incident: async (within) => {
      await changes.until(() => blind || incidents !== undefined, within);
      return incidents?.[0]?.id;
    },
    kept: async (within) => {
      await changes.until(() => blind || kept !== undefined, within);
      return kept;
    },
    close: () => {
      told.destroy();
      held.destroy();
      found.destroy();
      if (child.pid !== undefined && child.exitCode === null) signalGroup(child.pid, "SIGKILL");
    },
  };
}

/** The open incidents, by what `grep` found of their journals. */
function openOf(found: readonly string[]): readonly OpenIncident[] {
  const byId = new Map<string, StateLine[]>();
  for (const line of found) {
    const [, id = "", number, text = ""] = /^(INC-[^/]+)\/[^/:]+:(\d+):(.*)$/.exec(line) ?? [];
    if (!isIncidentId(id)) continue;
    const lines = byId.get(id) ?? [];
    lines.push({ first: number === "1", text });
    byId.set(id, lines);
  }
  return openOnes([...byId].map(([id, lines]) => ({ id, ...incidentStateOf(lines) })));
}

/** Hears each line once it is whole. */
function lines(from: Readable, hear: (line: string) => void): void {
  let rest = "";
  from.setEncoding("utf8").on("data", (piece: string) => {
    const whole = `${rest}${piece}`.split("\n");
    rest = whole.pop() ?? "";
    for (const line of whole) hear(line);
  });
  from.on("error", () => {});
}
