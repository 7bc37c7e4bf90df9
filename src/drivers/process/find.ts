import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Failure } from "../../base/failure.ts";
import type { ProcessRequest } from "../../ports/ports.ts";

/** Why a program cannot begin, as the system would find it: undefined where nothing says so. */
export async function cannotBegin(
  { command, cwd }: Pick<ProcessRequest, "command" | "cwd">,
  path: string,
): Promise<Failure | undefined> {
  const [program = ""] = command;
  const refused = await noPlace({ command, cwd });
  if (refused !== undefined) return refused;
  let denied = false;
  // One with a / in it is looked for from the folder that it runs in, and so is a part of the path that is relative.
  for (const folder of program.includes("/") ? [""] : path.split(":")) {
    const file = resolve(cwd ?? "", folder === "" ? program : join(folder, program));
    const found = await stat(file).catch(() => undefined);
    if (found?.isFile() !== true) continue;
    const runs = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return undefined;
    denied = true;
  }
  return denied ? notExecutable(program) : notFound(program);
}

/** A command that cannot begin, where the system's own word would mislead. */
export async function noPlace({
  command: [program = ""],
  cwd,
}: Pick<ProcessRequest, "command"> & { readonly cwd?: string | undefined }): Promise<Failure | undefined> {
  if (program === "")
    return { type: "argument", target: "command", message: "names no program", effect: "none" };
  if (cwd === undefined) return undefined;
  const folder = await stat(cwd).catch(() => undefined);
  if (folder?.isDirectory() === true) return undefined;
  const message = `${cwd} is not a folder ${program} could run in`;
  return { type: "missing", target: cwd, message, effect: "none" };
}

export function notFound(program: string): Failure {
  return { type: "missing", target: program, message: `program ${program} not found`, effect: "none" };
}

export function notExecutable(program: string): Failure {
  return { type: "denied", target: program, message: "it is not executable", effect: "none" };
}
