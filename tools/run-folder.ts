import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAll, lives, processes } from "./tree.mjs";

const prefix = "lav-test-";

/** A folder for everything temporary of one run of the tests: who is at work in it belongs to the run. */
export function openRun(): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  // Servers run as users of their own.
  chmodSync(folder, 0o1777);
  writeFileSync(join(folder, "owner"), String(process.pid));
  return folder;
}

/** Ends what is at work in a run's folder, takes away what is mounted there, and removes it. */
export async function closeRun(folder: string): Promise<void> {
  await endAll(atWork(folder));
  for (const place of mounts(folder)) execFileSync("umount", ["-l", place], { stdio: "ignore" });
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** The same for runs that were killed before they could. */
export async function closeLeft(log: (line: string) => void): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const folder = join(tmpdir(), name);
    const file = join(folder, "owner");
    if (!existsSync(file) || lives(Number(readFileSync(file, "utf8")))) continue;
    log(`removing what a killed run left in ${folder}`);
    await closeRun(folder);
  }
}

/** Processes whose folder, arguments or surroundings name it: whatever became of their parents. */
export function atWork(folder: string): number[] {
  const names = (text: string): boolean => text.includes(`${folder}/`) || text.endsWith(folder);
  return processes().filter((pid) => {
    if (pid === process.pid) return false;
    try {
      const at = `/proc/${pid}`;
      return (
        names(readlinkSync(`${at}/cwd`)) ||
        readFileSync(`${at}/cmdline`, "utf8").split("\0").some(names) ||
        readFileSync(`${at}/environ`, "utf8").split("\0").some(names)
      );
    } catch {
      // It has ended, or it is another user's.
      return false;
    }
  });
}

/** Mount points below it, the innermost first; the kernel writes blanks as octal. */
function mounts(folder: string): string[] {
  return readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .map((place) =>
      place.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    )
    .filter((place) => place.startsWith(`${folder}/`))
    .toReversed();
}
