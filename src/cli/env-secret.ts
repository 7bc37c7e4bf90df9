import { readFileSync, statSync } from "node:fs";
import { fail, ok, type Result } from "../base/result.ts";
import type { World } from "./world.ts";

/** A secret as the environment has it, as it stands there, and where that is: a variable's name or a file's path. */
export interface EnvSecret {
  readonly value: string;
  readonly from: string;
}

/**
 * The secret in the variable `name`, or, where that is not set or blank, in the file that `name`_FILE names.
 *
 * @returns nothing where neither is set; the file's path where it cannot be read.
 */
export function envSecret(env: World["env"], name: string): Result<EnvSecret | undefined, string> {
  const value = env[name];
  const file = fileInstead(env, name);
  if (file === undefined) return ok(value === undefined ? undefined : { value, from: name });
  try {
    return ok({ value: readFileSync(file, "utf8").trim(), from: file });
  } catch {
    return fail(file);
  }
}

/**
 * The same for whoever only wants to hide it, as far as it lies there: a pipe gives what it holds once, to whoever
 * needs it, and waits for somebody who writes.
 */
export function envSecretAtRest(env: World["env"], name: string): string | undefined {
  const file = fileInstead(env, name);
  try {
    if (file !== undefined && !statSync(file).isFile()) return undefined;
  } catch {
    return undefined;
  }
  const read = envSecret(env, name);
  return read.ok ? read.value?.value : undefined;
}

/** The file that stands in for a variable which is not set, or blank. */
function fileInstead(env: World["env"], name: string): string | undefined {
  const file = env[`${name}_FILE`];
  return (env[name] ?? "").trim() === "" && file !== "" ? file : undefined;
}
