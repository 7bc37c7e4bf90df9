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
import { defineKind, type Kind } from "../kind.ts";
import { object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";

interface Args extends ChangeFields {
  readonly script: string;
  readonly undo?: string;
}

const interpreter = ["/bin/sh", "-eu", "-c"];

export const shell: Kind = defineKind<Args, ProgramOutputs>({
  name: "shell",
  summary: "Run a shell script on this machine",
  doc: [
    'The script is run by `/bin/sh -eu` exactly as written: no value is ever inserted into it, so `${…}` in it is an error. Values come through `env`, and the script reads them as `"$NAME"`. With `-e` and `-u` it ends at the first command that fails and at a variable that is not set.',
    "For everything else it is as `exec`: a change; an exit code other than 0 (or those in `accept`) is a failure whose effect is unknown; at the deadline it ends with everything it started.",
    "`undo` is the script that takes it back, with the same `pass`, `env` and `cwd`: it is written to the undo runbook. Without it the plan says irreversible. A program that is not there stops the step before anybody is asked.",
  ].join("\n\n"),
  effect: "change",
  reaches: "nothing",
  args: object(
    {
      script: required(
        text({ template: "none", instead: "Give the value in env: and write $NAME, without braces." }),
        "The script; never interpolated",
      ),
      undo: optional(
        text({ template: "none", instead: "Give the value in env: and write $NAME, without braces." }),
        "The script that takes it back",
      ),
      ...changeFields,
    },
    { primary: "script" },
  ),
  outputs: programOutputs,
  did: ({ exit_code, elapsed }) => `exited with ${exit_code} after ${formatDuration(Math.round(elapsed))}`,
  unreachable: "unknown",
  undo: undoBy("a script's changes are unknown", ({ undo, ...args }: Args) => {
    return undo === undefined ? undefined : { shell: { script: undo, ...surroundings(args) } };
  }),
  check: checkEnv,
  plan: (args) => `shell: run ${oneLine(shown(args["script"]))}${withEnv(args)}`,
  byHand: (args) => commandLine(args, [...interpreter, shown(args["script"])].map(shellLiteral).join(" ")),
  obstacle: async (args, context) => await obstacleTo(interpreter, args, context),
  execute: async (args, context) => await runProgramChange([...interpreter, args.script], args, context),
});

/** A script's lines one after the other, as a shell would also take them. */
function oneLine(script: string): string {
  const lines = script
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.length === 1 ? (lines[0] ?? "") : `${lines.length} lines: ${lines.join(" ⏎ ")}`;
}
