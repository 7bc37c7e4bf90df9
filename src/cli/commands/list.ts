import { coloursFor } from "../../output/colour.ts";
import type { RowLine } from "../../events/row-lines.ts";
import { runbookFiles, runbookFolders, shorten } from "../../app/context/runbooks.ts";
import { readSource } from "../../language/source.ts";
import { tellerFor } from "../../app/context/telling.ts";
import { printable } from "../../base/printable.ts";
import { didYouMean } from "../../base/suggest.ts";
import { readHead } from "../../runbook/head.ts";
import { atOnce } from "../../run/map-limit.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";

type Row = Extract<RowLine, { readonly type: "runbook" }>;

interface ListOptions {
  /** The id of an alert. */
  readonly alert?: string;
}

/**
 * `lav-ir list`: every runbook that a name would find. One whose head cannot be used is listed with why; what is
 * wrong with its steps is for `lint`.
 * @returns 1 where no runbook answers the alert that was asked for
 */
export async function listCommand(
  world: World,
  options: GlobalOptions,
  { alert }: ListOptions = {},
): Promise<number> {
  const files = await runbookFiles(runbookFolders(world));
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const all = await atOnce(sorted, async ([name, path]) => await rowOf(world, name, shorten(world, path)));
  const { rows, found } =
    alert === undefined ? { rows: all, found: all.length > 0 } : await answering(alert, all);
  const colour = coloursFor(world.stdout, world.env, options.color !== false);
  const width = (of: (row: Row) => string): number => Math.max(0, ...rows.map((row) => of(row).length));
  const [names, services] = [width((row) => row.runbook), width((row) => row.service ?? "")];
  const severities = Math.max(
    2,
    width((row) => row.severity ?? ""),
  );
  const text = ({ runbook, severity, service = "", title = "", problem }: Row): void => {
    const head = `${runbook.padEnd(names)}  ${(severity ?? "").padEnd(severities)}  ${service.padEnd(services)}`;
    world.stdout.write(`${head}  ${problem === undefined ? title : colour.red(problem)}\n`);
  };
  const tell = tellerFor<Row>(world, options, { text, line: (row) => row });
  for (const row of rows) tell(row);
  if (found) return 0;
  const where = `in ${runbookFolders(world).join(", ")}`;
  world.stderr.write(alert === undefined ? `no runbook ${where}\n` : await noneFor(alert, all, where));
  return alert === undefined ? 0 : 1;
}

/** Those that answer the alert, and those of which nobody can say. */
async function answering(
  alert: string,
  all: readonly Row[],
): Promise<{ readonly rows: readonly Row[]; readonly found: boolean }> {
  const asked = await atOnce(all, async (row) => ({ ...row, alerts: await alertsOf(row) }));
  const rows = asked.filter(({ alerts }) => alerts?.includes(alert) ?? true);
  return { rows, found: rows.some(({ alerts }) => alerts !== undefined) };
}

async function alertsOf({ path }: Row): Promise<readonly string[] | undefined> {
  const { alertsIn } = await import("../../runbook/alerts.ts");
  const source = await readSource(path);
  return source.ok ? alertsIn(source.value) : undefined;
}

async function noneFor(alert: string, rows: readonly Row[], where: string): Promise<string> {
  const known = (await Promise.all(rows.map(alertsOf))).flatMap((alerts) => alerts ?? []);
  return `no runbook answers the alert ${printable(alert)}${didYouMean(alert, known)}; looked ${where}\n`;
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
  return { type: "runbook", runbook: name, severity: severity?.name, service: service?.name, title, path };
}
