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
const proof = (action: string, end: string) =>
  [
    ["step.started", { run: "RUN-1", step: "one", action }],
    ["step.finished", { run: "RUN-1", step: "one", outputs: { verdict: end, halts: ["H-1"] } }],
  ] as const;
const older = [
  ["step.started", { run: "RUN-1", step: "one", action: "trading.halt: halt all at every instance of x" }],
  ["step.finished", { run: "RUN-1", step: "one", outputs: { outcome: "PROVEN", halts: ["H-1"] } }],
] as const;
const ofRun = "trading.halt: halt all at every instance of executioner, and prove it";
const looked = "trading.proof: prove that all is halted at executioner and the venues";
const part = "trading.halt: halt venue:ATLAS at every instance of executioner, and prove it";
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
  ["a run's halt", proof(ofRun, "PROVEN"), { is: "halted", since: 1 }],
  ["a run's halt that is not proven", proof(ofRun, "PARTIAL"), { is: "not halted" }],
  ["a run's halt of one venue", proof(part, "PROVEN"), { is: "not halted" }],
  ["a run's halt by an older version", older, { is: "halted", since: 1 }],
  ["a run's proof", proof(looked, "PROVEN"), { is: "halted", since: 1 }],
  ["another step's end", [proof(looked, "PROVEN")[1]], { is: "not halted" }],
] as const)("after %s", (_what, records, wanted) => {
  const desks = new Desks();
  desks.write("ny1", -1, "incident.declared", declared());
  for (const [minutes, [type, data]] of records.entries()) desks.put("ny1", minutes, type, data);
  const since = "since" in wanted ? { since: Date.parse(at(wanted.since)) } : {};
  expect(tradingStateOf(foldIncident(desks.records))).toEqual({ ...wanted, ...since });
});
