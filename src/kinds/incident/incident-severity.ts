import { didYouMean } from "../../base/suggest.ts";
import { object, required, text } from "../../language/shape.ts";
import { shown } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import { inAnIncident, reaching, textIn, typed, type SaidOutputs } from "./said.ts";

interface Args {
  readonly to: string;
  readonly why: string;
}

export const incidentSeverity: Kind = defineKind<Args, SaidOutputs>({
  ...reaching((args: Args) => ({ do: "severity", ...args })),
  name: "incident.severity",
  summary: "Raise or lower the incident's severity",
  doc: [
    "Changes the severity as `lav-ir severity` does. It changes nothing of the platform, but a raise pages everybody who belongs to the new severity and starts its clocks: it is asked for, and the question names who is paged by which channel. Where the incident has that severity already, nothing is done.",
    inAnIncident,
  ].join("\n\n"),
  args: object({
    to: required(
      text({ pattern: { test: /^[A-Za-z][A-Za-z0-9_-]*$/, says: "a severity" } }),
      "The new severity: P0 to P3, or another name that the platform file has for one",
    ),
    why: required(text({ template: "sentence" }), "The reason"),
  }),
  retrySafe: "an incident that has the severity is left as it is",
  undo: {
    how: "steps",
    steps: ({ to }, before) => {
      const from = textIn(before, "severity");
      if (from === undefined || from === "" || from === to) return undefined;
      return [{ "incident.severity": { to: from, why: `taken back: it was raised or lowered to ${to}` } }];
    },
  },
  check: ({ to }, { severities, platform }) => {
    const name = shown(to);
    if (name.includes("‹") || Object.hasOwn(severities, name)) return undefined;
    const known = Object.keys(severities);
    return `${platform} has no severity ${name}${didYouMean(name, known)}; it has ${known.join(", ")}`;
  },
  plan: ({ to, why }) => `incident.severity: change the severity to ${shown(to)}: ${shown(why)}`,
  byHand: ({ to, why }) => typed(["severity", shown(to), shown(why)]),
});
