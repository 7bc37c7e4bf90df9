import { kinds } from "../../app/wiring/kinds.ts";
import { show } from "../../app/context/telling.ts";
import { interlockNames } from "../../trading/interlocks.ts";
import { runbookSchema } from "../../runbook/schema.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";

/** `lav-ir schema`: what an editor checks a runbook with, or a program the lines of `--json`. */
export async function schema(
  world: World,
  options: GlobalOptions,
  of: "runbook" | "events",
): Promise<number> {
  const made = of === "runbook" ? runbookSchema(kinds, interlockNames) : await events();
  show(world, options, [{ type: "schema", of, schema: made }], () => [JSON.stringify(made, undefined, 2)]);
  return 0;
}

async function events(): Promise<object> {
  const { linesSchema } = await import("../../events/lines-schema.ts");
  return linesSchema();
}
