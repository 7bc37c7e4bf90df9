import { shellLiteral } from "../../base/quote.ts";
import { fail } from "../../base/result.ts";
import {
  checkPass,
  keptField,
  passField,
  programOutputs,
  runProgram,
  withPassed,
  type ProgramOutputs,
} from "./exec-run.ts";
import { vouchedFor } from "./vouched.ts";
import { defineKind, type DisplayArgs, type Kind, type Vouched, type Where } from "../kind.ts";
import { list, object, required, text } from "../../language/shape.ts";
import { shownList } from "../format.ts";

interface Args {
  readonly command: readonly string[];
  readonly pass?: readonly string[];
  readonly max_bytes: number;
}

/** Any argument: the program has none that changes something. */
const anything = /^/;

/**
 * Programs that only look, each with the arguments it may have. Some change something after all when they
 * are asked to: `date` and `hostname` set what they show, `ss` ends connections and writes files. `ps`
 * shows every process's environment, secrets included, when a bare word has an `e` in it.
 */
const readers: Readonly<Record<string, RegExp>> = {
  date: /^(\+.*|-u|--utc|-R|--rfc-email|-I[a-z]*|--iso-8601(=[a-z]+)?|--rfc-3339=[a-z]+|--date=.*)$/s,
  df: anything,
  free: anything,
  getent: anything,
  hostname: /^(-[fsiIdAy]|--fqdn|--short|--ip-address|--all-ip-addresses|--domain|--all-fqdns)$/,
  id: anything,
  nproc: anything,
  ps: /^(?!.*environ)(-.*|[\d,]+|[abcdfghjlmnrstuvwxLSTUX]+)$/,
  ss: /^(-[antuplxsoemirHOw046]+|--(numeric|all|listening|tcp|udp|unix|processes|summary|info|no-header)|[^-].*)$/s,
  uname: anything,
  uptime: anything,
};

export const execRead: Kind = defineKind<Args, ProgramOutputs>({
  name: "exec.read",
  summary: "Run a program that only looks",
  doc: [
    `One of ${Object.keys(readers).join(", ")}, by name alone and with arguments that only look, or one that the platform file's \`programs\` vouch for; anything else is \`exec\`, which is a change. A list, read by no shell: \`exec.read: [df, --output=pcent, /var]\`. The plan names the line that vouches, and the absolute path that is run.`,
    "Any exit code is an answer: `expect: exit_code == 0` says which one is wanted. It gets PATH, HOME, LANG, TZ and the variables named in `pass`, and no terminal. While it runs, the newest line of its output is shown below the step at a terminal, without secrets; with `-v` the newest five, or in a log every line.",
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      command: required(list(text(), { min: 1 }), "Program and arguments"),
      pass: passField,
      max_bytes: keptField,
    },
    { primary: "command" },
  ),
  outputs: programOutputs,
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: (args, where) => {
    const allowed = readerOf(shownList(args["command"]), where, (word) => !word.includes("‹"));
    return checkPass(args) ?? (typeof allowed === "string" ? allowed : undefined);
  },
  plan: (args, where) => {
    const { line, vouched } = shownLine(args, where);
    const by = vouched === undefined ? "" : ` (vouched for by ${vouched.by})`;
    return `exec.read: run ${line}${withPassed(args)}${by}`;
  },
  byHand: (args, where) => shownLine(args, where).line,
  execute: async (args, context) => {
    const { command } = args;
    // What a plan let through because it was not known is known now: nothing passes for open any more.
    const allowed = readerOf(command, context.where, () => true);
    if (typeof allowed === "string") {
      return fail({ type: "argument", target: "exec.read", message: allowed, effect: "none" });
    }
    if (allowed.vouched === undefined) return await runProgram(command, args, context);
    const { path, by } = allowed.vouched;
    const [target = ""] = command;
    if (path !== undefined) return await runProgram([path, ...command.slice(1)], args, context);
    const message = `program ${target} not found; ${by} names it`;
    return fail({ type: "missing", target, message, effect: "none" });
  },
});

/**
 * By which right a command runs: as one of the programs that only look, or by an entry of the platform file. A
 * sentence where it has none.
 * @param known whether a word is what will be run; in a plan, one may wait for the run.
 */
function readerOf(
  [program = "", ...rest]: readonly string[],
  { programs }: Where,
  known: (word: string) => boolean,
): string | { readonly vouched: Vouched | undefined } {
  if (!known(program)) return { vouched: undefined };
  const allowed = Object.hasOwn(readers, program) ? readers[program] : undefined;
  const bad = rest.find((argument) => known(argument) && allowed?.test(argument) !== true);
  if (allowed !== undefined && bad === undefined) return { vouched: undefined };
  const vouched = vouchedFor([program, ...rest], programs, known);
  if (vouched !== undefined) return { vouched };
  if (allowed !== undefined) return `${program} ${bad} may do more than look; exec runs it, as a change`;
  const entries = programs.filter(({ words, path }) => words[0] === program || path === program);
  const [entry] = entries;
  if (entry !== undefined) {
    const also = entries.length > 1 ? ` and ${entries.length - 1} more` : "";
    return `${program} is not vouched for with these arguments (${entry.by}${also}: ${entry.words.join(" ")}); exec runs any, as a change`;
  }
  const name = program === "" ? "an empty name" : program;
  return `${name} is not one of the programs that only look (${Object.keys(readers).join(", ")}), and the platform file's programs do not name it; exec runs any, as a change`;
}

/** The command as it is typed and run: by its absolute path where the platform file vouches for it. */
function shownLine(
  args: DisplayArgs,
  where: Where,
): { readonly line: string; readonly vouched: Vouched | undefined } {
  const command = shownList(args["command"]);
  const allowed = readerOf(command, where, (word) => !word.includes("‹"));
  const vouched = typeof allowed === "string" ? undefined : allowed.vouched;
  const [program = "", ...rest] = command;
  const line = [vouched?.path ?? program, ...rest].map(shellLiteral).join(" ");
  return { line, vouched };
}
