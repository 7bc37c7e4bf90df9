// `npm run reference`: writes the made parts of README.md, docs/events.md and the runbooks' JSON Schema.
import { readFileSync, writeFileSync } from "node:fs";
import { eventsPage } from "./events-page.ts";
import { fillBlocks, readmeBlocks } from "./blocks.ts";
import { kinds } from "../../src/app/wiring/kinds.ts";
import { interlockNames } from "../../src/trading/interlocks.ts";
import { runbookSchema } from "../../src/runbook/schema.ts";

const readme = new URL("../../README.md", import.meta.url);
writeFileSync(readme, fillBlocks(readFileSync(readme, "utf8"), await readmeBlocks()));
writeFileSync(new URL("../../docs/events.md", import.meta.url), eventsPage());
const schema = new URL("../../runbooks/runbook.schema.json", import.meta.url);
writeFileSync(schema, `${JSON.stringify(runbookSchema(kinds, interlockNames), undefined, 2)}\n`);
