// What could not be read of a runbook keeps its place in it, so that everything else is still checked and no problem
// is reported twice: a step that has one is still there for those that need it. No runbook with such a part is run.

import { defineKind, type Kind } from "../kinds/kind.ts";
import { object } from "../language/shape.ts";

/** Stands for a verb that is none, or for several: its outputs may be any. */
export const unreadKind: Kind = defineKind<object, object>({
  name: "unread",
  summary: "",
  doc: "",
  effect: "read",
  args: object({}),
  outputs: {},
  unreachable: "unknown",
  undo: { how: "nothing" },
  plan: () => "",
  byHand: () => "",
  execute: () => Promise.reject(new Error("a step that could not be read was run")),
});
