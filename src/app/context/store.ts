import { createClock } from "../../drivers/clock.ts";
import type { Clock } from "../../ports/ports.ts";
import { fileStore } from "../../store/file-store.ts";
import type { Store } from "../../store/store.ts";
import { stateFolder } from "./state-folder.ts";
import type { GlobalOptions, World } from "./world.ts";

/** The records of this machine, as this person writes them. @param state another folder than the one in use */
export function storeOf(
  world: World,
  options: GlobalOptions,
  {
    clock = createClock(),
    state = stateFolder(world, options),
  }: { readonly clock?: Clock; readonly state?: string } = {},
): Store {
  return fileStore({ state, actor: world.user, host: world.host }, clock);
}
