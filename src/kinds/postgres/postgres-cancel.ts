import { counted } from "../format.ts";
import { defineKind, type Kind } from "../kind.ts";
import {
  captureEnd,
  endByHand,
  endHappened,
  endOutputs,
  endWhose,
  executeEnd,
  previewEnd,
  type EndOutputs,
} from "./postgres-end.ts";
import { endFields, type EndArgs } from "./session-choice.ts";
import { object } from "../../language/shape.ts";

export const postgresCancel: Kind = defineKind<EndArgs, EndOutputs>({
  name: "postgres.cancel",
  summary: "Cancel statements whose transaction is old, and leave their sessions",
  doc: [
    "Only clients' sessions that run a statement, of the named roles, whose transaction is at least `older`. Replication, backups, the server's own processes and this tool's sessions are never touched. Each is bound by pid, by the start of its session and by that of its transaction to what the question showed: one that has moved on to another statement is left alone.",
    "A session keeps its connection; one that had an explicit transaction stays in it, aborted, until its client ends it. `remaining` counts the statements that had not stopped after five seconds.",
  ].join("\n\n"),
  effect: "change",
  args: object(endFields),
  outputs: endOutputs,
  store: "postgres",
  did: ({ ended, remaining }) =>
    `cancelled ${counted(ended, "statement")}${remaining === 0 ? "" : `; ${remaining} still run`}`,
  unreachable: "unknown",
  retrySafe: "every attempt selects only statements that are still running",
  undo: { how: "irreversible", why: "what a cancelled statement had done is rolled back" },
  plan: (args, { postgres }) =>
    `postgres.cancel: cancel statements of ${endWhose(args)} on PostgreSQL at ${postgres}`,
  byHand: (args, where) => endByHand("cancel", args, where),
  evidence: () => [{ type: "database" }],
  capture: async (args, context) => await captureEnd("cancel", args, context),
  preview: async (args, context) => await previewEnd("cancel", args, context),
  happened: async (_args, before, _since, context) => await endHappened("cancel", before, context),
  execute: async (args, context) => await executeEnd("cancel", args, context),
});
