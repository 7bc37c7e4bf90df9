import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Platform } from "../../platform/platform.ts";
import { diagnosticText } from "../../language/diagnostic.ts";
import { ndjsonHeader, ndjsonRow } from "../../output/ndjson.ts";
import { junitText, type Case } from "../../output/junit.ts";
import { notRunbooks } from "../../app/context/runbooks.ts";
import { defaultParams } from "../../app/run/params.ts";
import { planOf, readRunbook } from "../../app/run/plan-of.ts";
import { checkReport, writeReport } from "../../app/run/report-file.ts";
import type { GlobalOptions, World } from "../../app/context/world.ts";
import { ok, type Result } from "../../base/result.ts";
import { loadPlatformIfAny } from "../../app/context/platform.ts";
import { refusal, type Refusal } from "../../app/context/refusal.ts";
import { annotate, refuse } from "../../app/context/refuse.ts";

/** `lav-ir lint`: every problem of every file, and of each together with the platform file. */
export async function lint(
  world: World,
  options: GlobalOptions,
  paths: readonly string[],
  own: { readonly junit?: string },
): Promise<number> {
  const report = await checkReport(own.junit);
  if (!report.ok) return refuse(world, options, report.failure);
  const files = await filesOf(paths.length === 0 ? ["runbooks"] : paths);
  if (!files.ok) return refuse(world, options, files.failure);
  const found = await loadPlatformIfAny(world, options, { command: "lint", untrusted: "warn" });
  if (!found.ok) return refuse(world, options, found.failure);
  const platform = found.value.type === "platform" ? found.value.platform : undefined;
  const cases: Case[] = [];
  let warnings = 0;
  if (options.json === true) world.stdout.write(ndjsonHeader(world.version));
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
    if (options.json === true) {
      const problem = checked.ok ? warned(checked.value) : { message: checked.failure.message };
      if (!checked.ok) annotate(world, checked.failure.diagnostics);
      const names = platform !== undefined;
      world.stdout.write(ndjsonRow("lint", { path, ok: checked.ok, names_checked: names, ...problem }));
    } else if (!checked.ok) refuse(world, options, checked.failure);
    else for (const warning of checked.value) world.stderr.write(`${warning}\n`);
    if (checked.ok) warnings += checked.value.length;
  }
  await writeReport(world, own.junit, junitText([{ name: "lav-ir lint", cases }]));
  const bad = cases.filter(({ result }) => result.type !== "passed").length;
  if (options.json !== true && options.quiet !== true) {
    const count = `${cases.length} runbook${cases.length === 1 ? "" : "s"}`;
    const also = warnings === 0 ? "" : `, ${warnings} warning${warnings === 1 ? "" : "s"}`;
    const says = bad > 0 ? `${bad} with problems${also}` : also === "" ? "nothing wrong" : also.slice(2);
    world.stdout.write(`${count} checked, ${says}\n`);
    if (found.value.type === "none")
      world.stdout.write(
        `names of services and approvers were not checked: no platform file; looked in ${found.value.looked.join(", ")}\n`,
      );
  }
  return bad === 0 ? 0 : 2;
}

function warned(warnings: readonly string[]): { readonly warnings?: readonly string[] } {
  return warnings.length === 0 ? {} : { warnings };
}

function firstLine({ message }: Refusal): string {
  return message.split("\n")[0] ?? message;
}

async function checkFile(
  world: World,
  path: string,
  platform: Platform | undefined,
): Promise<Result<readonly string[], Refusal>> {
  const runbook = await readRunbook(world, path);
  if (!runbook.ok) return runbook;
  const warnings = runbook.value.warnings.map(diagnosticText);
  if (platform === undefined) return ok(warnings);
  const plan = planOf(runbook.value, platform, defaultParams(runbook.value));
  return plan.ok ? ok(warnings) : plan;
}

async function filesOf(paths: readonly string[]): Promise<Result<readonly string[], Refusal>> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return refusal(`${path} does not exist`);
    if (!found.isDirectory()) {
      files.push(path);
      continue;
    }
    const names = await readdir(path);
    const own = names.filter((name) => /\.ya?ml$/.test(name) && !notRunbooks.has(name));
    files.push(...own.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => join(path, name)));
  }
  if (files.length > 0) return ok(files);
  return refusal(`there is no runbook in ${paths.join(", ")}`);
}
