// What lint asks of one file: a runbook, a template of messages, or a platform file; each by the code that a run, an
// update or any command reads it with, so that what passes here is not refused there.
import { basename, resolve } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Diagnostic } from "../../language/diagnostic.ts";
import { Problems } from "../../language/problems.ts";
import { readSource, type Source } from "../../language/source.ts";
import { environmentNames } from "../../platform/load.ts";
import { planProblems, unapproved } from "../../plan/plan.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Runbook } from "../../runbook/runbook.ts";
import { platformIn } from "../context/platform.ts";
import { refusal, refusalFor, type Refusal } from "../context/refusal.ts";
import type { GlobalOptions, World } from "../context/world.ts";
import { loadTemplate, ownTemplateProblems } from "../incident/templates.ts";
import { defaultParams } from "../run/params.ts";
import { readToLint, uncheckedPlan } from "../run/plan-of.ts";

/** What of a file lint knows before it has read it whole. */
export type LintedKind = "runbook" | "template" | "platform";

/** A file to check; what is on standard input has its text already. */
export interface LintedFile {
  readonly path: string;
  readonly kind: LintedKind;
  readonly source?: Source;
}

/** What may be meant, of a file that is in order; of one that is not, its problems, and behind them the same. */
export type Checked = Result<readonly Diagnostic[], Refusal>;

/** @param platform whose names a runbook's are checked against */
export async function checkFile(
  world: World,
  { path, kind, source }: LintedFile,
  platform: Platform | undefined,
): Promise<Checked> {
  if (kind === "template") {
    const template = await loadTemplate(world, path);
    return template.ok ? ok([]) : template;
  }
  const text = source === undefined ? await readSource(path) : ok(source);
  if (!text.ok) return refusal(text.failure, "runbook");
  const { diagnostics, read } = await readToLint(world, text.value);
  if (read === undefined) return refusalFor(diagnostics);
  const warnings = [...read.warnings];
  // A name that is none, or is missing, has been told.
  const named = read.id !== "" && !diagnostics.some(({ span }) => span.start === read.named.start);
  const problems = [...diagnostics, ...(named ? misnamed(read) : [])];
  if (platform !== undefined) {
    const plan = uncheckedPlan(read, platform, defaultParams(read));
    problems.push(...planProblems(plan));
    for (const one of unapproved(plan)) warnings.push({ ...one, warning: true });
  }
  return problems.length === 0 ? ok(warnings) : refusalFor([...inOrder(problems, text.value), ...warnings]);
}

/** What every check has found, as the file has it; what an included file has comes first. */
function inOrder(problems: readonly Diagnostic[], source: Source): readonly Diagnostic[] {
  const own = problems.filter((problem) => problem.source === source);
  const others = problems.filter((problem) => problem.source !== source);
  return [...others, ...own.toSorted((a, b) => a.span.start - b.span.start)];
}

/** A runbook is found, listed and included by its file's name, and its records have its own. */
function misnamed({ id, named, source }: Runbook): readonly Diagnostic[] {
  const file = basename(source.path).replace(/\.ya?ml$/, "");
  if (file === id || source.path.startsWith("<")) return [];
  const problems = new Problems(source, "name");
  problems.add(named, `the file is called ${file}`, `Write runbook: ${file}, or call the file ${id}.yaml.`);
  return problems.list;
}

/**
 * A platform file: with each of its environments laid over it, or with the one that is named; its triggers, and the
 * templates that it names. What every environment has wrong is told once.
 */
export async function checkPlatform(
  world: World,
  options: GlobalOptions,
  file: Pick<LintedFile, "path" | "source">,
): Promise<{ readonly checked: Checked; readonly others: readonly Wrong[] }> {
  const text = file.source === undefined ? await readSource(file.path) : ok(file.source);
  if (!text.ok) return { checked: refusal(text.failure, "configuration"), others: [] };
  const named = options.env === undefined ? [undefined, ...environmentNames(text.value)] : [options.env];
  const problems = new Map<string, Diagnostic>();
  const others = new Map<string, Wrong>();
  for (const env of named) {
    const own = env === undefined ? options : { ...options, env };
    const platform = platformIn(world, own, text.value);
    if (!platform.ok) {
      const { diagnostics } = platform.failure;
      if (diagnostics === undefined) return { checked: platform, others: [] };
      for (const one of diagnostics) problems.set(placed(one), one);
      continue;
    }
    for (const wrong of await wrongBeside(world, platform.value, text.value))
      others.set(`${wrong.path} ${wrong.refusal.message}`, wrong);
  }
  const checked =
    problems.size === 0 ? ok([]) : fail(refusalFor([...problems.values()], "configuration").failure);
  return { checked, others: [...others.values()] };
}

/** A problem that is told beside a file's own. */
export interface Wrong {
  readonly path: string;
  readonly refusal: Refusal;
}

/** What is wrong with a platform file's triggers, and with the templates that it names. */
export async function wrongBeside(
  world: World,
  platform: Platform,
  text?: Source,
): Promise<readonly Wrong[]> {
  const triggers = await checkTriggers(world, platform, text);
  const templates = await ownTemplateProblems(world, platform);
  return [...(triggers === undefined ? [] : [{ path: platform.path, refusal: triggers }]), ...templates];
}

/** The triggers of the platform file's severities are steps: they are checked as those of a runbook. */
async function checkTriggers(world: World, platform: Platform, text?: Source): Promise<Refusal | undefined> {
  const { hasTriggers, triggerProblems } = await import("../incident/triggers.ts");
  if (!hasTriggers(platform.incident)) return undefined;
  const source = text === undefined ? await readSource(resolve(world.cwd, platform.path)) : ok(text);
  if (!source.ok) return undefined;
  const problems = await triggerProblems(platform, { ...source.value, path: platform.path });
  return problems.length === 0 ? undefined : refusalFor(problems).failure;
}

function placed({ span, message }: Diagnostic): string {
  return `${span.start} ${message}`;
}
