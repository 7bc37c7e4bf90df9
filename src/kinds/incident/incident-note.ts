import { boolean, defaulted, object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { inAnIncident, typed, say, saidOutputs, type SaidOutputs } from "./said.ts";

interface Args {
  readonly text: string;
  readonly at?: string;
  readonly decision: boolean;
}

export const incidentNote: Kind = defineKind<Args, SaidOutputs>({
  name: "incident.note",
  summary: "Note something in the incident",
  doc: [
    "Puts a sentence into the incident's timeline as `lav-ir note` does; with `decision: true` as a decision that was taken. It changes nothing of the platform and asks nobody. Run again, or resumed, it is noted once.",
    inAnIncident,
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      text: required(text({ template: "sentence" }), "What is noted"),
      at: optional(text(), "When it was so, where that is not now: `09:50`, `5m ago`"),
      decision: defaulted(boolean(), false, "It is a decision"),
    },
    { primary: "text" },
  ),
  outputs: saidOutputs,
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  plan: ({ text: noted, decision }) =>
    `incident.note: note ${decision === true ? "the decision" : "that"}: ${shown(noted)}`,
  byHand: ({ text: noted, at, decision }) =>
    typed([
      "note",
      ...(at === undefined ? [] : ["--at", shown(at)]),
      ...(decision === true ? ["--decision"] : []),
      shown(noted),
    ]),
  execute: async (args, context) => await say({ do: "note", ...args }, context),
});
