import type { Result } from "../../base/result.ts";
import type { SecretSource } from "../../platform/secret-sources.ts";
import type { Job } from "../../drivers/process/job.ts";
import type { Identity } from "./identity.ts";
import type { Outlet, Stream } from "../../output/outlet.ts";
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
  readonly commandSecrets: CommandSecrets;
  readonly outlet: Outlet;
  /** Asks `blamed` of every exception that nobody caught, before it counts as a bug; until what it returns is called. */
  readonly uncaught?: (blamed: (error: unknown) => boolean) => () => void;
}

/** Secrets that commands of a platform file print: each command runs once, whoever asks. */
export interface CommandSecrets {
  /** What came so far: none of it may be shown. */
  values(): readonly string[];
  /** @returns why there is none, in words that complete "the command op: ". */
  read(source: Extract<SecretSource, { type: "command" }>): Promise<Result<string, string>>;
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
