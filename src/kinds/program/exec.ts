import { formatDuration } from "../../base/duration.ts";
import { shellLiteral } from "../../base/quote.ts";
import {
  changeFields,
  checkEnv,
  commandLine,
  obstacleTo,
  programOutputs,
  runProgramChange,
  surroundings,
  undoBy,
  withEnv,
  type ChangeFields,
  type ProgramOutputs,
} from "./exec-run.ts";
import { defineKind, type Kind, type DisplayArgs } from "../kind.ts";
import { list, object, optional, required, text } from "../../language/shape.ts";
import { shownList } from "../format.ts";

interface Args extends ChangeFields {
  readonly command: readonly string[];
  readonly undo?: readonly string[];
}

export const exec: Kind = defineKind<Args, ProgramOutputs>({
  name: "exec",
  summary: "Run a program on this machine",
  doc: [
    "A list of the program and its arguments; no shell reads it, so nothing in a value is ever interpreted: `exec: [systemctl, restart, lav-gateway]`. It gets PATH, HOME, LANG, TZ and what `env` gives it, and no terminal. At the deadline it and everything it started is asked to end (SIGTERM), and a second later made to. While it runs, the newest line of its output is shown below the step at a terminal, without secrets; with `-v` the newest five, or in a log every line.",
    "It is a change, whatever it is, because nobody knows what a program does; for the few that only look there is `exec.read`. An exit code other than 0 (or those in `accept`) is a failure, and whether anything happened is unknown: it may have done half of its work. A secret goes into `env`: arguments can be read by everyone on the machine.",
    "`undo` is the command that takes it back, with the same `pass`, `env` and `cwd`: it is written to the undo runbook. Without it the plan says irreversible. A program that is not there stops the step before anybody is asked.",
  ].join("\n\n"),
  effect: "change",
  reaches: "nothing",
  args: object(
    {
      command: required(list(text(), { min: 1 }), "Program and arguments"),
      undo: optional(list(text(), { min: 1 }), "The command that takes it back"),
      ...changeFields,
    },
    { primary: "command" },
  ),
  outputs: programOutputs,
  did: ({ exit_code, elapsed }) => `exited with ${exit_code} after ${formatDuration(Math.round(elapsed))}`,
  unreachable: "unknown",
  undo: undoBy("a program's changes are unknown", ({ undo, ...args }: Args) => {
    return undo === undefined ? undefined : { exec: { command: undo, ...surroundings(args) } };
  }),
  check: checkEnv,
  plan: (args) => `exec: run ${line(args)}${withEnv(args)}`,
  byHand: (args) => commandLine(args, line(args)),
  obstacle: async (args, context) => await obstacleTo(args.command, args, context),
  execute: async (args, context) => await runProgramChange(args.command, args, context),
});

function line(args: DisplayArgs): string {
  return shownList(args["command"]).map(shellLiteral).join(" ");
}
