import { fail, ok, type Result } from "../../base/result.ts";
import type { Diagnostic, Fix } from "../../language/diagnostic.ts";
import { readSource, type Source } from "../../language/source.ts";
import { refusal, type Refusal } from "../context/refusal.ts";
import { replaceFile } from "../context/replace-file.ts";
import type { World } from "../context/world.ts";
import { readToLint } from "../run/plan-of.ts";
import type { LintedFile } from "./check.ts";

/** More rounds than any file has mistakes of the parser's, which are found one after the other. */
const mostRounds = 50;

/**
 * Writes what its problems and warnings say to write, until none says so any more. What a fix would not end stays.
 * @param check everything that lint says of a text
 * @returns how many places were written; the failure is a sentence.
 */
async function fixFile(
  path: string,
  check: (source: Source) => Promise<readonly Diagnostic[]>,
): Promise<Result<number, string>> {
  const read = await readSource(path);
  if (!read.ok) return read;
  let source = read.value;
  let written = 0;
  for (let round = 0; round < mostRounds; round++) {
    const found = await check(source);
    const fixes = apart(
      found.flatMap(({ fix, source: of }) => (of === source && fix !== undefined ? [fix] : [])),
    );
    if (fixes.length === 0) break;
    source = { path, text: withFixes(source.text, fixes) };
    written += fixes.length;
  }
  if (written === 0) return ok(0);
  const replaced = await replaceFile(path, read.value.text, source.text);
  return replaced === undefined ? ok(written) : fail(replaced);
}

/**
 * Fixes every runbook of them. A platform file and a template say nothing that could be written.
 * @returns how many places were written in which file; the failure says of which file it could not be.
 */
export async function fixAll(
  world: World,
  files: readonly LintedFile[],
): Promise<Result<ReadonlyMap<string, number>, Refusal>> {
  const written = new Map<string, number>();
  for (const { path, kind, source } of files) {
    if (path === source?.path && source.path.startsWith("<"))
      return refusal("--fix writes files; standard input is none");
    if (kind !== "runbook") continue;
    const fixed = await fixFile(path, async (text) => {
      const { diagnostics, read } = await readToLint(world, text);
      return [...diagnostics, ...(read?.warnings ?? [])];
    });
    if (!fixed.ok) return refusal(fixed.failure, "runbook");
    if (fixed.value > 0) written.set(path, fixed.value);
  }
  return ok(written);
}

/** Of fixes that overlap, the first alone: the others are found again in what it leaves. */
function apart(fixes: readonly Fix[]): readonly Fix[] {
  let end = -1;
  return fixes
    .toSorted((a, b) => a.span.start - b.span.start)
    .filter(({ span }) => {
      if (span.start < end) return false;
      end = span.end;
      return true;
    });
}

function withFixes(text: string, fixes: readonly Fix[]): string {
  return fixes.reduceRight(
    (all, { span, text: instead }) => all.slice(0, span.start) + instead + all.slice(span.end),
    text,
  );
}
