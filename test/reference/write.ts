// `npm run reference`: writes the made parts of README.md and docs/reference.md, docs/events.md, docs/example-review.md, docs/expressions.md, docs/kinds.md, docs/templates.md and the JSON Schemas.
import { readFileSync, writeFileSync } from "node:fs";
import { exampleReview } from "./example-review.ts";
import { eventsPage } from "./events-page.ts";
import { expressionsPage } from "./expressions-page.ts";
import { kindsPage } from "./kinds-page.ts";
import { templatesPage } from "./templates-page.ts";
import { fillBlocks, madeParts } from "./blocks.ts";
import { kinds } from "../../src/app/wiring/all-kinds.ts";
import { interlockNames } from "../../src/trading/interlocks.ts";
import { platformSchema } from "../../src/runbook/platform-schema.ts";
import { runbookSchema } from "../../src/runbook/schema.ts";

for (const [page, parts] of Object.entries(await madeParts())) {
  const file = new URL(`../../${page}`, import.meta.url);
  writeFileSync(file, fillBlocks(readFileSync(file, "utf8"), parts));
}
writeFileSync(new URL("../../docs/events.md", import.meta.url), eventsPage());
writeFileSync(new URL("../../docs/example-review.md", import.meta.url), exampleReview());
writeFileSync(new URL("../../docs/templates.md", import.meta.url), templatesPage());
writeFileSync(new URL("../../docs/expressions.md", import.meta.url), expressionsPage());
writeFileSync(new URL("../../docs/kinds.md", import.meta.url), kindsPage());
const schemas = { runbook: runbookSchema(kinds, interlockNames), platform: platformSchema() };
for (const [of, schema] of Object.entries(schemas)) {
  const file = new URL(`../../runbooks/${of}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema, undefined, 2)}\n`);
}
