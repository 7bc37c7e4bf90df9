import { printable } from "../../base/printable.ts";
import { problemOf, type Diagnostic } from "../../language/diagnostic.ts";
import { annotationLine } from "../../output/github.ts";
import { ndjsonLine } from "../../output/ndjson.ts";
import type { RefusalLine } from "../../events/refusal-line.ts";
import type { Refusal } from "./refusal.ts";
import type { GlobalOptions, World } from "./world.ts";

/**
 * Says why nothing runs: on stderr for a person, with `--json` as the one line of stdout for a program, and beside
 * the lines where GitHub Actions runs us.
 * @returns the exit code.
 */
export function refuse(world: World, { json }: Pick<GlobalOptions, "json">, failure: Refusal): number {
  if (json === true) world.stdout.write(ndjsonLine({ ...lineOf(failure), time: new Date() }));
  world.stderr.write(`${printable(failure.message)}\n`);
  annotate(world, failure.diagnostics);
  return failure.exitCode;
}

function lineOf({ code, exitCode, message, diagnostics = [] }: Refusal): RefusalLine {
  return { type: "error", code, message, diagnostics: diagnostics.map(problemOf), exit_code: exitCode };
}

/** Annotations go to stderr, where GitHub reads them as well: stdout carries results for a program. */
export function annotate(world: World, diagnostics: readonly Diagnostic[] = []): void {
  if (world.env["GITHUB_ACTIONS"] !== "true") return;
  for (const diagnostic of diagnostics) {
    const { message, hint, ...place } = problemOf(diagnostic);
    const text = [message, hint].filter(Boolean).join(" ");
    const level = diagnostic.warning === true ? "warning" : "error";
    world.stderr.write(annotationLine({ level, ...place, message: text }));
  }
}
