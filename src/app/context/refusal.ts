import { printable } from "../../base/printable.ts";
import { diagnosticText, type Diagnostic } from "../../language/diagnostic.ts";
import { positionOf } from "../../language/source.ts";
import { annotationLine } from "../../output/github.ts";
import type { World } from "./world.ts";

/** A command that ends before anything ran: one message on stderr, and its exit code. */
export interface Refusal {
  readonly exitCode: 2 | 3 | 130 | 143;
  readonly message: string;
  /** What is wrong in which file, where that is what it is about; the message has them as text. */
  readonly diagnostics?: readonly Diagnostic[];
}

export function refusal(
  message: string,
  exitCode: 2 | 3 = 2,
): { readonly ok: false; readonly failure: Refusal } {
  return { ok: false, failure: { exitCode, message } };
}

/** Refuses because of what stands in files. */
export function refusalFor(diagnostics: readonly Diagnostic[]): {
  readonly ok: false;
  readonly failure: Refusal;
} {
  const message = diagnostics.map(diagnosticText).join("\n");
  return { ok: false, failure: { exitCode: 2, message, diagnostics } };
}

/** Says why nothing runs: on stderr, and beside the lines where GitHub Actions runs us. */
export function refuse(world: World, { message, exitCode, diagnostics }: Refusal): number {
  world.stderr.write(`${printable(message)}\n`);
  annotate(world, diagnostics);
  return exitCode;
}

/** Annotations go to stderr, where GitHub reads them as well: stdout carries results for a program. */
export function annotate(world: World, diagnostics: readonly Diagnostic[] = []): void {
  if (world.env["GITHUB_ACTIONS"] !== "true") return;
  for (const { source, span, message, hint } of diagnostics) {
    const { line, column } = positionOf(source, span.start);
    const text = [message, hint].filter(Boolean).join(" ");
    world.stderr.write(annotationLine({ file: source.path, line, column, message: text }));
  }
}
