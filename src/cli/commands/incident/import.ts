import { createPrompt, Turn } from "../../../drivers/prompt/prompt.ts";
import { printable } from "../../../base/printable.ts";
import { blockOf, type Block } from "../../../app/incident/block.ts";
import { findBlocks } from "../../../app/incident/block-text.ts";
import { ensureSender } from "../../../app/incident/ensure-sender.ts";
import { importBlock, type Importer } from "../../../app/incident/import.ts";
import { planImports, type PlannedImport, type Target } from "../../../app/incident/import-plan.ts";
import { planInUse } from "../../../app/incident/record-command.ts";
import { respondersOf, type Responders } from "../../../app/incident/scene.ts";
import { cleanValueOf } from "../../../app/incident/typed-text.ts";
import { questionsOf } from "../../../app/context/questions.ts";
import { interrupted, refusal, type Refusal } from "../../../app/context/refusal.ts";
import { refuse } from "../../../app/context/refuse.ts";
import { storeOf } from "../../../app/context/store.ts";
import { show } from "../../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../../app/context/world.ts";
import { ok, type Result } from "../../../base/result.ts";
import { timelineOf } from "../../../incident/timeline.ts";
import { StateFault } from "../../../store/state-check.ts";
import { readGiven } from "../../input.ts";

export interface ImportOptions {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const asks = "Paste the blocks, then a line with a dot:";
/** A line with a dot alone. */
const dot = /^\s*\.\s*$/m;

/** `lav-ir incident import FILE|-`: what a full disk did not take, put on record later as of then. */
export async function incidentImport(
  world: World,
  options: GlobalOptions,
  file: string,
  own: ImportOptions,
): Promise<number> {
  const given = await readGiven(world, file, asks, dot);
  if (!given.ok) return refuse(world, options, given.failure);
  const blocks = blocksIn(given.value, file === "-" ? "the pasted text" : file);
  if (!blocks.ok) return refuse(world, options, blocks.failure);
  const store = storeOf(world, options);
  const responders = await respondersOf(world, options, "incident import");
  const named = options.incident;
  if (named !== undefined && (await store.incident(named)) === undefined)
    return refuse(world, options, refusal(`no incident ${named} on this machine`).failure);
  const planned = await plannedOr(async () => await planImports(store, blocks.value, named));
  if (!planned.ok) return refuse(world, options, planned.failure);
  const left = planned.value.filter(({ target }) => target.to !== "nowhere");
  const dryRun = own.dryRun === true;
  if (dryRun || left.length === 0) {
    show(world, options, planned.value.map(rowOf), () => planned.value.flatMap(linesOf));
    if (left.length === 0) world.stderr.write("nothing was imported: all of it is on record already\n");
    return 0;
  }
  if (options.json !== true)
    world.stderr.write(
      planned.value
        .flatMap(linesOf)
        .map((line) => `${printable(line)}\n`)
        .join(""),
    );
  const no = own.yes === true ? undefined : await declined(world, options, left.length);
  if (no !== undefined) return refuse(world, options, no);
  const importer = importerOf(world, options, responders);
  return await carryOut(world, options, responders, importer, planned.value);
}

function importerOf(world: World, options: GlobalOptions, { me, plan }: Responders): Importer {
  const desks = Object.keys(plan.desks);
  return { store: storeOf(world, options), me, clean: cleanValueOf(world, plan), desks };
}

async function plannedOr<T>(act: () => Promise<Result<T, Refusal>>): Promise<Result<T, Refusal>> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof StateFault)) throw error;
    return refusal(`${error.message}; nothing was imported`, "state");
  }
}

function blocksIn(text: string, name: string): Result<readonly Block[], Refusal> {
  const found = findBlocks(text);
  if (!found.ok) {
    const { at, message } = found.failure;
    return refusal(`${name}:${at.line}:${at.column}: ${message}; nothing was imported`);
  }
  const blocks: Block[] = [];
  for (const one of found.value) {
    const block = blockOf(one);
    if (!block.ok) return refusal(`${name}: ${block.failure}; nothing was imported`);
    blocks.push(block.value);
  }
  return ok(blocks);
}

/** What it says, where it goes, and what follows from that. */
function linesOf({ block, target, fold, warnings }: PlannedImport): readonly string[] {
  const rows = timelineOf(fold);
  return [
    `${block.id}  by ${block.actor} on ${block.host}  -> ${whereOf(target)}`,
    ...(target.to === "nowhere"
      ? []
      : rows.map(
          ({ at, text }) => `  ${new Date(at).toISOString().slice(0, 19).replace("T", " ")}  ${text}`,
        )),
    ...warnings.map((line) => `  ! ${line}`),
  ];
}

function whereOf(target: Target): string {
  switch (target.to) {
    case "new":
      return target.drill ? "a new exercise" : "a new incident";
    case "incident":
      return target.incident;
    case "nowhere":
      return `${target.incident}, where it is on record already`;
  }
}

function rowOf({ block, target, warnings }: PlannedImport) {
  const incident = target.to === "new" ? undefined : target.incident;
  const state = target.to === "nowhere" ? ("already" as const) : ("planned" as const);
  const records = block.records.length;
  return {
    type: "incident.imported" as const,
    block: block.id,
    state,
    incident,
    records,
    refs: [],
    warnings,
  };
}

async function declined(world: World, options: GlobalOptions, count: number): Promise<Refusal | undefined> {
  const settings = questionsOf(world, options);
  const needs = refusal("importing needs consent, and there is no terminal to ask at; pass --yes", "consent");
  if (!settings.available) return needs.failure;
  const what = count === 1 ? "this block" : `these ${count} blocks`;
  const answer = await createPrompt(settings, new Turn()).confirm(
    `Put ${what} on record? Nothing of it is sent again.`,
    world.interruption.stop,
  );
  if (!answer.answered)
    return answer.why === "cancelled" ? interrupted(world, "nothing was imported").failure : needs.failure;
  return answer.value ? undefined : refusal("declined; nothing was imported", "consent").failure;
}

async function carryOut(
  world: World,
  options: GlobalOptions,
  responders: Responders,
  importer: Importer,
  planned: readonly PlannedImport[],
): Promise<number> {
  const rows: Parameters<typeof show>[2][number][] = [];
  const lines: string[] = [];
  let failed: string | undefined;
  for (const one of planned) {
    const { block, target } = one;
    if (target.to === "nowhere" || failed !== undefined) {
      if (target.to === "nowhere") rows.push(rowOf(one));
      continue;
    }
    const done = await importBlock(importer, block, target);
    if (!done.ok) {
      failed = `NOT IMPORTED: ${block.id}: ${done.failure}; nothing of it is on record, keep it`;
      continue;
    }
    const { incident = "", refs = [] } = done.value ?? {};
    if (done.value === undefined) {
      rows.push({ ...rowOf(one), state: "already" });
      lines.push(`${block.id} is on record already`);
      continue;
    }
    rows.push({ ...rowOf(one), state: "imported", incident, refs });
    lines.push(`${incident}: ${block.id} imported (${refs[0] ?? ""} to ${refs.at(-1) ?? ""})`);
  }
  if (lines.length > 0) ensureSender(world, options, planInUse(responders));
  show(world, options, rows, () => lines);
  if (failed !== undefined) world.stderr.write(`${printable(failed)}\n`);
  return failed === undefined ? 0 : 1;
}
