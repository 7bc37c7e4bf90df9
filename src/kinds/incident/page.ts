import { object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { inAnIncident, sending, typed, type SaidOutputs } from "./said.ts";

interface Args {
  readonly who: string;
  readonly text?: string;
}

export const page: Kind = defineKind<Args, SaidOutputs>({
  ...sending((args: Args) => ({ do: "page", ...args }), "who was paged was paged"),
  name: "page",
  summary: "Page people in the incident",
  doc: [
    "Pages as `lav-ir page WHO` does: whom a severity pages (`P0`), a level of the escalation, a channel, a team or a person of the platform file. The question names who is paged by which channel. The record comes first, then the sender has it; a channel that cannot take it is shown by `lav-ir status`. `reaches` is who it was queued for, `call` whom only a telephone reaches.",
    inAnIncident,
  ].join("\n\n"),
  args: object(
    {
      who: required(text(), "A severity, a level of the escalation, a channel, a team or a person"),
      text: optional(text({ template: "sentence" }), "Text to add to the alert"),
    },
    { primary: "who" },
  ),
  plan: ({ who, text: more }) =>
    `page: page ${shown(who)}${more === undefined ? "" : `, saying ${shown(more)}`}`,
  byHand: ({ who, text: more }) => typed(["page", shown(who), ...(more === undefined ? [] : [shown(more)])]),
});
