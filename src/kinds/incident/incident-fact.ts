import { boolean, defaulted, object, optional, required, text } from "../../language/shape.ts";
import { factNames, isFactName } from "../../platform/key-events.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { inAnIncident, typed, say, saidOutputs, type SaidOutputs } from "./said.ts";

interface Args {
  readonly name: string;
  readonly value?: string;
  readonly at?: string;
  readonly measured: boolean;
}

export const incidentFact: Kind = defineKind<Args, SaidOutputs>({
  name: "incident.fact",
  summary: "State a key event or a figure of the incident",
  doc: [
    `Puts on record that something happened, as \`lav-ir fact\` does, and so meets the clock that waits for it: ${factNames.join(", ")}, or \`reported-…\`. It changes nothing of the platform and asks nobody: let an \`ask\` before it hear from a person that it is so. Run again, or resumed, it is stated once.`,
    inAnIncident,
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      name: required(text(), "Which"),
      value: optional(text(), "Its value"),
      at: optional(
        text(),
        "When it was so, where that is not now: `09:50`, `5m ago`, an instant that a read gave",
      ),
      measured: defaulted(boolean(), false, "Its time or value is a read's, and no person states it"),
    },
    { primary: "name" },
  ),
  outputs: saidOutputs,
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  check: ({ name }) =>
    typeof name !== "string" || name.includes("‹") || isFactName(name)
      ? undefined
      : `${name} is no fact (facts: ${factNames.join(", ")}, reported-…)`,
  plan: ({ name, value, measured }) =>
    `incident.fact: state ${shown(name)}${value === undefined ? "" : `: ${shown(value)}`}${measured === true ? ", as measured" : ""}`,
  byHand: ({ name, value, at }) =>
    typed([
      "fact",
      ...(at === undefined ? [] : ["--at", shown(at)]),
      shown(name),
      ...(value === undefined ? [] : [shown(value)]),
    ]),
  execute: async (args, context) => await say({ do: "fact", ...args }, context),
});
