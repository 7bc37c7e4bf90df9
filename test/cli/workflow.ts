import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parse } from "yaml";
import { program } from "./rig.ts";

interface WrittenStep {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A workflow, as far as it is looked at and run here. */
export interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<
      string,
      { readonly "timeout-minutes"?: number; readonly steps: readonly WrittenStep[] } & Readonly<
        Record<string, unknown>
      >
    >
  >;
}

export interface StepEnd {
  readonly name: string;
  readonly code: number | null;
  readonly output: string;
}

export function readWorkflow(text: string): Workflow {
  return parse(text) as Workflow;
}

/** Puts `lav-ir` into a folder of its own. @returns the folder, for the front of PATH */
export function onPath(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "lav-ir"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, "lav-ir"), 0o755);
  return bin;
}

/**
 * Runs the `run:` of each step in order, as a runner does: in a shell that ends at the first failure. Actions are
 * passed over, and so is what follows a step that failed. What only GitHub knows is empty.
 */
export function runWorkflow(
  { jobs }: Workflow,
  cwd: string,
  env: Readonly<Record<string, string>>,
): readonly StepEnd[] {
  const ended: StepEnd[] = [];
  for (const { name = "", run, env: own = {} } of Object.values(jobs).flatMap(({ steps }) => steps)) {
    if (run === undefined) continue;
    const known = Object.entries(own).map(([key, value]) => [key, value.replaceAll(/\$\{\{.*?\}\}/g, "")]);
    const { status, stdout, stderr } = spawnSync(
      "bash",
      ["--noprofile", "--norc", "-eo", "pipefail", "-c", run],
      { cwd, encoding: "utf8", env: { ...env, ...Object.fromEntries(known) } },
    );
    ended.push({ name, code: status, output: stdout + stderr });
    if (status !== 0) break;
  }
  return ended;
}
