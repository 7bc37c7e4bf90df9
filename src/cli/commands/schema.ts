import { kinds } from "../../app/wiring/kinds.ts";
import { interlockNames } from "../../trading/interlocks.ts";
import { runbookSchema } from "../../runbook/schema.ts";
import type { World } from "../../app/context/world.ts";

/** `lav-ir schema`: what an editor completes and checks a runbook with. */
export async function schema(world: World): Promise<number> {
  world.stdout.write(`${JSON.stringify(runbookSchema(kinds, interlockNames), undefined, 2)}\n`);
  return await Promise.resolve(0);
}
