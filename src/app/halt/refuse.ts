import type { Refusal } from "../context/refusal.ts";
import type { GlobalOptions, World } from "../context/world.ts";

/** Says why nothing is halted. What it takes to say so is loaded here, so that no halt loads it. */
export async function refuseHalt(
  world: World,
  flags: Pick<GlobalOptions, "json">,
  failure: Refusal,
): Promise<number> {
  const { refuse } = await import("../context/refuse.ts");
  return refuse(world, flags, { ...failure, message: `${failure.message}\nNothing was sent.` });
}
