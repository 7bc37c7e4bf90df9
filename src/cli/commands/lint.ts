import { printable } from "../../base/printable.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { RowLine } from "../../events/row-lines.ts";
import { diagnosticText, problemOf, type Diagnostic } from "../../language/diagnostic.ts";
import { textSource, type Source } from "../../language/source.ts";
import { junitText, type Case } from "../../output/junit.ts";
import { sarifText } from "../../output/sarif.ts";
import type { Platform } from "../../platform/platform.ts";
import { loadPlatformIfAny, platformIn } from "../../app/context/platform.ts";
import { refusal, type Refusal } from "../../app/context/refusal.ts";
import { annotate, refuse } from "../../app/context/refuse.ts";
import { tellerFor } from "../../app/context/telling.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import {
  checkFile,
  checkPlatform,
  wrongBeside,
  type LintedFile,
  type LintedKind,
  type Wrong,
} from "../../app/lint/check.ts";
import { fixAll } from "../../app/lint/fix.ts";
import { lintedFiles } from "../../app/lint/linted-files.ts";
import { readAhead } from "../../app/lint/read-ahead.ts";
import { checkReport, writeReport } from "../../app/run/report-file.ts";
import { counted } from "../../kinds/format.ts";
import { readGiven } from "../input.ts";

/** What of standard input is called in messages, as other tools do. */
const standardInput = "<stdin>";

/** Reports for other programs, beside what is printed; and whether what can be written is. */
interface LintOptions {
  readonly junit?: string;
  readonly sarif?: string;
  readonly fix?: boolean;
}

/** `lav-ir lint`: every problem of every file, and of each together with the platform file. */
export async function lint(
  world: World,
  options: GlobalOptions,
  paths: readonly string[],
  own: LintOptions,
): Promise<number> {
  for (const report of [own.junit, own.sarif]) {
    const writable = await checkReport(report);
    if (!writable.ok) return refuse(world, options, writable.failure);
  }
  const given = await standard(world, paths);
  if (!given.ok) return refuse(world, options, given.failure);
  const named = paths.length === 0 ? ["runbooks"] : paths;
  let files = await lintedFiles(named, given.value);
  if (!files.ok) return refuse(world, options, files.failure);
  const fixed = own.fix === true ? await fixAll(world, files.value) : ok(new Map<string, number>());
  if (!fixed.ok) return refuse(world, options, fixed.failure);
  // What was written is read anew.
  if (fixed.value.size > 0) files = await lintedFiles(named, given.value);
  if (!files.ok) return refuse(world, options, files.failure);
  const platforms = files.value.filter(({ kind }) => kind === "platform");
  const found = await platformFor(world, options, platforms);
  if (!found.ok) return refuse(world, options, found.failure);
  const { platform, wrong, looked } = found.value;
  const lines: Checked[] = [];
  const cases: Case[] = [];
  const diagnostics: Diagnostic[] = [];
  const text = (line: Linted): void => write(world, options, line);
  const tell = tellerFor<Linted>(world, options, { text, line: (row) => row });
  const say = (path: string, checked: Result<readonly Diagnostic[], Refusal>): void => {
    const line = { ...rowOf(path, checked, platform !== undefined), fixed: fixed.value.get(path) };
    lines.push(line);
    diagnostics.push(...(checked.ok ? checked.value : (checked.failure.diagnostics ?? [])));
    tell(line);
    if (!checked.ok) annotate(world, checked.failure.diagnostics);
  };
  const beside = [...wrong];
  for await (const file of readAhead(files.value)) {
    const begun = performance.now();
    const whole = file.kind === "platform" ? await checkPlatform(world, options, file) : undefined;
    const checked = whole?.checked ?? (await checkFile(world, file, platform));
    beside.push(...(whole?.others ?? []));
    cases.push(caseOf(file.path, checked, performance.now() - begun));
    say(file.path, checked);
  }
  for (const { path, refusal: problem } of beside) say(path, fail(problem));
  const failed = lines.filter(({ outcome }) => outcome === "failed").length;
  const exit_code = failed === 0 ? 0 : 2;
  const count = (wanted: LintedKind): number => files.value.filter(({ kind }) => kind === wanted).length;
  tell({
    type: "lint.finished",
    checked: files.value.length,
    templates: count("template"),
    platforms: count("platform"),
    failed,
    warnings: lines.reduce((sum, { warnings }) => sum + warnings.length, 0),
    looked,
    exit_code,
  });
  const log =
    own.sarif === undefined ? "" : sarifText(diagnostics, { version: world.version, cwd: world.cwd });
  const written = await writeReport(world, own.sarif, log, exit_code);
  return await writeReport(world, own.junit, junitText([{ name: "lav-ir lint", cases }]), written);
}

/** What is on standard input, where it is named. */
async function standard(
  world: World,
  paths: readonly string[],
): Promise<Result<ReadonlyMap<string, Source>, Refusal>> {
  if (!paths.includes("-")) return ok(new Map());
  const read = await readGiven(world, "-", "paste a runbook or a platform file, then press Ctrl-D", /(?!)/);
  if (!read.ok) return read;
  const source = textSource(standardInput, read.value);
  return source.ok ? ok(new Map([["-", source.value]])) : refusal(source.failure, "runbook");
}

interface PlatformFound {
  /** Whose names the runbooks' are checked against. */
  readonly platform?: Platform;
  /** Of the platform file in use, where it is not one of those that are checked by themselves. */
  readonly wrong: readonly Wrong[];
  /** Where one was looked for, and none is. */
  readonly looked?: readonly string[];
}

/**
 * The platform file in use: the only one that is checked, where none is chosen, else the one that any command would
 * find. Its problems are told with those of the runbooks; one that cannot be read at all ends it.
 */
async function platformFor(
  world: World,
  options: GlobalOptions,
  checked: readonly LintedFile[],
): Promise<Result<PlatformFound, Refusal>> {
  const [only, ...more] = checked;
  if (only?.source !== undefined && more.length === 0 && options.config === undefined) {
    const read = platformIn(world, options, only.source);
    return ok(read.ok ? { platform: read.value, wrong: [] } : { wrong: [] });
  }
  const found = await loadPlatformIfAny(world, options, { command: "lint", untrusted: "warn" });
  if (!found.ok) {
    const [first] = found.failure.diagnostics ?? [];
    return first === undefined ? found : ok({ wrong: [{ path: first.source.path, refusal: found.failure }] });
  }
  if (found.value.type === "none") return ok({ wrong: [], looked: found.value.looked });
  const { platform } = found.value;
  return ok({ platform, wrong: await wrongBeside(world, platform) });
}

type Checked = Extract<RowLine, { readonly type: "lint" }>;
type Linted = Checked | Extract<RowLine, { readonly type: "lint.finished" }>;

/** Problems on stderr, the count of them on stdout. */
function write({ stdout, stderr }: World, { quiet }: GlobalOptions, line: Linted): void {
  if (line.type === "lint") {
    if (line.fixed !== undefined) stderr.write(`${line.path}: ${counted(line.fixed, "place")} fixed\n`);
    if (line.message !== "") stderr.write(`${line.message}\n`);
    return;
  }
  if (quiet === true) return;
  const { checked, templates = 0, platforms = 0, failed, warnings, looked } = line;
  const runbooks = checked - templates - platforms;
  const count = [
    ...(runbooks === 0 ? [] : [counted(runbooks, "runbook")]),
    ...(templates === 0 ? [] : [counted(templates, "template")]),
    ...(platforms === 0 ? [] : [counted(platforms, "platform file")]),
  ];
  const all = [count.slice(0, -1).join(", "), ...count.slice(-1)].filter((part) => part !== "").join(" and ");
  const also = warnings === 0 ? "" : `, ${counted(warnings, "warning")}`;
  const says =
    failed > 0
      ? `${counted(failed, "file")} with problems${also}`
      : also === ""
        ? "no problems"
        : also.slice(2);
  stdout.write(`${all} checked: ${says}\n`);
  const unchecked = "names of services and approvers were not checked: no platform file";
  if (looked !== undefined) stdout.write(`${unchecked}; looked in ${looked.join(", ")}\n`);
}

function rowOf(
  path: string,
  checked: Result<readonly Diagnostic[], Refusal>,
  names_checked: boolean,
): Checked {
  const found = checked.ok ? checked.value : (checked.failure.diagnostics ?? []);
  const warnings = found.filter(({ warning }) => warning === true);
  const problems = found.filter(({ warning }) => warning !== true);
  return {
    type: "lint",
    path,
    outcome: checked.ok ? "ok" : "failed",
    names_checked,
    diagnostics: problems.map(problemOf),
    warnings: warnings.map(problemOf),
    message: checked.ok ? warnings.map(diagnosticText).join("\n") : printable(checked.failure.message),
  };
}

function caseOf(path: string, checked: Result<readonly Diagnostic[], Refusal>, time: number): Case {
  const base = { name: path, className: "lint", time };
  if (checked.ok) return { ...base, result: { type: "passed" } };
  const { message } = checked.failure;
  return {
    ...base,
    result: { type: "failed", message: message.split("\n")[0] ?? message, details: message },
  };
}
