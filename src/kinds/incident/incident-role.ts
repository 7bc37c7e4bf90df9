import { defaulted, object, oneOf, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { inAnIncident, typed, say, saidOutputs, type SaidOutputs } from "./said.ts";

interface Args {
  readonly person: string;
  readonly role: string;
}

export const incidentRole: Kind = defineKind<Args, SaidOutputs>({
  name: "incident.role",
  summary: "Give a role in the incident to somebody",
  doc: [
    "Puts on record who commands, as `lav-ir role commander bob` does; `me` is the operator of the run. It changes nothing of the platform and asks nobody: let an `ask` before it hear who takes it. A role that somebody hands over is `lav-ir handoff`.",
    inAnIncident,
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object(
    {
      person: required(text(), "A person of the platform file, or `me`"),
      role: defaulted(oneOf("commander", "scribe", "comms"), "commander", "Which role"),
    },
    { primary: "person" },
  ),
  outputs: saidOutputs,
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  plan: ({ person, role }) => `incident.role: ${shown(role ?? "commander")} is ${shown(person)}`,
  byHand: ({ person, role }) => typed(["role", shown(role ?? "commander"), shown(person)]),
  execute: async (args, context) => await say({ do: "role", ...args }, context),
});
