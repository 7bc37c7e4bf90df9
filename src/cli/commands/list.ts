import { coloursFor } from "../../output/colour.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { runbookFiles, runbookFolders, shorten } from "../../app/context/runbooks.ts";
import { readSource } from "../../language/source.ts";
import { readHead } from "../../runbook/head.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";

interface Row {
  readonly runbook: string;
  readonly severity: string;
  readonly service: string;
  readonly title: string;
  readonly path: string;
  readonly problem?: string;
}

/**
 * `lav-ir list`: every runbook that a name would find. One whose head cannot be used is listed with why; what is
 * wrong with its steps is for `lint`.
 */
export async function listCommand(world: World, options: GlobalOptions): Promise<number> {
  const files = await runbookFiles(runbookFolders(world));
  const rows: Row[] = [];
  for (const [name, path] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    rows.push(await rowOf(world, name, shorten(world, path)));
  }
  if (options.json === true) {
    world.stdout.write(ndjsonHeader(world.version));
    for (const row of rows) world.stdout.write(ndjsonRow("runbook", row));
    return 0;
  }
  const colour = coloursFor(world.stdout, world.env, options.color !== false);
  const width = (of: (row: Row) => string): number => Math.max(0, ...rows.map((row) => of(row).length));
  const [names, services] = [width((row) => row.runbook), width((row) => row.service)];
  for (const row of rows) {
    const head = `${row.runbook.padEnd(names)}  ${row.severity.padEnd(2)}  ${row.service.padEnd(services)}`;
    const rest = row.problem === undefined ? row.title : colour.red(row.problem);
    world.stdout.write(`${head}  ${rest}\n`);
  }
  if (rows.length === 0) {
    world.stderr.write(`there is no runbook in ${runbookFolders(world).join(", ")}\n`);
  }
  return 0;
}

async function rowOf(world: World, name: string, path: string): Promise<Row> {
  const source = await readSource(path);
  const head = source.ok ? readHead(source.value.text) : undefined;
  if (head !== undefined) {
    const { severity = "", service = "", title } = head;
    return { runbook: name, severity, service, title, path };
  }
  const { readRunbook } = await import("../../app/run/plan-of.ts");
  const read = await readRunbook(world, path);
  if (!read.ok) {
    const [problem = "cannot be used"] = read.failure.message.split("\n");
    return { runbook: name, severity: "", service: "", title: "", path, problem };
  }
  const { severity = "", service, title } = read.value;
  return { runbook: name, severity, service: service?.name ?? "", title, path };
}
