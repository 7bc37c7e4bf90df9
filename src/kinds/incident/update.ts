import { object, optional, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import {
  captureOf,
  happenedIn,
  inAnIncident,
  typed,
  previewOf,
  say,
  saidOutputs,
  type SaidOutputs,
} from "./said.ts";

interface Args {
  readonly text: string;
  readonly to?: string;
}

export const update: Kind = defineKind<Args, SaidOutputs>({
  name: "update",
  summary: "Send an update on the incident",
  doc: [
    "Sends an update on the incident as `lav-ir update` does: the rooms of the severity, or with `to` a team, a person or a channel. The question names who gets it by which channel. It meets the clock of updates, or its audience's, once a provider took it. Of a security incident the text stays on record and is not in the messages.",
    inAnIncident,
  ].join("\n\n"),
  effect: "change",
  args: object(
    {
      text: required(text(), "Text of the update"),
      to: optional(text(), "A team, a person or a channel; without it the rooms of the severity"),
    },
    { primary: "text" },
  ),
  outputs: saidOutputs,
  unreachable: "unknown",
  absent: "failed",
  retrySafe: "a message that is on record under this step is not queued again",
  undo: { how: "irreversible", why: "what was sent was sent" },
  plan: ({ text: told, to }) =>
    `update: tell ${to === undefined ? "the rooms of the severity" : shown(to)}: ${shown(told)}`,
  byHand: ({ text: told, to }) =>
    typed(["update", ...(to === undefined ? [] : ["--to", shown(to)]), shown(told)]),
  capture: async (args, context) => await captureOf({ do: "update", ...args }, context),
  preview: async (args, context) => await previewOf({ do: "update", ...args }, context),
  happened: async (_args, before, _since, context) => await happenedIn(before, context),
  execute: async (args, context) => await say({ do: "update", ...args }, context),
});
