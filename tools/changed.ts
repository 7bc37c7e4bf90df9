import { spawnSync } from "node:child_process";
import { root } from "./places.ts";

/**
 * Whether files below one of these paths are not as they were: in the commit that LAV_CI_BASE names, else in the
 * newest one that is four hours old. True where that cannot be told.
 */
export function changed(...paths: readonly string[]): boolean {
  const base = process.env["LAV_CI_BASE"] ?? git("rev-list", "-1", "--before=4 hours ago", "HEAD");
  if (base === undefined || base === "") return true;
  // With the working tree, which is what runs.
  const differs = git("diff", "--name-only", base, "--", ...paths);
  const added = git("ls-files", "--others", "--exclude-standard", "--", ...paths);
  return differs === undefined || added === undefined || differs !== "" || added !== "";
}

/** What git says; undefined when it fails, or this is no clone. */
export function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
