import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * The commit of a checkout, shortened; `unknown` where its folder is none: the repository around an unpacked package
 * is another's.
 * @param {string | URL} root the project's folder
 */
export function commitOf(root) {
  const folder = root instanceof URL ? fileURLToPath(root) : root;
  if (!existsSync(`${folder}/.git`)) return "unknown";
  const { status, stdout } = spawnSync("git", ["rev-parse", "--short=9", "HEAD"], {
    cwd: folder,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : "unknown";
}
