import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "./child.ts";

export const root = fileURLToPath(new URL("../", import.meta.url));

/** A folder of this run alone: runbooks, journals and whatever the peers write. */
export interface Place {
  readonly folder: string;
  write(name: string, text: string): string;
  /** `lav-ir` as a script would call it, its journals in the folder. */
  lavIr(...args: readonly string[]): Command;
  remove(): void;
}

export function openPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), "lav-ir-bench-"));
  const state = join(folder, "state");
  // As the program makes it: a folder that others may look into is refused.
  mkdirSync(state, { mode: 0o700 });
  return {
    folder,
    write: (name, text) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    lavIr: (...args) => ({
      program: process.execPath,
      args: [join(root, "bin/lav-ir.js"), ...args],
      cwd: root,
      env: {
        LAV_IR_CONFIG: join(root, "runbooks/platform.yaml"),
        LAV_IR_STATE_DIR: state,
        EMERGENCY_TOKEN: "for-the-benchmark",
      },
    }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
