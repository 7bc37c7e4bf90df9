import { object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { inAnIncident, sending, typed, type SaidOutputs } from "./said.ts";

interface Args {
  readonly text: string;
  readonly to?: string;
}

export const update: Kind = defineKind<Args, SaidOutputs>({
  ...sending((args: Args) => ({ do: "update", ...args }), "what was sent was sent"),
  name: "update",
  summary: "Send an update on the incident",
  doc: [
    "Sends an update on the incident as `lav-ir update` does: the rooms of the severity, or with `to` a team, a person or a channel. The question names who gets it by which channel. It meets the clock of updates, or its audience's, once a provider took it. Of a security incident the text stays on record and is not in the messages.",
    inAnIncident,
  ].join("\n\n"),
  args: object(
    {
      text: required(text({ template: "sentence" }), "Text of the update"),
      to: optional(text(), "A team, a person or a channel; without it the rooms of the severity"),
    },
    { primary: "text" },
  ),
  plan: ({ text: told, to }) =>
    `update: tell ${to === undefined ? "the rooms of the severity" : shown(to)}: ${shown(told)}`,
  byHand: ({ text: told, to }) =>
    typed(["update", ...(to === undefined ? [] : ["--to", shown(to)]), shown(told)]),
});
