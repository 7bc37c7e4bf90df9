import type { Failure } from "../../base/failure.ts";
import { shellLiteral, shellQuote } from "../../base/quote.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Json } from "../../base/json.ts";
import type { DisplayArgs, KindContext, OutputSpec, Undo, WrittenStep } from "../kind.ts";
import { jsonOf } from "../../language/json-text.ts";
import { defaulted, integer, list, map, optional, text } from "../../language/shape.ts";
import { namesSecret } from "../../secrets/names.ts";
import { shown, shownList } from "../format.ts";

export interface ProgramOutputs {
  readonly exit_code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly json?: unknown;
  readonly elapsed: number;
  readonly truncated: boolean;
}

export const programOutputs: { readonly [K in keyof ProgramOutputs]-?: OutputSpec } = {
  exit_code: { type: "int", doc: "Exit code" },
  stdout: { type: "string", doc: "Standard output, its newest `max_bytes`" },
  stderr: { type: "string", doc: "Standard error, its newest `max_bytes`" },
  json: {
    type: "dyn",
    doc: "Standard output as JSON, whole numbers exact; missing when it is not an object or a list, or was cut",
    optional: true,
  },
  elapsed: { type: "duration", doc: "Time from its start to its end" },
  truncated: { type: "bool", doc: "One of the streams was longer than `max_bytes`" },
};

export const keptField = defaulted(
  integer({ min: 0, max: 16 * 1024 * 1024 }),
  1024 * 1024,
  "Bytes of each stream that are kept: the newest",
);

const name = text({
  pattern: { test: /^[A-Za-z_][A-Za-z0-9_]*$/, says: "a variable's name" },
  template: "none",
  instead: "The name alone, without ${ }.",
});
export const passField = optional(
  list(name, { min: 1 }),
  "Names of variables of lav-ir's own environment that it gets; a secret goes into `secrets` and `env`",
);

export const changeFields = {
  pass: passField,
  env: optional(map(text({ secret: true })), "Environment of the program; a value may be a secret"),
  cwd: optional(text(), "Folder it runs in"),
  stdin: optional(text(), "Its standard input; without it, it has none"),
  accept: optional(
    list(integer({ min: 0, max: 255 }), { min: 1 }),
    "Exit codes that are a success, instead of 0 alone",
  ),
  max_bytes: keptField,
};

export interface ChangeFields {
  readonly pass?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly accept?: readonly number[];
  readonly max_bytes: number;
}

/** Runs a program to its end. Any exit code is an answer here; a death by signal is a failure. */
export async function runProgram(
  command: readonly string[],
  options: Omit<ChangeFields, "accept">,
  { ports, signal, live }: KindContext,
): Promise<Result<ProgramOutputs>> {
  const started = ports.clock.monotonic();
  const ran = await ports.process.run({
    command,
    env: options.env ?? {},
    ...(options.pass === undefined ? {} : { pass: options.pass }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
    maxBytes: options.max_bytes,
    signal,
    onOutput: live,
  });
  if (!ran.ok) return ran;
  const { exitCode, stdout, stderr, stdoutBytes, stderrBytes } = ran.value;
  if (exitCode === null) return fail(exitFailure(command, exitCode, ran.value.signal, stderr));
  const truncated = Math.max(stdoutBytes, stderrBytes) > options.max_bytes;
  const json = stdoutBytes > options.max_bytes ? undefined : await jsonOf(stdout, false);
  return ok({
    exit_code: exitCode,
    stdout,
    stderr,
    ...(json === undefined ? {} : { json: json.value }),
    elapsed: ports.clock.monotonic() - started,
    truncated,
  });
}

/** The same for a change: an exit code that is not a success means that nobody knows how far it came. */
export async function runProgramChange(
  command: readonly string[],
  options: ChangeFields,
  context: KindContext,
): Promise<Result<ProgramOutputs>> {
  const ran = await runProgram(command, options, context);
  if (!ran.ok || (options.accept ?? [0]).includes(ran.value.exit_code)) return ran;
  return fail(exitFailure(command, ran.value.exit_code, null, ran.value.stderr));
}

/** What a command that takes another back runs in, as that one did. */
export function surroundings({
  pass,
  env,
  cwd,
}: Pick<ChangeFields, "pass" | "env" | "cwd">): Readonly<Record<string, Json>> {
  return {
    ...(pass === undefined ? {} : { pass }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  };
}

/** The step that an author gives to take another back. @param why there is none where they give none */
export function undoBy<A extends { readonly undo?: unknown }>(
  why: string,
  made: (args: A) => WrittenStep | undefined,
): Undo<A> {
  return {
    how: "steps",
    steps: (args) => {
      const step = made(args);
      return step === undefined ? undefined : [step];
    },
    irreversible: ({ undo }) => (undo === undefined ? why : undefined),
  };
}

/** Why a program could not begin. */
export async function obstacleTo(
  command: readonly string[],
  { env = {}, pass, cwd }: Pick<ChangeFields, "env" | "pass" | "cwd">,
  { ports }: KindContext,
): Promise<Failure | undefined> {
  return await ports.process.obstacle({
    command,
    env,
    ...(pass === undefined ? {} : { pass }),
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Its last words are enough for a person; the whole would fill the journal. */
function exitFailure(
  [target = ""]: readonly string[],
  code: number | null,
  signal: string | null,
  stderr: string,
): Failure {
  return { type: "exit", target, code, signal, stderr: stderr.slice(-2000), effect: "unknown" };
}

/** Names that a shell can write and a program can read. */
export function checkEnv(args: DisplayArgs): string | undefined {
  const bad = Object.keys(envOf(args)).find((one) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(one));
  return bad === undefined ? checkPass(args) : `${JSON.stringify(bad)} cannot be the name of a variable`;
}

/** A secret that is passed on unseen would be hidden nowhere. */
export function checkPass(args: DisplayArgs): string | undefined {
  const bad = shownList(args["pass"]).find((one) => namesSecret(one));
  if (bad === undefined) return undefined;
  return `pass: ${bad} looks like a secret, which would be shown wherever the program prints it; declare it in secrets and give it in env`;
}

/** ` with A of this environment`, or nothing. */
export function withPassed(args: DisplayArgs): string {
  const names = shownList(args["pass"]);
  return names.length === 0 ? "" : ` with ${names.join(", ")} of this environment`;
}

/** ` with A, B in its environment`, or nothing; the values are in the arguments. */
export function withEnv(args: DisplayArgs): string {
  const names = Object.keys(envOf(args));
  const own = names.length === 0 ? "" : ` with ${names.join(", ")} in its environment`;
  return `${own}${withPassed(args)}`;
}

/** A command line around a command that is quoted already. */
export function commandLine(args: DisplayArgs, command: string): string {
  const cwd = args["cwd"] === undefined ? [] : [`cd ${shellLiteral(shown(args["cwd"]))} &&`];
  const stdin = args["stdin"] === undefined ? [] : [`printf %s ${shellLiteral(shown(args["stdin"]))} |`];
  const env = Object.entries(envOf(args)).map(([name, value]) => `${name}=${shellQuote(shown(value))}`);
  return [...cwd, ...stdin, ...env, command].join(" ");
}

function envOf(args: DisplayArgs): Readonly<Record<string, unknown>> {
  return (args["env"] ?? {}) as Readonly<Record<string, unknown>>;
}
