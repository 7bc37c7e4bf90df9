import { expect, test } from "vitest";
import { foldIncident } from "../../src/incident/fold.ts";
import { tradingStateOf } from "../../src/incident/trading-state.ts";
import { at, declared, Desks } from "./chains.ts";

// Whether trading is halted, as the records of an incident say; never halted once somebody began to let it go on.

const halt = ["halt.receipt", { halt: "HALT-1", outcome: "PROVEN" }] as const;
const partial = ["halt.receipt", { halt: "HALT-1", outcome: "PARTIAL" }] as const;
const change = (action: string) => ["step.intent", { run: "RUN-1", key: "steps/one", action }] as const;
const resume = change("trading.resume: reduce-only at every instance");
const outcome = (status: string) => ["step.outcome", { run: "RUN-1", key: "steps/one", status }] as const;
const other = change("http.post: POST http://x/trading.resume:");

test.each([
  ["nothing", [], { is: "not halted" }],
  ["a halt that is not proven", [partial], { is: "not halted" }],
  ["a halt", [halt], { is: "halted", since: 0 }],
  ["a halt, and a change that is none of trading", [halt, other], { is: "halted", since: 0 }],
  ["a resumption that was begun", [halt, resume], { is: "resuming", since: 1 }],
  ["one that took place", [halt, resume, outcome("ok")], { is: "resuming", since: 1 }],
  ["one of which nobody knows", [halt, resume, outcome("unknown")], { is: "resuming", since: 1 }],
  ["one that failed without effect", [halt, resume, outcome("failed")], { is: "halted", since: 0 }],
  ["a halt after it", [halt, resume, outcome("ok"), halt], { is: "halted", since: 3 }],
] as const)("after %s", (_what, records, wanted) => {
  const desks = new Desks();
  desks.write("ny1", -1, "incident.declared", declared());
  for (const [minutes, [type, data]] of records.entries()) desks.put("ny1", minutes, type, data);
  const since = "since" in wanted ? { since: Date.parse(at(wanted.since)) } : {};
  expect(tradingStateOf(foldIncident(desks.records))).toEqual({ ...wanted, ...since });
});
