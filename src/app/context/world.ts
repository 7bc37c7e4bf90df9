import { printable } from "../../base/printable.ts";
import type { Job } from "../../drivers/process/job.ts";
import { diagnosticText, type Diagnostic } from "../../language/diagnostic.ts";
import { positionOf } from "../../language/source.ts";
import { annotationLine } from "../../output/github.ts";
import type { Identity } from "./identity.ts";
import type { Outlet, Stream } from "../../output/outlet.ts";
import { stateHome } from "./xdg.ts";
import type { Keyboard } from "../../drivers/prompt/terminal.ts";

/** The process as a command sees it: tests hand in another one. */
export interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Keyboard;
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly user: string;
  /** Undefined where the system has no owners of files. */
  readonly identity: Identity | undefined;
  readonly host: string;
  /** The folder of runbooks shipped with the program. */
  readonly shipped: string;
  readonly version: string;
  /** What starts this program again. */
  readonly again: { readonly program: string; readonly args: readonly string[] };
  readonly interruption: Interruption;
  readonly job: Job;
  readonly outlet: Outlet;
  /** Asks `blamed` of every exception that nobody caught, before it counts as a bug; until what it returns is called. */
  readonly uncaught?: (blamed: (error: unknown) => boolean) => () => void;
}

/** The operator's interruptions: the first asks for an end after the running step, the second ends it. */
export interface Interruption {
  /** Fires at the first one. */
  readonly stop: AbortSignal;
  /** Fires at the second one. */
  readonly kill: AbortSignal;
  /** 130 or 143, by the signal that came first. */
  readonly exitCode: () => 130 | 143;
  /** Ctrl-C at a question, where the terminal sends no signal. */
  readonly interrupt: () => void;
}

/** Options that every command takes. */
export interface GlobalOptions {
  readonly config?: string;
  readonly env?: string;
  readonly incident?: string;
  readonly json?: boolean;
  readonly input?: boolean;
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly stateDir?: string;
}

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

/** Folder of journals and incidents. */
export function stateFolder(world: World, options: GlobalOptions): string {
  const { env } = world;
  const given = options.stateDir ?? env["LAV_IR_STATE_DIR"];
  if (given !== undefined && given !== "") return given;
  return stateHome(env);
}
