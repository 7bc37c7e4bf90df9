import { integer, list, oneOf, optional, required, text, object } from "../language/shape.ts";
import { ruleSentences } from "../language/diagnostic.ts";
import { line, type LineOf } from "./line-shape.ts";

/** Something that stands in a file, with its place. */
export const problemShape = object({
  rule: required(
    text(),
    "What it is about: " +
      Object.entries(ruleSentences)
        .map(([name, says]) => `${name}: ${says}`)
        .join("; ") +
      ".",
  ),
  file: required(text(), "The file as it was named or found."),
  line: required(integer({ min: 1 }), "Counted from 1."),
  column: required(integer({ min: 1 }), "Counted from 1, in UTF-16 units."),
  end_line: required(integer({ min: 1 }), "Where it ends."),
  end_column: required(integer({ min: 1 }), "The place behind its last character."),
  message: required(text(), "The problem in one line."),
  hint: optional(text(), "A suggestion."),
});

const code = oneOf("usage", "configuration", "runbook", "state", "consent", "interrupted");
/** Why a command refused. */
export type RefusalCode = NonNullable<(typeof code)["type"]>;

/** The one line of a command that did nothing. */
export const refusalLines = {
  error: line("The command refused, and nothing ran. No header precedes it.", {
    code: required(
      code,
      "usage: the command line, or a file or id named there. configuration: the platform file, the environment, a secret. runbook: a runbook. state: what lies in the state folder, or that cannot be written. consent: it is missing or was declined. interrupted: by the operator.",
    ),
    message: required(text(), "The same text as on stderr."),
    diagnostics: required(list(problemShape), "Each problem in a file; empty where files are not at fault."),
    exit_code: required(integer({ min: 1 }), "The exit code of the process."),
  }),
};
export type RefusalLine = LineOf<typeof refusalLines>;
