// What the names of expressions are, for the reference, for `explain` and for lint. Their types are in scope.ts; a test
// holds the two together.

/** How a step, a group or an item of a list ended. */
export const stepEnds = ["ok", "failed", "skipped", "unknown"] as const;

/** How a run ended that `after` sees: one that was refused or broken off has not ended. */
export const runEnds = [
  /** Every finding was ok; no rung was needed. */
  "healthy",
  /** The findings hold after a rung. */
  "resolved",
  /** A procedure came to its end. */
  "completed",
  /** The diagnosis found something, and the runbook has no ladder. */
  "findings",
  "mitigated",
  "exhausted",
  "failed",
  "unknown",
] as const;

export interface NameText {
  /** As it is written, names of the author's own in capitals: `steps.ID.outcome`. */
  readonly written: string;
  readonly type: string;
  /** Completes "it is". */
  readonly doc: string;
  /** Where it can be read. */
  readonly seen: string;
  /** All that it can be; left out where that is open. */
  readonly values?: readonly string[];
}

const everywhere = "everywhere";
const behind = "in the steps behind it";
const inAfter = "in `after`";
const inForeach = "in a `foreach`";
const withService = "where the runbook has a `service`";

export const nameTexts: readonly NameText[] = [
  { written: "params.NAME", type: "as declared", seen: everywhere, doc: "a parameter of the runbook" },
  { written: "vars.NAME", type: "any", seen: behind, doc: "what a step's `save` kept" },
  {
    written: "now",
    type: "timestamp",
    seen: everywhere,
    doc: "the time at which the expression is evaluated",
  },
  {
    written: "changed",
    type: "timestamp",
    seen: everywhere,
    doc: "when the rung that is verified last changed something; missing before that: `has(changed)`",
  },
  {
    written: "steps.ID.OUTPUT",
    type: "the output's",
    seen: behind,
    doc: "an output of a step; within the step itself, in `expect`, `finding`, `save`, `until` and `label`, it is bare: `OUTPUT`",
  },
  {
    written: "steps.ID.outcome",
    type: "string",
    seen: behind,
    doc: "how a step or group ended; of a group the worst of it",
    values: stepEnds,
  },
  {
    written: "steps.ID.sentence",
    type: "string",
    seen: behind,
    doc: "the sentence that was shown about it",
  },
  {
    written: "steps.ID.items",
    type: "list",
    seen: behind,
    doc: "of a `foreach` instead of outputs: one entry an item, with `item`, `outcome`, `sentence` and the outputs",
  },
  { written: "item", type: "any", seen: inForeach, doc: "the item whose turn it is" },
  { written: "index", type: "int", seen: inForeach, doc: "its number, from 0" },
  { written: "run.id", type: "string", seen: everywhere, doc: "the id of this run" },
  { written: "run.operator", type: "string", seen: everywhere, doc: "who runs it" },
  {
    written: "run.incident",
    type: "string",
    seen: everywhere,
    doc: "the id of the incident that the run belongs to, empty without one",
  },
  { written: "run.outcome", type: "string", seen: inAfter, doc: "how the run ended", values: runEnds },
  {
    written: "run.rung",
    type: "string",
    seen: inAfter,
    doc: "the rung after which the findings held, empty without one",
  },
  { written: "run.elapsed", type: "duration", seen: inAfter, doc: "how long the run took until then" },
  {
    written: "run.not_ok",
    type: "list",
    seen: inAfter,
    doc: "each step and finding that was not ok: `title`, `outcome` (failed, unknown, waits), `sentence`",
  },
  { written: "platform.name", type: "string", seen: everywhere, doc: "the name in the platform file" },
  {
    written: "platform.environment",
    type: "string",
    seen: everywhere,
    doc: "its environment, empty without one",
  },
  {
    written: "platform.production",
    type: "bool",
    seen: everywhere,
    doc: "whether it says `production: true`",
  },
  {
    written: "platform.services.NAME.url",
    type: "string",
    seen: everywhere,
    doc: "the address of a service; `platform.services[params.which].url` works too; beside `url` there are `name`, `instances`, `api` and `health`",
  },
  { written: "service.name", type: "string", seen: withService, doc: "the name of the runbook's service" },
  { written: "service.url", type: "string", seen: withService, doc: "its address" },
  {
    written: "service.instances",
    type: "list of string",
    seen: withService,
    doc: "the addresses of its instances",
  },
  {
    written: "secrets.NAME",
    type: "string",
    seen: "in headers, passwords, a child's environment; an address may be one as a whole",
    doc: "a secret that `secrets:` names; never in an expectation or a sentence",
  },
];
