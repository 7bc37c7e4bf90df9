import type { GlobalOptions, World } from "./world.ts";
import { stateHome } from "./xdg.ts";

/** Folder of journals and incidents. */
export function stateFolder(world: Pick<World, "env">, options: GlobalOptions): string {
  const { env } = world;
  const given = options.stateDir ?? env["LAV_IR_STATE_DIR"];
  if (given !== undefined && given !== "") return given;
  return stateHome(env);
}
