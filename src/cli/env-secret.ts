import { readFileSync } from "node:fs";
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
  const file = env[`${name}_FILE`];
  const blank = value === undefined || value.trim() === "";
  if (blank && file !== undefined && file !== "") {
    try {
      return ok({ value: readFileSync(file, "utf8").trim(), from: file });
    } catch {
      return fail(file);
    }
  }
  return ok(value === undefined ? undefined : { value, from: name });
}
