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

export const postgresTerminate: Kind = defineKind<EndArgs, EndOutputs>({
  name: "postgres.terminate",
  summary: "End sessions whose transaction is old, running or idle",
  doc: [
    "Only clients' sessions in a transaction, of the named roles, whose transaction is at least `older`. A session that is idle outside of one is a pool's spare connection and stays, however long ago its last statement was. Replication, backups, the server's own processes and this tool's sessions are never touched.",
    "Each is bound by pid, by the start of its session and by that of its transaction to what the question showed. It is done when every one of them is gone.",
  ].join("\n\n"),
  effect: "destructive",
  args: object(endFields),
  outputs: endOutputs,
  store: "postgres",
  did: ({ ended, remaining }) =>
    `ended ${counted(ended, "session")}${remaining === 0 ? "" : `; ${remaining} still there`}`,
  unreachable: "unknown",
  retrySafe: "every attempt selects only sessions that are still there",
  undo: { how: "irreversible", why: "what a session had not committed is gone with it" },
  plan: (args, { postgres }) =>
    `postgres.terminate: end sessions of ${endWhose(args)} on PostgreSQL at ${postgres}`,
  byHand: (args, where) => endByHand("terminate", args, where),
  evidence: () => [{ type: "database" }],
  capture: async (args, context) => await captureEnd("terminate", args, context),
  preview: async (args, context) => await previewEnd("terminate", args, context),
  happened: async (_args, before, _since, context) => await endHappened("terminate", before, context),
  execute: async (args, context) => await executeEnd("terminate", args, context),
});
