import type { Failure } from "../../base/failure.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { ProcessReply } from "../../ports/ports.ts";
import { blanksIn, demandedFailure, demandedIn, lostFailure, lostIn, marks } from "./blank.ts";
import { complaint } from "./complaint.ts";
import { definitionOf, type Definition } from "./definition.ts";
import type { Made } from "./made.ts";

/** Bytes of a definition: what is longer is not read. */
export const longestDefinition = 8 * 1024 * 1024;

export interface Asking {
  readonly program: readonly string[];
  readonly project: string;
  /** As a failure names it. */
  readonly target: string;
  /** Compose's name of the service. */
  readonly service: string;
  readonly envFiles: readonly string[];
  readonly version: () => Promise<Result<ProcessReply>>;
  /** Runs `config` with these words, and these variables set besides. */
  readonly config: (
    words: readonly string[],
    more?: Readonly<Record<string, string>>,
  ) => Promise<Result<ProcessReply>>;
}

/**
 * What Compose would make of the service now. Fails, with nothing done, when a variable it needs is not set:
 * Compose itself would warn, put a blank in its place, and go on.
 */
export async function resolveDefinition(asking: Asking, made: readonly Made[]): Promise<Result<Definition>> {
  const { program, target, service } = asking;
  const tooMany = await tooManyFiles(asking);
  if (tooMany !== undefined) return fail(tooMany);
  const asked = await asking.config([]);
  if (!asked.ok) return fail({ ...asked.failure, effect: "none" });
  const { exitCode, stderr } = asked.value;
  if (exitCode !== 0) {
    const demanded = demandedIn(stderr);
    if (demanded !== undefined) return fail(demandedFailure(target, demanded));
    return fail({ ...complaint(program, asked.value), effect: "none" });
  }
  const plain = await read(asking, asked.value);
  if (!plain.ok) return plain;
  if (plain.value === undefined) {
    const message = `the Compose files define no service ${service}`;
    return fail({ type: "missing", target, message, effect: "none" });
  }
  const blanks = blanksIn(stderr);
  const marked = blanks.length === 0 ? ok(plain.value) : await markedBy(asking, blanks);
  if (!marked.ok) return marked;
  const hash = blanks.length === 0 || made.length === 0 ? undefined : await hashBy(asking);
  const lost = lostIn({ plain: plain.value, marked: marked.value, blanks, made, hash });
  return lost.length > 0 ? fail(lostFailure(target, lost, made)) : ok(plain.value);
}

/** Compose 1.29 takes the last of several files for the only one, without a word. */
async function tooManyFiles({ program, target, envFiles, version }: Asking): Promise<Failure | undefined> {
  if (envFiles.length < 2) return undefined;
  const asked = await version();
  if (!asked.ok) return { ...asked.failure, effect: "none" };
  if (!asked.value.stdout.trim().startsWith("1.")) return undefined;
  const files = envFiles.join(", ");
  const message = `${program.join(" ")} is Compose 1.29, which reads one file of variables; compose.env_file in the platform file names ${files}: put them into one`;
  return { type: "argument", target, message, effect: "none" };
}

async function read(asking: Asking, reply: ProcessReply): Promise<Result<Definition | undefined>> {
  if (reply.stdoutBytes > longestDefinition) {
    const message = `its definition is longer than ${longestDefinition} bytes`;
    return fail({
      type: "overflow",
      target: asking.target,
      limit: longestDefinition,
      message,
      effect: "none",
    });
  }
  const definition = await definitionOf(reply.stdout, asking.project, asking.service);
  if (definition.ok) return definition;
  return fail({
    type: "unreadable",
    target: asking.program.join(" "),
    message: definition.failure,
    effect: "none",
  });
}

/** The definition with a mark for each blank: undefined where a mark does not fit, and nobody can say where it went. */
async function markedBy(asking: Asking, blanks: readonly string[]): Promise<Result<Definition | undefined>> {
  const asked = await asking.config([], marks(blanks));
  if (!asked.ok) return fail({ ...asked.failure, effect: "none" });
  return asked.value.exitCode === 0 ? await read(asking, asked.value) : ok(undefined);
}

async function hashBy(asking: Asking): Promise<string | undefined> {
  const asked = await asking.config(["--hash", asking.service]);
  if (!asked.ok || asked.value.exitCode !== 0) return undefined;
  const line = asked.value.stdout.split("\n").find((one) => one.startsWith(`${asking.service} `));
  return line?.slice(asking.service.length + 1).trim();
}
