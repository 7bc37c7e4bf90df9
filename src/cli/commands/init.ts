import { show } from "../../app/context/telling.ts";
import { refuse } from "../../app/context/refuse.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { beginCi } from "../../app/init/begin-ci.ts";
import { begin } from "../../app/init/begin.ts";
import { shellLiteral } from "../../base/quote.ts";

/** `lav-ir init`: what a new user begins with, or with `--ci` what a repository checks its runbooks by. */
export async function init(
  world: World,
  options: GlobalOptions,
  folder: string,
  { ci = false }: { readonly ci?: boolean },
): Promise<number> {
  const made = ci ? await beginCi(world, folder) : await begin(world, options, folder);
  if (!made.ok) return refuse(world, options, made.failure);
  const { written, notes, next } = made.value;
  const commands = folder === "." ? next : [`cd ${shellLiteral(folder)}`, ...next];
  const width = Math.max(...written.map(({ path }) => path.length));
  show(
    world,
    options,
    [
      ...written.map(({ path, what }) => ({ type: "init.file" as const, path, what })),
      { type: "init.finished", notes, next: commands, exit_code: 0 },
    ],
    () => [
      ...written.map(({ path, what }) => `${path.padEnd(width)}  ${what}`),
      ...(options.quiet === true
        ? []
        : [
            ...notes.map((note) => `note: ${note}`),
            "",
            "next:",
            ...commands.map((command) => `  ${command}`),
          ]),
    ],
  );
  return 0;
}
