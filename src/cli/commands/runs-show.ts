import { printable } from "../../base/printable.ts";
import { refusal } from "../../app/context/refusal.ts";
import { refuse } from "../../app/context/refuse.ts";
import { storeOf } from "../../app/context/store.ts";
import { journalOfRun } from "../../store/store.ts";
import { namedRun, resumeCommand } from "../../app/run/pick-run.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { recordsOf } from "../../events/run-record.ts";
import type { ListedLine } from "../../events/listed-lines.ts";
import { show } from "../../app/context/telling.ts";
import { storyLine } from "../../output/run-story.ts";
import { wrapLine } from "../../output/wrap.ts";
import type { ReadJournal } from "../../store/journal-record.ts";
import { holderText } from "../../store/lock.ts";
import type { ListedRun } from "../../store/run-list.ts";
import { listedLine } from "./runs.ts";

/** Columns of a line; a path or a command is never broken. */
const width = 80;

/**
 * `lav-ir runs show RUN`: its steps and verdicts, who consented, its files and how to go on.
 * @returns 0, or 1 when its journal does not hold: what stands behind the first such record is not shown.
 */
export async function showRun(world: World, options: GlobalOptions, id: string): Promise<number> {
  const store = storeOf(world, options);
  const named = await namedRun(store, id);
  if (!named.ok) return refuse(world, options, named.failure);
  const run = named.value;
  if (run.state === "unreadable") return refuse(world, options, refusal(run.message ?? id, "state").failure);
  const journal = await store.read(journalOfRun(run));
  if (journal === undefined)
    return refuse(world, options, refusal(`${run.journal} is gone`, "state").failure);
  const shown = { run, journal, files: await store.runFiles(run), next: nextOf(run, options) };
  show(world, options, rowsOf(shown), () => linesOf(shown));
  const { problem } = journal;
  if (problem === undefined) return 0;
  const why = `${run.journal}:${problem.line}: this record ${problem.message}; the records after it are not shown`;
  world.stderr.write(`UNRELIABLE: ${printable(why)}\n`);
  return 1;
}

interface Shown {
  readonly run: ListedRun;
  readonly journal: ReadJournal;
  readonly files: readonly string[];
  readonly next: string | undefined;
}

function nextOf({ run, state, holder }: ListedRun, options: GlobalOptions): string | undefined {
  if (holder?.unseen !== undefined) return `${resumeCommand(run, options)} --take-over`;
  return state === "waits" && holder === undefined ? resumeCommand(run, options) : undefined;
}

function rowsOf({ run, journal, files, next }: Shown): readonly ListedLine[] {
  const records = recordsOf(journal.records, run.run).map(({ type, data, time, actor, host }) => {
    const written = { record: type, written: new Date(time), actor, host, data: { ...data } };
    return { type: "run.record" as const, run: run.run, ...written };
  });
  const kept = files.map((path) => ({ type: "run.file" as const, run: run.run, path }));
  return [{ ...listedLine(run), next }, ...records, ...kept];
}

function linesOf({ run, journal, files, next }: Shown): readonly string[] {
  const { run: id, runbook, platform, environment, incident, holder, outcome, message, actor, host } = run;
  const records = recordsOf(journal.records, id);
  const began = records.find((record) => record.type === "run.started");
  const title = began === undefined ? "" : `: ${began.data.title}`;
  const word = holder !== undefined ? "running" : run.state === "waits" ? "waits" : undefined;
  const told = [word, outcome, message].filter((text) => text !== undefined).join(": ");
  const where =
    environment === undefined ? (platform ?? "?") : `${platform ?? "?"}, environment ${environment}`;
  return [
    ...wrapped(`${id} ${runbook ?? "?"}${title}`, ""),
    ...wrapped(told === "" ? run.state : told, ""),
    ...(holder === undefined ? [] : [holderText(holder, next)]),
    ...wrapped(`platform ${where}${incident === undefined ? "" : `; incident ${incident}`}`, ""),
    ...wrapped(
      `began ${instant(run.began)} by ${actor ?? "?"} on ${host ?? "?"}, ended ${instant(run.ended)}`,
      "",
    ),
    "",
    ...records.flatMap((record) => {
      const line = storyLine(record, record.actor);
      return line === undefined ? [] : wrapped(`${record.time.slice(11, 19)}  ${line}`, "          ");
    }),
    "",
    `journal ${run.journal}`,
    ...files.map((path) => `file    ${path}`),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ];
}

function instant(time: Date | undefined): string {
  return time === undefined ? "not yet" : `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** Lines of at most 80 columns, all but the first indented. */
function wrapped(text: string, indent: string): readonly string[] {
  const [first = "", ...more] = text.split("\n").flatMap((line) => wrapLine(line, width - indent.length));
  return [first, ...more.map((line) => `${indent}${line}`)];
}
