import { ok } from "../../base/result.ts";
import { object } from "../../language/shape.ts";
import type { Standing } from "../../ports/incident.ts";
import { defineKind, type Kind } from "../kind.ts";
import { deskIn, inAnIncident } from "./said.ts";

type Outputs = Omit<Standing, "commander"> & { readonly commander: string };

export const incidentStatus: Kind = defineKind<object, Outputs>({
  name: "incident.status",
  summary: "Read the state of the incident and its clocks",
  doc: [
    'What `lav-ir status` shows, for a condition or a sentence: `when: steps.now.commander == ""`, `expect: has(events.paged)`, `finding: "bridge: ${clocks.bridge}"`. It reads the records of this machine alone.',
    inAnIncident,
  ].join("\n\n"),
  effect: "read",
  reaches: "nothing",
  args: object({}),
  outputs: {
    incident: { type: "string", doc: "The incident's number" },
    severity: { type: "string", doc: "The severity in force" },
    security: { type: "bool", doc: "Only private channels carry it, without its impact" },
    elapsed: { type: "duration", doc: "Time since it was declared" },
    clocks: {
      type: "map<string, string>",
      doc: "Clocks in force by name, each with its state: `4m left of 15m`, `met in 2s`, `MISSED 3m ago`",
    },
    events: { type: "dyn", doc: "When each key event happened, by its name; one that did not is missing" },
    commander: { type: "string", doc: "Who commands; empty while nobody does" },
    paged: {
      type: "list<string>",
      doc: "Pages of this severity and what became of each: `war-room: accepted`",
    },
    silent: { type: "list<string>", doc: "Who was paged and has not answered" },
    text: { type: "string", doc: "Severity and clocks in one sentence" },
  },
  unreachable: "unknown",
  absent: "failed",
  undo: { how: "nothing" },
  plan: () => "incident.status: read the state of the incident",
  byHand: () => "lav-ir status",
  execute: async (_args, { ports }) => {
    const desk = deskIn(ports);
    if (!desk.ok) return desk;
    const standing = await desk.value.standing();
    if (!standing.ok) return standing;
    return ok({ ...standing.value, commander: standing.value.commander ?? "" });
  },
});
