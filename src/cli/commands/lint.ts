import { printable } from "../../base/printable.ts";
import { resolve } from "node:path";
import type { Platform } from "../../platform/platform.ts";
import { diagnosticText, problemOf, type Diagnostic } from "../../language/diagnostic.ts";
import type { RowLine } from "../../events/row-lines.ts";
import { junitText, type Case } from "../../output/junit.ts";
import { loadTemplate, ownTemplateProblems } from "../../app/incident/templates.ts";
import { defaultParams } from "../../app/run/params.ts";
import { planOf, readRunbook } from "../../app/run/plan-of.ts";
import { checkReport, writeReport } from "../../app/run/report-file.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { readSource } from "../../language/source.ts";
import { loadPlatformIfAny } from "../../app/context/platform.ts";
import { refusalFor, type Refusal } from "../../app/context/refusal.ts";
import { tellerFor } from "../../app/context/telling.ts";
import { annotate, refuse } from "../../app/context/refuse.ts";
import { lintedFiles } from "./linted-files.ts";

/** `lav-ir lint`: every problem of every file, and of each together with the platform file. */
export async function lint(
  world: World,
  options: GlobalOptions,
  paths: readonly string[],
  own: { readonly junit?: string },
): Promise<number> {
  const writable = await checkReport(own.junit);
  if (!writable.ok) return refuse(world, options, writable.failure);
  const files = await lintedFiles(paths.length === 0 ? ["runbooks"] : paths);
  if (!files.ok) return refuse(world, options, files.failure);
  const found = await loadPlatformIfAny(world, options, { command: "lint", untrusted: "warn" });
  // Its problems are told with those of the runbooks; one that cannot be used at all ends it.
  const broken = found.ok ? undefined : found.failure;
  const [first] = broken?.diagnostics ?? [];
  if (broken !== undefined && first === undefined) return refuse(world, options, broken);
  const platform = found.ok && found.value.type === "platform" ? found.value.platform : undefined;
  const cases: Case[] = [];
  let warnings = 0;
  let failed = 0;
  const text = (line: Linted): void => write(world, options, line);
  const tell = tellerFor<Linted>(world, options, { text, line: (row) => row });
  for (const path of files.value) {
    const begun = performance.now();
    const checked = await checkFile(world, path, platform);
    const base = { name: path, className: "lint", time: performance.now() - begun };
    cases.push(
      checked.ok
        ? { ...base, result: { type: "passed" } }
        : {
            ...base,
            result: { type: "failed", message: firstLine(checked.failure), details: checked.failure.message },
          },
    );
    tell(rowOf(path, checked, platform !== undefined));
    if (checked.ok) warnings += checked.value.length;
    else annotate(world, checked.failure.diagnostics);
    if (!checked.ok) failed += 1;
  }
  for (const { path, refusal: wrong } of await platformProblems(world, platform, broken)) {
    tell(rowOf(path, fail(wrong), platform !== undefined));
    annotate(world, wrong.diagnostics);
    failed += 1;
  }
  const exit_code = failed === 0 ? 0 : 2;
  const looked = found.ok && found.value.type === "none" ? found.value.looked : undefined;
  const templates = files.value.filter(isTemplate).length;
  tell({ type: "lint.finished", checked: cases.length, templates, failed, warnings, looked, exit_code });
  const report = junitText([{ name: "lav-ir lint", cases }]);
  return await writeReport(world, own.junit, report, exit_code);
}

type Checked = Extract<RowLine, { readonly type: "lint" }>;
type Linted = Checked | Extract<RowLine, { readonly type: "lint.finished" }>;

/** Problems on stderr, the count of them on stdout. */
function write({ stdout, stderr }: World, { quiet }: GlobalOptions, line: Linted): void {
  if (line.type === "lint") {
    if (line.message !== "") stderr.write(`${line.message}\n`);
    return;
  }
  if (quiet === true) return;
  const { checked, templates = 0, failed, warnings, looked } = line;
  const runbooks = checked - templates;
  const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;
  const count = [
    ...(runbooks === 0 ? [] : [plural(runbooks, "runbook")]),
    ...(templates === 0 ? [] : [plural(templates, "template")]),
  ].join(" and ");
  const also = warnings === 0 ? "" : `, ${warnings} warning${warnings === 1 ? "" : "s"}`;
  const says =
    failed > 0
      ? `${plural(failed, "file")} with problems${also}`
      : also === ""
        ? "no problems"
        : also.slice(2);
  stdout.write(`${count} checked: ${says}\n`);
  const unchecked = "names of services and approvers were not checked: no platform file";
  if (looked !== undefined) stdout.write(`${unchecked}; looked in ${looked.join(", ")}\n`);
}

function rowOf(
  path: string,
  checked: Result<readonly Diagnostic[], Refusal>,
  names_checked: boolean,
): Checked {
  const warnings = checked.ok ? checked.value : [];
  return {
    type: "lint",
    path,
    outcome: checked.ok ? "ok" : "failed",
    names_checked,
    diagnostics: checked.ok ? [] : (checked.failure.diagnostics ?? []).map(problemOf),
    warnings: warnings.map(problemOf),
    message: checked.ok ? warnings.map(diagnosticText).join("\n") : printable(checked.failure.message),
  };
}

function firstLine({ message }: Refusal): string {
  return message.split("\n")[0] ?? message;
}

function isTemplate(path: string): boolean {
  return path.endsWith(".txt");
}

async function checkFile(
  world: World,
  path: string,
  platform: Platform | undefined,
): Promise<Result<readonly Diagnostic[], Refusal>> {
  if (isTemplate(path)) {
    const template = await loadTemplate(world, path);
    return template.ok ? ok([]) : template;
  }
  const runbook = await readRunbook(world, path);
  if (!runbook.ok) return runbook;
  const { warnings } = runbook.value;
  if (platform === undefined) return ok(warnings);
  const plan = planOf(runbook.value, platform, defaultParams(runbook.value));
  return plan.ok ? ok(warnings) : plan;
}

/** What is wrong with the platform file itself, with its triggers, and with the templates that it names. */
async function platformProblems(
  world: World,
  platform: Platform | undefined,
  broken: Refusal | undefined,
): Promise<readonly { readonly path: string; readonly refusal: Refusal }[]> {
  if (platform === undefined)
    return broken === undefined
      ? []
      : [{ path: broken.diagnostics?.[0]?.source.path ?? "", refusal: broken }];
  const triggers = await checkTriggers(world, platform);
  const templates = await ownTemplateProblems(world, platform);
  return [...(triggers === undefined ? [] : [{ path: platform.path, refusal: triggers }]), ...templates];
}

/** The triggers of the platform file's severities are steps: they are checked as those of a runbook. */
async function checkTriggers(world: World, platform: Platform): Promise<Refusal | undefined> {
  const { hasTriggers, triggerProblems } = await import("../../app/incident/triggers.ts");
  if (!hasTriggers(platform.incident)) return undefined;
  const source = await readSource(resolve(world.cwd, platform.path));
  if (!source.ok) return undefined;
  const problems = await triggerProblems(platform, { ...source.value, path: platform.path });
  return problems.length === 0 ? undefined : refusalFor(problems).failure;
}
