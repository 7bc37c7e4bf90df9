import { diagnosticText, type Diagnostic } from "../../language/diagnostic.ts";
import type { RefusalCode } from "../../events/refusal-line.ts";
import type { World } from "./world.ts";

/** A command that ends before anything ran: one message, and its exit code. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly exitCode: 2 | 3 | 130 | 143;
  readonly message: string;
  /** What is wrong in which file, where that is what it is about; the message has them as text. */
  readonly diagnostics?: readonly Diagnostic[];
}

interface Refused {
  readonly ok: false;
  readonly failure: Refusal;
}

/** Refuses with a message. Only consent that is missing has an exit code of its own. */
export function refusal(message: string, code: Exclude<RefusalCode, "interrupted"> = "usage"): Refused {
  return { ok: false, failure: { code, exitCode: code === "consent" ? 3 : 2, message } };
}

/** The operator interrupted a question or an input. */
export function interrupted({ interruption }: Pick<World, "interruption">, message: string): Refused {
  return { ok: false, failure: { code: "interrupted", exitCode: interruption.exitCode(), message } };
}

/** Refuses because of what stands in files. */
export function refusalFor(
  diagnostics: readonly Diagnostic[],
  code: "runbook" | "configuration" = "runbook",
): Refused {
  const message = diagnostics.map(diagnosticText).join("\n");
  return { ok: false, failure: { code, exitCode: 2, message, diagnostics } };
}
