import { coloursFor } from "../../output/colour.ts";
import type { RowLine } from "../../events/row-lines.ts";
import { runbookFiles, runbookFolders, shorten } from "../../app/context/runbooks.ts";
import { readSource } from "../../language/source.ts";
import { tellerFor } from "../../app/context/telling.ts";
import { readHead } from "../../runbook/head.ts";
import { atOnce } from "../../run/map-limit.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";

type Row = Extract<RowLine, { readonly type: "runbook" }>;

/**
 * `lav-ir list`: every runbook that a name would find. One whose head cannot be used is listed with why; what is
 * wrong with its steps is for `lint`.
 */
export async function listCommand(world: World, options: GlobalOptions): Promise<number> {
  const files = await runbookFiles(runbookFolders(world));
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows = await atOnce(sorted, async ([name, path]) => await rowOf(world, name, shorten(world, path)));
  const colour = coloursFor(world.stdout, world.env, options.color !== false);
  const width = (of: (row: Row) => string): number => Math.max(0, ...rows.map((row) => of(row).length));
  const [names, services] = [width((row) => row.runbook), width((row) => row.service ?? "")];
  const text = ({ runbook, severity, service = "", title = "", problem }: Row): void => {
    const head = `${runbook.padEnd(names)}  ${(severity ?? "").padEnd(2)}  ${service.padEnd(services)}`;
    world.stdout.write(`${head}  ${problem === undefined ? title : colour.red(problem)}\n`);
  };
  const tell = tellerFor<Row>(world, options, { text, line: (row) => row });
  for (const row of rows) tell(row);
  if (rows.length === 0) {
    world.stderr.write(`no runbook in ${runbookFolders(world).join(", ")}\n`);
  }
  return 0;
}

async function rowOf(world: World, name: string, path: string): Promise<Row> {
  const source = await readSource(path);
  const head = source.ok ? readHead(source.value.text) : undefined;
  if (head !== undefined) {
    const { severity, service, title } = head;
    return { type: "runbook", runbook: name, severity, service, title, path };
  }
  const { readRunbook } = await import("../../app/run/plan-of.ts");
  const read = await readRunbook(world, path);
  if (!read.ok) {
    const [problem = "cannot be used"] = read.failure.message.split("\n");
    return { type: "runbook", runbook: name, path, problem };
  }
  const { severity, service, title } = read.value;
  return { type: "runbook", runbook: name, severity, service: service?.name, title, path };
}
