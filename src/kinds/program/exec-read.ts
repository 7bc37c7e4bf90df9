import { shellLiteral } from "../../base/quote.ts";
import { fail } from "../../base/result.ts";
import { keptField, programOutputs, runProgram, type ProgramOutputs } from "./exec-run.ts";
import { defineKind, type Kind, type DisplayArgs } from "../kind.ts";
import { list, object, required, text } from "../../language/shape.ts";
import { shownList } from "../format.ts";

interface Args {
  readonly command: readonly string[];
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
  summary: "Run one of the programs that only look",
  doc: [
    `One of ${Object.keys(readers).join(", ")}, by name alone and with arguments that only look; anything else is \`exec\`, which is a change. A list, read by no shell: \`exec.read: [df, --output=pcent, /var]\`.`,
    "Any exit code is an answer: `expect: exit_code == 0` says which one is wanted.",
  ].join("\n\n"),
  effect: "read",
  args: object(
    { command: required(list(text(), { min: 1 }), "Program and arguments"), max_bytes: keptField },
    { primary: "command" },
  ),
  outputs: programOutputs,
  unreachable: "unknown",
  undo: { how: "nothing" },
  check: checkReader,
  plan: (args) => `exec.read: run ${line(args)}`,
  byHand: line,
  execute: async (args, context) => {
    const message = checkReader({ ...args });
    if (message === undefined) return await runProgram(args.command, args, context);
    return fail({ type: "argument", target: "exec.read", message, effect: "none" });
  },
});

function checkReader(args: DisplayArgs): string | undefined {
  const [program = "", ...rest] = shownList(args["command"]);
  if (program.includes("‹")) return undefined;
  const allowed = Object.hasOwn(readers, program) ? readers[program] : undefined;
  if (allowed === undefined) {
    return `${program === "" ? "an empty name" : program} is not one of the programs that only look (${Object.keys(readers).join(", ")}); exec runs any, as a change`;
  }
  const bad = rest.find((argument) => !argument.includes("‹") && !allowed.test(argument));
  return bad === undefined ? undefined : `${program} ${bad} may do more than look; exec runs it, as a change`;
}

function line(args: DisplayArgs): string {
  return shownList(args["command"]).map(shellLiteral).join(" ");
}
