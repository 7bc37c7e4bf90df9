import { kinds } from "../../app/wiring/all-kinds.ts";
import { show } from "../../app/context/telling.ts";
import { interlockNames } from "../../trading/interlocks.ts";
import { platformSchema } from "../../runbook/platform-schema.ts";
import { runbookSchema } from "../../runbook/schema.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";

export type SchemaOf = "runbook" | "platform" | "events";

/** `lav-ir schema`: what an editor checks a runbook or a platform file with, or a program the lines of `--json`. */
export async function schema(world: World, options: GlobalOptions, of: SchemaOf): Promise<number> {
  const made = await schemaOf(of);
  show(world, options, [{ type: "schema", of, schema: made }], () => [JSON.stringify(made, undefined, 2)]);
  return 0;
}

async function schemaOf(of: SchemaOf): Promise<object> {
  switch (of) {
    case "runbook":
      return runbookSchema(kinds, interlockNames);
    case "platform":
      return platformSchema();
    case "events":
      return (await import("../../events/lines-schema.ts")).linesSchema();
  }
}
